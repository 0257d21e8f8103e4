import type { Reading, Section } from './reading.ts';
import type { XmlElement } from './xml.ts';
import type { Archive } from './zip.ts';

/** A Word document as Markdown. */
export function docxText(_archive: Archive, _path: string, _main: XmlElement, reading: Reading): readonly Section[] {
  reading.uses('docx');
  return [];
}
