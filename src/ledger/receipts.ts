import type { RecipeIdentity } from '../domain/ledger.ts';
import { type Receipt, receiptOf } from '../domain/receipt.ts';
import {
  attemptRecord,
  besideFromJson,
  CALL_COLUMNS,
  type CallRow,
  PROVENANCE_COLUMNS,
  type ProvenanceRow,
  provenanceOf,
  TEXT_COLUMNS,
  type TextRow,
} from './lookups.ts';
import { type Database, textOf } from './sqlite.ts';

/** The columns of `versions JOIN recipes` that a `FiledRow` has. */
export const RESULT_COLUMNS = `version_id AS versionId, document AS id, sha256, size, result, fingerprint, reused,
  updated_at AS updatedAt, versions.readers AS resultReaders, hash, name, model, recipes.api AS recipeApi`;

/** A version whose result was made, not found. */
export interface FiledRow extends Pick<RecipeIdentity, 'hash' | 'name' | 'model'> {
  readonly versionId: number;
  /** Of the document. */
  readonly id: string;
  readonly sha256: string;
  readonly size: number;
  readonly result: string;
  readonly fingerprint: string;
  readonly reused: number;
  readonly updatedAt: string;
  /** Those of the answer that the result was made of, as the column holds them. */
  readonly resultReaders: string | null;
  readonly recipeApi: string;
}

export interface AnsweredResult {
  readonly receipt: Receipt;
  readonly answer: string;
}

/**
 * Of the answers to what the same readers read: the version's own; else that of another document which was there when the
 * result was filed: a newer one may have come since. The values are the version, the fingerprint, when the result was filed,
 * and its readers.
 */
const ANSWER = `
  SELECT ${TEXT_COLUMNS}, ${PROVENANCE_COLUMNS}, document AS madeFor, version_id = ?1 AS own, ${CALL_COLUMNS}
  FROM calls JOIN versions USING (version_id)
  WHERE calls.fingerprint = ?2
  ORDER BY calls.readers IS ?4 DESC, own DESC, NOT own AND ended_at > ?3, ended_at DESC LIMIT 1`;

/**
 * All since the answer before, whether or not they still count; without those that never left. A reply that was kept for a
 * further request is no answer. The values are the version and the number of the last attempt.
 */
const ATTEMPTS = `
  SELECT ${CALL_COLUMNS} FROM calls
  WHERE version_id = ?1 AND code <> 'not-sent' AND number <= ?2 AND number > coalesce(
    (SELECT max(number) FROM calls WHERE version_id = ?1 AND verdict = 'answer' AND number < ?2 AND reply_key IS NULL), 0)
  ORDER BY number`;

/** Gives a function that finds answer and receipt of a result; null if the ledger no longer holds the answer. */
export function receiptReader(database: Database): (row: FiledRow) => AnsweredResult | null {
  const answers = database.prepare<CallRow & TextRow & ProvenanceRow & { readonly madeFor: string }>(ANSWER);
  const attempts = database.prepare<CallRow>(ATTEMPTS);

  return (row) => {
    const { versionId, id, sha256, size, result, fingerprint } = row;
    const found = answers.get([versionId, fingerprint, row.updatedAt, row.resultReaders]);
    if (found === undefined) return null;
    const { extras, madeFor: document } = found;
    const text = textOf(found.text);
    const receipt = receiptOf({
      document: { id, size },
      sha256,
      result,
      fingerprint,
      recipe: recipeOf(row),
      answer: { text, ...besideFromJson(extras), ...provenanceOf(found), document, attempt: attemptRecord(found) },
      attempts: row.reused === 1 ? [] : attempts.all([versionId, found.number]).map(attemptRecord),
    });
    return { receipt, answer: text };
  };
}

type RecipeRow = Pick<FiledRow, 'hash' | 'name' | 'model' | 'recipeApi'>;

export function recipeOf({ hash, name, model, recipeApi: api }: RecipeRow): RecipeIdentity {
  return { hash, name, model, api };
}
