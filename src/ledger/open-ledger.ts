import { copyFile, mkdir, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { defer } from 'rxjs';
import { DiskTrouble, errorMessage } from '../domain/errors.ts';
import type { DocumentRecord, Ledger } from '../domain/ports.ts';
import { openAppender } from './open-appender.ts';
import { readState, type State } from './read-state.ts';
import { formatRecordLine } from './record-line.ts';
import { writeState } from './write-state.ts';

export interface FileLedger extends Ledger {
  /** What a person should be told of opening it, a sentence each. */
  readonly warnings: readonly string[];
  /** What the answers that it remembers came through. */
  answeredThrough(): ReadonlySet<string>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/**
 * Opens the ledger of a workspace; `folder` is its `.sluice/`, made if missing. Only one process at a time may have it
 * open. Rejects with `DiskTrouble`, as do the Observables, which may be subscribed to again; a record counts from when it
 * is written.
 */
// The SQLite ledger plugs in here: it takes the place of this function, behind the same port.
export async function openLedger(folder: string, now: () => Date = () => new Date()): Promise<FileLedger> {
  const file = join(folder, 'state.jsonl');
  const { records, warnings, appender } = await troubled(file, async () => {
    await mkdir(folder, { recursive: true });
    const state = await readState(file);
    const mended = await mend(file, state, now());
    return { records: state.records, warnings: mended, appender: await openAppender(file) };
  });

  const append = (id: string, record: DocumentRecord | null) =>
    troubled(file, () => appender.append(formatRecordLine({ id, record })));

  return {
    warnings,
    answeredThrough: () => new Set([...records.values()].flatMap(({ state, api }) => (state === 'done' ? [api] : []))),
    recall: (id) => records.get(id),
    record: (id, record) => defer(async () => append(id, record).then(() => void records.set(id, record))),
    forget: (id) => defer(async () => append(id, null).then(() => void records.delete(id))),
    close: () => troubled(file, () => appender.close()),
  };
}

/** Makes the file what was understood of it: without a torn end, stale or damaged lines. Resolves to warnings. */
async function mend(file: string, state: State, now: Date): Promise<string[]> {
  const { records, lines, damagedLines, wholeBytes, tornBytes } = state;
  if (damagedLines > 0) {
    const aside = `${file}.damaged-${now.toISOString().replaceAll(':', '-')}`;
    await copyFile(file, aside);
    await writeState(file, records);
    const lost = damagedLines === 1 ? '1 line' : `${damagedLines} lines`;
    return [`${lost} of the ledger ${file} could not be read. The rest is kept; the old file is ${basename(aside)}.`];
  }
  if (lines > 2 * records.size) await writeState(file, records);
  else if (tornBytes > 0) await truncate(file, wholeBytes);
  return [];
}

async function troubled<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DiskTrouble(`The ledger ${file} refuses: ${errorMessage(error)}`, { cause: error });
  }
}
