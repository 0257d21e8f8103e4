import type { Reading, Section } from './reading.ts';
import type { Archive } from './zip.ts';

/** An OpenDocument text, presentation or spreadsheet as Markdown. */
export function odfText(_archive: Archive, reading: Reading): readonly Section[] {
  reading.uses('odt');
  return [];
}
