import { setImmediate } from 'node:timers/promises';
import { answerValue } from '../cli/inspect/answer-value.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import type { Receipt } from '../domain/receipt.ts';
import { type ListPath, unrolled } from '../report/answer-lists.ts';

const ROWS_PER_TURN = 1000;

export interface ResultRow {
  readonly receipt: Receipt;
  /** Text, or what its JSON stands for; undefined where its list has no items. */
  readonly answer: unknown;
}

/** A row for each result; with a list, for each of its items, and one where there are none. */
export async function* resultRows(reader: LedgerReader, list: ListPath | null): AsyncGenerator<ResultRow> {
  let count = 0;
  for (const row of rowsOf(reader, list)) {
    count += 1;
    // The event loop goes on in between: not before then the driver frees what was read.
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after another is what it is about
    if (count % ROWS_PER_TURN === 0) await setImmediate();
    yield row;
  }
}

function* rowsOf(reader: LedgerReader, list: ListPath | null): Generator<ResultRow> {
  for (const { receipt, answer } of reader.results()) {
    const value = answerValue(answer);
    for (const row of list === null ? [value] : unrolled(value, list)) yield { receipt, answer: row };
  }
}
