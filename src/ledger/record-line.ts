import { isRecord, parseJson } from '../domain/json.ts';
import type { DocumentRecord } from '../domain/ports.ts';

/** What a line of the state file says of a document; a null record: forget it. */
export interface RecordLine {
  readonly id: string;
  readonly record: DocumentRecord | null;
}

/** A line, with its end. */
export function formatRecordLine({ id, record }: RecordLine): string {
  return `${JSON.stringify({ id, ...record })}\n`;
}

/**
 * Reads a line, without its end; null where it is damaged. `same` gives one string for equal ones, for a field that is
 * the same in very many records.
 */
export function parseRecordLine(line: string, same: (text: string) => string): RecordLine | null {
  const fields = parseJson(line);
  if (!isRecord(fields) || typeof fields['id'] !== 'string') return null;
  const { id, state, size, mtimeMs, sha256, api } = fields;
  if (state === undefined) return { id, record: null };
  if (state !== 'done' && state !== 'failed') return null;
  if (typeof size !== 'number' || typeof mtimeMs !== 'number' || typeof api !== 'string') return null;
  if (typeof sha256 !== 'string' && sha256 !== null) return null;
  return { id, record: { state, size, mtimeMs, sha256, api: same(api) } };
}
