import type { Reading, Section } from './reading.ts';
import type { XmlElement } from './xml.ts';
import type { Archive } from './zip.ts';

/** A presentation as Markdown. */
export function pptxText(_archive: Archive, _path: string, _main: XmlElement, reading: Reading): readonly Section[] {
  reading.uses('pptx');
  return [];
}
