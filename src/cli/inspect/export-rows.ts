import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../../domain/errors.ts';
import type { LedgerReader, Receipt } from '../../domain/receipt.ts';
import { isRecord } from '../../lib/json.ts';
import { nearest } from '../../lib/text.ts';
import { visible } from '../../report/words.ts';
import { answerValue, hasList, jsonText, type ListPath, listNames, nameOf, unrolled } from './answer-value.ts';

/** One value of a table. */
export type Cell = string | number | null;

/** The columns beside document and answer, and the receipt's field that each shows. */
const RECEIPT_FIELDS = {
  model: 'servedModel',
  promptTokens: 'promptTokens',
  cachedTokens: 'cachedTokens',
  completionTokens: 'completionTokens',
  reasoningTokens: 'reasoningTokens',
  costUsd: 'costUsd',
  costUnknownAttempts: 'costUnknownAttempts',
  costFrom: 'costFrom',
  seconds: 'seconds',
  attempts: 'attempts',
  answeredAt: 'answeredAt',
  requestedModel: 'requestedModel',
  api: 'api',
  provider: 'provider',
  generationId: 'generationId',
  recipe: 'recipe',
  recipeHash: 'recipeHash',
  result: 'result',
  sha256: 'sha256',
  size: 'size',
  fingerprint: 'fingerprint',
  reusedFrom: 'reusedFrom',
} as const satisfies Readonly<Record<string, keyof Receipt>>;

/** The columns after those of the answer. */
export const RECEIPT_COLUMNS: readonly string[] = [...Object.keys(RECEIPT_FIELDS), 'notes'];

/** Reasoning and annotations are left out: they may be large, and receipts hold them. */
export function receiptCells(receipt: Receipt): Readonly<Record<string, Cell>> {
  const fields = Object.entries(RECEIPT_FIELDS).map(([column, field]) => [column, receipt[field]] as const);
  return { ...Object.fromEntries(fields), notes: receipt.notes.length === 0 ? null : receipt.notes.join(' ') };
}

/**
 * The cell `answer`; for an object instead a cell for each field, such as `answer.sender.name`; none for undefined.
 * Numbers that JavaScript cannot hold are text, digit by digit.
 */
export function answerCells(answer: unknown): Readonly<Record<string, Cell>> {
  return Object.fromEntries(flatten(['answer'], answer));
}

/** A list stays one cell, as JSON: its length differs from row to row. */
function flatten(path: ListPath, value: unknown): [string, Cell][] {
  if (value === undefined) return [];
  if (isRecord(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, field]) => flatten([...path, key], field));
  const isCell = typeof value === 'string' || typeof value === 'number' || value === null;
  return [[nameOf(path), isCell ? value : jsonText(value)]];
}

const ROWS_PER_TURN = 1000;

interface ExportRow {
  readonly receipt: Receipt;
  /** Text or parsed JSON; undefined if its list has no items. */
  readonly answer: unknown;
}

/** A row for each result; with a list, a row for each of its items, or one if there are none. */
export async function* resultRows(reader: LedgerReader, list: ListPath | null): AsyncGenerator<ExportRow> {
  let count = 0;
  for (const { receipt, answer } of reader.results()) {
    const value = answerValue(answer);
    for (const row of list === null ? [value] : unrolled(value, list)) {
      count += 1;
      // The driver frees what was read only in the next turn of the event loop.
      // oxlint-disable-next-line eslint/no-await-in-loop -- rows come one after another
      if (count % ROWS_PER_TURN === 0) await setImmediate();
      yield { receipt, answer: row };
    }
  }
}

/** Lists that an error names: an answer may have thousands. */
const LISTS_NAMED = 10;

/** Reads until an answer has the list. Throws a UsageError if there are answers and none has it. */
export async function requireList(reader: LedgerReader, list: ListPath): Promise<void> {
  const others = new Set<string>();
  let count = 0;
  for await (const { answer } of resultRows(reader, null)) {
    if (hasList(answer, list)) return;
    for (const other of listNames(answer)) others.add(other);
    count += 1;
  }
  if (count === 0) return;
  const named = [...others].slice(0, LISTS_NAMED).map(visible).join(', ');
  const lists = `Lists of answers are: ${named}${others.size > LISTS_NAMED ? ', ...' : ''}`;
  throw new UsageError(
    `--rows ${visible(nameOf(list))}: no answer has such a list. ${others.size === 0 ? 'None has any list.' : lists}`,
  );
}

/**
 * The columns of a CSV, or those of them that are `chosen`. The ledger is read for it, so that the columns are known before
 * the first row and no row is kept. Throws a UsageError if there is no such column.
 */
export async function csvColumns(
  reader: LedgerReader,
  list: ListPath | null,
  chosen: readonly string[] | null,
): Promise<readonly string[]> {
  const plain = ['document', ...RECEIPT_COLUMNS];
  if (chosen?.every((name) => plain.includes(name)) === true) return chosenColumns(plain, chosen);
  const found = await answerColumns(reader, list);
  const ofFields = (chosen ?? []).filter((name) => name.startsWith('answer.'));
  // Without a result, the fields of answers are not known.
  const ofAnswer = found.length > 0 ? found : ['answer', ...ofFields];
  return chosenColumns(['document', ...ofAnswer, ...RECEIPT_COLUMNS], chosen);
}

/** In the order in which they are found; columns of the list's items come last. */
async function answerColumns(reader: LedgerReader, list: ListPath | null): Promise<readonly string[]> {
  const columns = new Set<string>();
  for await (const { answer } of resultRows(reader, list))
    for (const column of Object.keys(answerCells(answer))) columns.add(column);
  if (list === null) return [...columns];
  const ofItems = `${nameOf(['answer', ...list])}.`;
  const rank = (column: string): number => (`${column}.`.startsWith(ofItems) ? 1 : 0);
  return [...columns].toSorted((one, other) => rank(one) - rank(other));
}

/** Columns that an error names: an answer may have thousands of fields. */
const COLUMNS_NAMED = 40;

/** The columns with these names, in their order; `answer` has `answer.sender.name`, too. Throws a UsageError if one has none. */
export function chosenColumns(all: readonly string[], names: readonly string[] | null): readonly string[] {
  if (names === null) return all;
  const columnsOf = (name: string): readonly string[] =>
    all.filter((column) => column === name || column.startsWith(`${name}.`));
  const unknown = names.filter((name) => columnsOf(name).length === 0);
  if (unknown.length > 0) throw new UsageError(unknownColumns(unknown, all));
  return [...new Set(names.flatMap(columnsOf))];
}

function unknownColumns(names: readonly string[], all: readonly string[]): string {
  const each = names.map((name) => {
    // Of a field, its last name is what a person remembers.
    const ending = all.find((column) => column.endsWith(`.${name}`));
    const meant = ending ?? nearest(name, all);
    return `there is no column ${JSON.stringify(name)}${meant === null ? '.' : `: did you mean ${visible(meant)}?`}`;
  });
  const listed = all.slice(0, COLUMNS_NAMED).map(visible).join(', ');
  return `--columns: ${each.join(' And ')} Columns are: ${listed}${all.length > COLUMNS_NAMED ? ', ...' : ''}`;
}
