import { readFile } from 'node:fs/promises';
import { errorCode } from '../domain/errors.ts';
import type { DocumentRecord } from '../domain/ports.ts';
import { parseRecordLine } from './record-line.ts';

export interface State {
  /** By document id. */
  readonly records: Map<string, DocumentRecord>;
  readonly lines: number;
  readonly damagedLines: number;
  /** Up to the end of the last whole line. */
  readonly wholeBytes: number;
  /** After it: a line that was torn by the death of a process. */
  readonly tornBytes: number;
}

/** Reads a state file; the last line of a document wins. One that is not there is empty. */
export async function readState(file: string): Promise<State> {
  const content = await readFile(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const wholeBytes = content.lastIndexOf('\n') + 1;
  const tornBytes = content.length - wholeBytes;
  return { ...readLines(content.toString('utf8', 0, wholeBytes)), wholeBytes, tornBytes };
}

function readLines(text: string): Omit<State, 'wholeBytes' | 'tornBytes'> {
  const records = new Map<string, DocumentRecord>();
  const same = createSame();
  let lines = 0;
  let damagedLines = 0;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    const line = parseRecordLine(text.slice(start, end), same);
    start = end + 1;
    lines += 1;
    if (line === null) damagedLines += 1;
    else if (line.record === null) records.delete(line.id);
    else records.set(line.id, line.record);
  }
  return { records, lines, damagedLines };
}

/** Gives the first string of each value for all that are equal, so that the others cost no memory. */
function createSame(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const first = known.get(text);
    if (first !== undefined) return first;
    known.set(text, text);
    return text;
  };
}
