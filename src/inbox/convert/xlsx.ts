import type { Reading, Section } from './reading.ts';
import type { XmlElement } from './xml.ts';
import type { Archive } from './zip.ts';

/** The sheets of a workbook. */
export function xlsxText(_archive: Archive, _path: string, _main: XmlElement, reading: Reading): readonly Section[] {
  reading.uses('xlsx');
  return [];
}
