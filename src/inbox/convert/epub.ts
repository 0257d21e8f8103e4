import type { Reading, Section } from './reading.ts';
import type { Archive } from './zip.ts';

/** A book as Markdown. */
export function epubText(_archive: Archive, reading: Reading): readonly Section[] {
  reading.uses('epub');
  return [];
}
