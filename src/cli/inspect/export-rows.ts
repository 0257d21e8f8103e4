import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../../domain/errors.ts';
import type { LedgerReader, Receipt } from '../../domain/receipt.ts';
import { isRecord } from '../../lib/json.ts';
import { visible } from '../../report/words.ts';
import { answerValue, jsonText } from './answer-value.ts';

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
const NAMED_AT_MOST = 10;

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
  const named = [...others].slice(0, NAMED_AT_MOST).map(visible).join(', ');
  const lists = `Lists of answers are: ${named}${others.size > NAMED_AT_MOST ? ', ...' : ''}`;
  throw new UsageError(
    `--rows ${visible(nameOf(list))}: no answer has such a list. ${others.size === 0 ? 'None has any list.' : lists}`,
  );
}

/** The keys that lead to a list in an answer; empty if the answer is the list itself. */
export type ListPath = readonly string[];

/** A dot that no backslash escapes. */
const DOT_BETWEEN = /(?<=(?<!\\)(?:\\{2})*)\./;

/** The path that a name stands for: `lines`, `data.lines`, `.` for the answer itself. */
export function listPath(name: string): ListPath {
  return name === '.' ? [] : name.split(DOT_BETWEEN).map((key) => key.replaceAll(/\\([\\.])/g, '$1'));
}

/** The name of a path, as `--rows` takes it and columns have it. A dot in a key is `\.` there, a backslash `\\`. */
export function nameOf(path: ListPath): string {
  return path.length === 0 ? '.' : path.map((key) => key.replaceAll(/[\\.]/g, String.raw`\$&`)).join('.');
}

/**
 * The value once for each item of the list at `path`, with the item in place of the list; lists on the way there are
 * unrolled, too. Once as it is if there is no such list; once with undefined in its place if it is empty or null.
 */
export function* unrolled(value: unknown, path: ListPath): Generator {
  const [key, ...rest] = path;
  for (const item of itemsOf(value)) {
    if (key === undefined || !isRecord(item) || !Object.hasOwn(item, key)) yield item;
    else for (const inner of unrolled(item[key], rest)) yield { ...item, [key]: inner };
  }
}

/** Whether there is a list at the path; null counts as an empty one. */
export function hasList(value: unknown, [key, ...rest]: ListPath): boolean {
  if (key === undefined) return Array.isArray(value) || value === null;
  const items = Array.isArray(value) ? value : [value];
  return items.some((item) => isRecord(item) && Object.hasOwn(item, key) && hasList(item[key], rest));
}

/** The names of all lists in a value; a name may come more than once. */
export function* listNames(value: unknown, path: ListPath = []): Generator<string> {
  if (Array.isArray(value)) {
    yield nameOf(path);
    for (const item of value) yield* listNames(item, path);
  } else if (isRecord(value)) for (const [key, field] of Object.entries(value)) yield* listNames(field, [...path, key]);
}

function itemsOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value ?? undefined];
  return value.length === 0 ? [undefined] : value;
}
