import type { Billing } from '../domain/attempt.ts';
import type { DocumentState, KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import { ATTEMPT_COLUMNS, attemptRecord, type EndedRow } from './attempt-rows.ts';
import { type Database, textOf } from './sqlite.ts';

/** What is looked up on the disk. Throws `DiskTrouble`. */
export interface Looks {
  version(id: string, sha256: string): VersionRecord | undefined;
  /** The newest one. */
  answer(fingerprint: string, since?: string): KnownAnswer | undefined;
  /** The APIs of the versions that are done. */
  answeredThrough(): ReadonlySet<string>;
}

interface VersionRow {
  readonly version_id: number;
  readonly state: DocumentState;
  readonly api: string;
  readonly recipe: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly forgiven: number;
  readonly last_number: number;
  readonly last_billing: Billing | null;
}

interface AnswerRow extends EndedRow {
  readonly text: ArrayBuffer;
  readonly document: string;
}

const VERSION = `
  SELECT version_id, state, versions.api, hash AS recipe, code, reason, forgiven,
    (SELECT coalesce(max(number), 0) FROM attempts WHERE attempts.version_id = versions.version_id) AS last_number,
    (SELECT billing FROM attempts WHERE attempts.version_id = versions.version_id AND billing <> 'none'
      ORDER BY number DESC LIMIT 1) AS last_billing
  FROM versions LEFT JOIN recipes USING (recipe_id)
  WHERE document = ? AND sha256 = ?
`;
const COUNTING_ATTEMPTS = `
  SELECT ${ATTEMPT_COLUMNS}
  FROM attempts JOIN recipes USING (recipe_id)
  WHERE version_id = ? AND number > ? AND ended_at IS NOT NULL
  ORDER BY number
`;
const ANSWER = `
  SELECT CAST(text AS BLOB) AS text, document, ${ATTEMPT_COLUMNS}
  FROM answers JOIN attempts USING (attempt_id) JOIN versions USING (version_id)
    JOIN recipes ON recipes.recipe_id = attempts.recipe_id
  WHERE answers.fingerprint = ? AND answered_at >= ?
  ORDER BY answered_at DESC, answer_id DESC LIMIT 1
`;

export function createLooks(database: Database): Looks {
  const versions = database.prepare<VersionRow>(VERSION);
  const attempts = database.prepare<EndedRow>(COUNTING_ATTEMPTS);
  const answers = database.prepare<AnswerRow>(ANSWER);
  const apis = database.prepare<{ readonly api: string }>("SELECT DISTINCT api FROM versions WHERE state = 'done'");

  return {
    version: (id, sha256) => {
      const row = versions.get([id, sha256]);
      if (row === undefined) return undefined;
      const { version_id: versionId, forgiven, last_number: lastNumber, last_billing: lastBilling, ...known } = row;
      return { ...known, attempts: attempts.all([versionId, forgiven]).map(attemptRecord), lastNumber, lastBilling };
    },
    answer: (fingerprint, since = '') => {
      const row = answers.get([fingerprint, since]);
      return row && { text: textOf(row.text), document: row.document, attempt: attemptRecord(row) };
    },
    answeredThrough: () => new Set(apis.all().map(({ api }) => api)),
  };
}
