import type { AttemptRecord, Billing } from '../domain/attempt.ts';
import type { DocumentState, KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import type { LedgerAttempt } from '../domain/receipt.ts';
import type { Answer, Reply } from '../domain/request.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { type Database, textOf } from './sqlite.ts';

/** What is asked for of `attempts JOIN recipes`. */
export const ATTEMPT_COLUMNS = `number, sending_at, body_sha256, model, status, generation_id, ended_at, seconds,
  attempts.code, message, provider, served_model, verdict, billing, cost_usd, prompt_tokens, cached_tokens, completion_tokens,
  counts`;

interface BegunRow {
  readonly number: number;
  readonly sending_at: string;
  readonly body_sha256: string;
  /** The model that was asked. */
  readonly model: string;
  readonly status: number | null;
  readonly generation_id: string | null;
}

interface InFlightRow extends BegunRow {
  readonly ended_at: null;
}

export interface EndedRow extends BegunRow {
  readonly ended_at: string;
  readonly seconds: number;
  readonly code: string;
  readonly message: string;
  readonly provider: string | null;
  readonly served_model: string | null;
  readonly verdict: AttemptRecord['verdict'];
  readonly billing: AttemptRecord['billing'];
  readonly cost_usd: number | null;
  readonly prompt_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly counts: number;
}

export type AttemptRow = InFlightRow | EndedRow;

/** `forgiven`: attempts up to this number no longer count. */
export function ledgerAttempt(row: AttemptRow, forgiven: number): LedgerAttempt {
  return {
    number: row.number,
    startedAt: row.sending_at,
    bodySha256: row.body_sha256,
    model: row.model,
    generationId: row.generation_id,
    record: row.ended_at === null ? null : attemptRecord(row),
    counts: row.number > forgiven,
  };
}

export function attemptRecord(row: EndedRow): AttemptRecord {
  return {
    number: row.number,
    startedAt: row.sending_at,
    seconds: row.seconds,
    status: row.status,
    code: row.code,
    message: row.message,
    provider: row.provider,
    generationId: row.generation_id,
    model: row.served_model,
    billing: row.billing,
    costUsd: row.cost_usd,
    promptTokens: row.prompt_tokens,
    cachedTokens: row.cached_tokens,
    completionTokens: row.completion_tokens,
    verdict: row.verdict,
    counts: row.counts === 1,
  };
}

/** What is looked up on the disk. Throws `DiskError`. */
interface Looks {
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

/** Nearly every result is called like its document: those are found by the document, the others by an index of theirs. */
const OWNER = `
  SELECT document FROM versions
  WHERE result = :path AND substr(result, 1, length(document) + 1) <> document || '.' AND state <> 'replaced'
  UNION ALL
  SELECT document FROM versions
  WHERE document IN (SELECT value FROM json_each(:namesakes)) AND result = :path AND state <> 'replaced'
  LIMIT 1
`;

/** Tells the document whose result is to lie at a path below the outbox, as far as is remembered; undefined where none is. */
export function ownerLook(database: Database): (resultPath: string) => string | undefined {
  const owners = database.prepare<{ readonly document: string }>(OWNER);
  return (path) => owners.get({ path, namesakes: JSON.stringify(namesakesOf(path)) })?.document;
}

/** The documents whose results may lie at a path under their own names: `a.b` and `a` for `a.b.md`. */
function namesakesOf(path: string): string[] {
  return Array.from(path.matchAll(/\./g), ({ index }) => path.slice(0, index));
}

/** What an answer has beside its text. */
type BesideText = Pick<Answer, 'extras' | 'notes'>;

/** As the column `extras` holds it; null where there is nothing, as in most. */
export function besideToJson({ extras, notes }: BesideText): string | null {
  return notes.length === 0 && Object.keys(extras).length === 0 ? null : JSON.stringify({ extras, notes });
}

/** What `besideToJson` wrote, read as a blob. Of what is no longer readable nothing is left: the answer itself is worth more. */
export function besideFromJson(json: ArrayBuffer | null): BesideText {
  const written = json === null ? undefined : parseJson(textOf(json));
  if (!isRecord(written) || !isRecord(written['extras']) || !Array.isArray(written['notes']))
    return { extras: {}, notes: [] };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else writes it
  return written as unknown as BesideText;
}
