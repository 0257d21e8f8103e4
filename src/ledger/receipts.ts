import type { RecipeIdentity } from '../domain/ledger.ts';
import { type Receipt, receiptOf } from '../domain/receipt.ts';
import { attemptRecord, besideFromJson, CALL_COLUMNS, type CallRow, TEXT_COLUMNS } from './lookups.ts';
import { type Database, textOf } from './sqlite.ts';

/** What is asked for of `versions JOIN recipes`. */
export const RESULT_COLUMNS = `version_id, document, sha256, size, result, fingerprint, reused, updated_at,
  hash, name, model, recipes.api AS recipe_api`;

/** A version whose result was made, not found. */
export interface FiledRow {
  readonly version_id: number;
  readonly document: string;
  readonly sha256: string;
  readonly size: number;
  readonly result: string;
  readonly fingerprint: string;
  readonly reused: number;
  readonly updated_at: string;
  readonly hash: string;
  readonly name: string;
  readonly model: string;
  readonly recipe_api: string;
}

export interface AnsweredResult {
  readonly receipt: Receipt;
  readonly answer: string;
}

interface AnswerRow extends CallRow {
  readonly text: ArrayBuffer;
  readonly extras: ArrayBuffer | null;
  /** The document that it was made for. */
  readonly made_for: string;
}

/**
 * The version's own answer goes first; of those of other documents, what was there when the result was filed: a newer
 * one may have come since. The values are the version, the fingerprint, and when the result was filed.
 */
const ANSWER = `
  SELECT ${TEXT_COLUMNS}, document AS made_for, version_id = ?1 AS own, ${CALL_COLUMNS}
  FROM calls JOIN versions USING (version_id)
  WHERE calls.fingerprint = ?2
  ORDER BY own DESC, NOT own AND ended_at > ?3, ended_at DESC LIMIT 1`;

/**
 * All since the answer before that left, whether or not they still count. One whose reply was kept for a further request
 * was none. The values are the version and the number of the last one.
 */
const ATTEMPTS = `
  SELECT ${CALL_COLUMNS} FROM calls
  WHERE version_id = ?1 AND code <> 'not-sent' AND number <= ?2 AND number > coalesce(
    (SELECT max(number) FROM calls WHERE version_id = ?1 AND verdict = 'answer' AND number < ?2 AND reply_key IS NULL), 0)
  ORDER BY number`;

/** Gives a function that finds answer and receipt of a result; null where the ledger no longer holds the answer. */
export function receiptReader(database: Database): (row: FiledRow) => AnsweredResult | null {
  const answers = database.prepare<AnswerRow>(ANSWER);
  const attempts = database.prepare<CallRow>(ATTEMPTS);

  return (row) => {
    const { version_id: version, fingerprint, updated_at: filed } = row;
    const found = answers.get([version, fingerprint, filed]);
    if (found === undefined) return null;
    const { text, extras, made_for: document } = found;
    const answer = { text: textOf(text), ...besideFromJson(extras), document, attempt: attemptRecord(found) };
    const made = row.reused === 1 ? [] : attempts.all([version, found.number]);
    const receipt = receiptOf({
      document: { id: row.document, size: row.size },
      sha256: row.sha256,
      result: row.result,
      fingerprint,
      recipe: recipeOf(row),
      answer,
      attempts: made.map(attemptRecord),
    });
    return { receipt, answer: answer.text };
  };
}

export function recipeOf(row: Pick<FiledRow, 'hash' | 'name' | 'model' | 'recipe_api'>): RecipeIdentity {
  return { hash: row.hash, name: row.name, model: row.model, api: row.recipe_api };
}
