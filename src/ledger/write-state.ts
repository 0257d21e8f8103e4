import { open, rename, rm, writeFile } from 'node:fs/promises';
import type { DocumentRecord } from '../domain/ports.ts';
import { formatRecordLine } from './record-line.ts';

/** Lines per write. */
const AT_ONCE = 1000;

/** Writes a state file anew, with one line per document: whole and durably, or not at all. */
export async function writeState(file: string, records: ReadonlyMap<string, DocumentRecord>): Promise<void> {
  const temp = `${file}.tmp`;
  try {
    const handle = await open(temp, 'w', 0o644);
    try {
      await writeFile(handle, chunks(records));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temp, file);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}

function* chunks(records: ReadonlyMap<string, DocumentRecord>): Generator<string> {
  let lines: string[] = [];
  for (const [id, record] of records) {
    lines.push(formatRecordLine({ id, record }));
    if (lines.length < AT_ONCE) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}
