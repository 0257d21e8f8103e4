import type { Billing } from '../domain/attempt.ts';
import type { DocumentState, KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import type { Reply } from '../domain/reply.ts';
import { ATTEMPT_COLUMNS, attemptRecord, type EndedRow } from './attempt-rows.ts';
import { besideFromJson } from './beside-text.ts';
import { ownerLook } from './owner-look.ts';
import { type Database, textOf } from './sqlite.ts';

/** What is looked up on the disk. Throws `DiskTrouble`. */
export interface Looks {
  version(id: string, sha256: string): VersionRecord | undefined;
  /** The newest one. */
  answer(fingerprint: string, since?: string): KnownAnswer | undefined;
  /** The newest one. */
  reply(key: string, since?: string): Reply | undefined;
  /** The path of the result below the outbox, where the current version of a document has one. */
  resultPath(id: string): string | undefined;
  /** The document whose result is to lie at a path below the outbox, as far as is remembered; undefined where none is. */
  ownerOf(resultPath: string): string | undefined;
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
  readonly extras: ArrayBuffer | null;
  readonly document: string;
}

interface ReplyRow {
  readonly text: ArrayBuffer;
  readonly extras: ArrayBuffer | null;
  readonly cut: number;
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
  SELECT CAST(text AS BLOB) AS text, CAST(extras AS BLOB) AS extras, document, ${ATTEMPT_COLUMNS}
  FROM answers JOIN attempts USING (attempt_id) JOIN versions USING (version_id)
    JOIN recipes ON recipes.recipe_id = attempts.recipe_id
  WHERE answers.fingerprint = ? AND answered_at >= ?
  ORDER BY answered_at DESC, answer_id DESC LIMIT 1
`;
const REPLY = `
  SELECT CAST(text AS BLOB) AS text, CAST(extras AS BLOB) AS extras, cut FROM replies
  WHERE key = ? AND replied_at >= ? ORDER BY replied_at DESC, reply_id DESC LIMIT 1
`;
const RESULT = 'SELECT result FROM versions WHERE document = ? AND current AND result IS NOT NULL';

export function createLooks(database: Database): Looks {
  const versions = database.prepare<VersionRow>(VERSION);
  const attempts = database.prepare<EndedRow>(COUNTING_ATTEMPTS);
  const answers = database.prepare<AnswerRow>(ANSWER);
  const replies = database.prepare<ReplyRow>(REPLY);
  const results = database.prepare<{ readonly result: string }>(RESULT);
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
      if (row === undefined) return undefined;
      const { text, extras, document } = row;
      return { text: textOf(text), ...besideFromJson(extras), document, attempt: attemptRecord(row) };
    },
    reply: (key, since = '') => {
      const row = replies.get([key, since]);
      return row && { text: textOf(row.text), cut: row.cut === 1, extras: besideFromJson(row.extras).extras };
    },
    resultPath: (id) => results.get([id])?.result,
    ownerOf: ownerLook(database),
    answeredThrough: () => new Set(apis.all().map(({ api }) => api)),
  };
}
