import type { Receipt } from '../../domain/receipt.ts';
import { isRecord } from '../../lib/json.ts';
import { type ListPath, nameOf } from '../../report/answer-lists.ts';
import { jsonText } from '../../report/json-text.ts';

/** One value of a table. */
export type Cell = string | number | null;

/** What a table tells of a result beside document and answer, by column. */
const RECEIPT_FIELDS = {
  model: 'servedModel',
  promptTokens: 'promptTokens',
  cachedTokens: 'cachedTokens',
  completionTokens: 'completionTokens',
  reasoningTokens: 'reasoningTokens',
  costUsd: 'costUsd',
  costUnknownAttempts: 'costUnknownAttempts',
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

/** The columns that stand behind those of the answer. */
export const RECEIPT_COLUMNS: readonly string[] = [...Object.keys(RECEIPT_FIELDS), 'notes'];

/** A row as one object; undefined is left out. */
export function exportObject(receipt: Receipt, answer: unknown): Readonly<Record<string, unknown>> {
  return { document: receipt.document, answer, ...receiptCells(receipt) };
}

/** Without what may be large, such as reasoning and annotations: receipts have that. */
export function receiptCells(receipt: Receipt): Readonly<Record<string, Cell>> {
  const fields = Object.entries(RECEIPT_FIELDS).map(([column, field]) => [column, receipt[field]] as const);
  return { ...Object.fromEntries(fields), notes: receipt.notes.length === 0 ? null : receipt.notes.join(' ') };
}

/**
 * The cell `answer`; of an object, a cell for each of its fields instead, as `answer.sender.name`. Of undefined, none.
 * Numbers that JavaScript cannot hold are text, digit by digit.
 */
export function answerCells(answer: unknown): Readonly<Record<string, Cell>> {
  return Object.fromEntries(flatten(['answer'], answer));
}

/** Lists stay one cell, as JSON: how long they are differs from row to row. */
function flatten(path: ListPath, value: unknown): [string, Cell][] {
  if (value === undefined) return [];
  if (isRecord(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, field]) => flatten([...path, key], field));
  return [[nameOf(path), cellOf(value)]];
}

function cellOf(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' || value === null ? value : jsonText(value);
}
