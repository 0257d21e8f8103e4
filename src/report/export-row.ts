import { isRecord, parseJson } from '../domain/json.ts';
import type { Receipt } from '../domain/receipt.ts';

/** One value of a table. */
export type Cell = string | number | null;

/** What a table tells of a result beside document and answer, by column. */
const RECEIPT_FIELDS = {
  model: 'servedModel',
  promptTokens: 'promptTokens',
  completionTokens: 'completionTokens',
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
export const RECEIPT_COLUMNS: readonly string[] = Object.keys(RECEIPT_FIELDS);

/** A result as one object: the answer as text, or as the object that its JSON stands for. */
export function exportObject(receipt: Receipt, answer: string): Readonly<Record<string, unknown>> {
  return { document: receipt.document, answer: objectIn(answer) ?? answer, ...receiptCells(receipt) };
}

export function receiptCells(receipt: Receipt): Readonly<Record<string, Cell>> {
  return Object.fromEntries(Object.entries(RECEIPT_FIELDS).map(([column, field]) => [column, receipt[field]]));
}

/** The cell `answer`; where it is a JSON object, a cell for each of its fields instead, as `answer.sender.name`. */
export function answerCells(answer: string): Readonly<Record<string, Cell>> {
  return Object.fromEntries(flatten('answer', objectIn(answer) ?? answer));
}

function objectIn(answer: string): Readonly<Record<string, unknown>> | null {
  // Most answers are text, and a failed parse costs more than all else in a row.
  if (!answer.trimStart().startsWith('{')) return null;
  const value = parseJson(answer);
  return isRecord(value) ? value : null;
}

/** Lists stay one cell, as JSON: how long they are differs from row to row. */
function flatten(name: string, value: unknown): [string, Cell][] {
  if (isRecord(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, field]) => flatten(`${name}.${key}`, field));
  return [[name, cellOf(value)]];
}

function cellOf(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' || value === null ? value : JSON.stringify(value);
}
