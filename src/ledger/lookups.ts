import type { AttemptRecord } from '../domain/attempt.ts';
import type { LeftOut, Provenance } from '../domain/document.ts';
import type { Ledger, VersionRecord } from '../domain/ledger.ts';
import type { Answer } from '../domain/request.ts';
import { asObject, isRecord, parseJson } from '../lib/json.ts';
import { type Database, textOf } from './sqlite.ts';

/** The columns of `calls` that `attemptRecord` reads. */
export const CALL_COLUMNS = `number, sending_at AS startedAt, seconds, status, calls.code, message, provider,
  generation_id AS generationId, served_model AS model, billing, cost_usd AS costUsd, cost_from AS costFrom,
  prompt_tokens AS promptTokens, cached_tokens AS cachedTokens, completion_tokens AS completionTokens, verdict, counts`;

/** The columns of `calls` with what the call brought. */
export const TEXT_COLUMNS = 'CAST(text AS BLOB) AS text, CAST(extras AS BLOB) AS extras';

/** The columns of `calls` that `provenanceOf` reads. */
export const PROVENANCE_COLUMNS = 'calls.readers, left_out AS leftOut';

export interface ProvenanceRow {
  readonly readers: string | null;
  readonly leftOut: string | null;
}

/** A call that ended. */
export type CallRow = Omit<AttemptRecord, 'counts'> & { readonly counts: number };

export interface TextRow {
  readonly text: ArrayBuffer;
  readonly extras: ArrayBuffer | null;
}

/** A row may have more columns than a record has. */
export function attemptRecord(row: CallRow): AttemptRecord {
  const { number, startedAt, seconds, status, code, message, provider, generationId, model } = row;
  const { billing, costUsd, costFrom, promptTokens, cachedTokens, completionTokens, verdict, counts } = row;
  const answered = { number, startedAt, seconds, status, code, message, provider, generationId, model };
  const used = { billing, costUsd, costFrom, promptTokens, cachedTokens, completionTokens };
  return { ...answered, ...used, verdict, counts: counts === 1 };
}

type KnownVersionRow = Omit<VersionRecord, 'attempts' | 'readers'> &
  Pick<ProvenanceRow, 'readers'> & { readonly versionId: number; readonly forgiven: number };

const VERSION = `
  SELECT version_id AS versionId, state, versions.api, hash AS recipe, code, reason, forgiven, last_number AS lastNumber,
    iif(state = 'done', readers, NULL) AS readers,
    (SELECT billing FROM calls WHERE calls.version_id = versions.version_id AND billing <> 'none'
      ORDER BY number DESC LIMIT 1) AS lastBilling
  FROM versions LEFT JOIN recipes USING (recipe_id)
  WHERE document = ? AND sha256 = ?
`;
const COUNTING_CALLS = `SELECT ${CALL_COLUMNS} FROM calls WHERE version_id = ? AND number > ? ORDER BY number`;
const ANSWER = `
  SELECT ${TEXT_COLUMNS}, ${PROVENANCE_COLUMNS}, document, ${CALL_COLUMNS} FROM calls JOIN versions USING (version_id)
  WHERE calls.fingerprint = ? AND ended_at >= ? ORDER BY ended_at DESC, attempt_id DESC LIMIT 1
`;
const REPLY = `
  SELECT ${TEXT_COLUMNS}, cut FROM calls
  WHERE reply_key = ? AND ended_at >= ? ORDER BY ended_at DESC, attempt_id DESC LIMIT 1
`;
const RESULT = 'SELECT result FROM versions WHERE document = ? AND current AND result IS NOT NULL';

/** What the ledger looks up on the disk. Throws and rejects with `DiskError`. */
export type Lookups = Pick<Ledger, 'version' | 'answer' | 'reply' | 'resultPath' | 'ownerOf'> & {
  /** The APIs of the versions that are done. */
  answeredThrough(): ReadonlySet<string>;
  /** An answer is about to be written: from here on `answer` looks for it. */
  announceAnswer(fingerprint: string): void;
};

export function createLookups(database: Database): Lookups {
  const versions = database.prepare<KnownVersionRow>(VERSION);
  const calls = database.prepare<CallRow>(COUNTING_CALLS);
  const answers = database.prepare<CallRow & TextRow & ProvenanceRow & { readonly document: string }>(ANSWER);
  const replies = database.prepare<TextRow & { readonly cut: number }>(REPLY);
  const results = database.prepare<{ readonly result: string }>(RESULT);
  const anyAnswer = database.prepare('SELECT 1 FROM calls WHERE fingerprint IS NOT NULL LIMIT 1');
  // A ledger that had no answers holds those of this process alone: most documents need no look at the disk.
  let possible: Uint8Array | null | undefined;
  const possibleAnswers = (): Uint8Array | null => {
    if (possible === undefined) possible = anyAnswer.get() === undefined ? new Uint8Array(2 ** BITS / 8) : null;
    return possible;
  };
  const apis = database.prepare<{ readonly api: string }>("SELECT DISTINCT api FROM versions WHERE state = 'done'");

  return {
    version: async (id, sha256) => {
      const row = versions.get([id, sha256]);
      if (row === undefined) return undefined;
      const { versionId, forgiven, readers, ...known } = row;
      const attempts = calls.all([versionId, forgiven]).map(attemptRecord);
      return { ...known, readers: readersFromText(readers), attempts };
    },
    announceAnswer: (fingerprint) => {
      const bits = possibleAnswers();
      const { byte, mask } = bitOf(fingerprint);
      if (bits !== null) bits[byte] = (bits[byte] ?? 0) | mask;
    },
    answer: async (fingerprint, since = '') => {
      const bits = possibleAnswers();
      const { byte, mask } = bitOf(fingerprint);
      if (bits !== null && ((bits[byte] ?? 0) & mask) === 0) return undefined;
      const row = answers.get([fingerprint, since]);
      if (row === undefined) return undefined;
      const { text, extras, document } = row;
      const answer = { text: textOf(text), ...besideFromJson(extras), ...provenanceOf(row) };
      return { ...answer, document, attempt: attemptRecord(row) };
    },
    reply: async (key, since = '') => {
      const row = replies.get([key, since]);
      return row && { text: textOf(row.text), cut: row.cut === 1, extras: besideFromJson(row.extras).extras };
    },
    resultPath: (id) => results.get([id])?.result,
    ownerOf: ownerLookup(database),
    answeredThrough: () => new Set(apis.all().map(({ api }) => api)),
  };
}

/** However many answers come, 512 kB tell which there may be; of 100,000, one look in forty is in vain. */
const BITS = 22;

/** Where the bit of a fingerprint lies: by `BITS` of its bits. */
function bitOf(fingerprint: string): { readonly byte: number; readonly mask: number } {
  const bit = Number.parseInt(fingerprint.slice(0, 6), 16) % 2 ** BITS;
  return { byte: bit >>> 3, mask: 1 << (bit & 7) };
}

/** Nearly every result is named after its document: the document finds it. Others have an index of their own. */
const OWNER = `
  SELECT document FROM versions
  WHERE result = ?1 AND substr(result, 1, length(document) + 1) <> document || '.' AND state <> 'replaced'
  UNION ALL
  SELECT document FROM versions
  WHERE document IN (SELECT value FROM json_each(?2)) AND result = ?1 AND state <> 'replaced'
  LIMIT 1
`;

/** Gives a function that finds the document whose result belongs at a path below the outbox. Throws `DiskError`. */
export function ownerLookup(database: Database): (resultPath: string) => string | undefined {
  const owners = database.prepare<{ readonly document: string }>(OWNER);
  return (path) => {
    // Documents whose results may lie there under their own names: `a.b` and `a` for `a.b.md`.
    const namesakes = Array.from(path.matchAll(/\./g), ({ index }) => path.slice(0, index));
    return owners.get([path, JSON.stringify(namesakes)])?.document;
  };
}

const ASKED_SINCE = `
  SELECT DISTINCT document FROM calls JOIN versions USING (version_id)
  WHERE ended_at >= ? AND calls.code <> 'not-sent' AND current
    AND (state = 'failed' AND verdict <> 'pause' OR state = 'done' AND calls.fingerprint = versions.fingerprint)`;

/** The documents that were answered, or failed, by a call that ended at or after a time (ISO 8601, UTC). */
export function askedSince(database: Database, iso: string): ReadonlySet<string> {
  return new Set(
    database
      .prepare<{ readonly document: string }>(ASKED_SINCE)
      .all([iso])
      .map(({ document }) => document),
  );
}

/** As a column holds them: empty where no reader had a part in it, null where that was not recorded. */
export function readersToText(readers: Provenance['readers']): string | null {
  return readers === null ? null : readers.join(' ');
}

export function readersFromText(text: string | null): Provenance['readers'] {
  return text === null ? null : text.split(' ').filter((reader) => reader !== '');
}

/** As a column holds it; null if nothing was left out, as of most. */
export function leftOutToJson(leftOut: LeftOut): string | null {
  return Object.keys(leftOut).length === 0 ? null : JSON.stringify(leftOut);
}

export function provenanceOf({ readers, leftOut }: ProvenanceRow): Provenance {
  const counts = Object.entries(asObject(leftOut === null ? undefined : parseJson(leftOut)));
  return {
    leftOut: Object.fromEntries(counts.filter((entry): entry is [string, number] => typeof entry[1] === 'number')),
    readers: readersFromText(readers),
  };
}

/** What an answer has beside its text. */
type BesideText = Pick<Answer, 'extras' | 'notes'>;

/** As the column `extras` holds it; null if there is nothing, as in most. */
export function besideToJson(extras: Answer['extras'], notes: Answer['notes']): string | null {
  return notes.length === 0 && Object.keys(extras).length === 0 ? null : JSON.stringify({ extras, notes });
}

/** What `besideToJson` wrote, read as a blob; empty if it is no longer readable: the answer itself is worth more. */
export function besideFromJson(json: ArrayBuffer | null): BesideText {
  const written = json === null ? undefined : parseJson(textOf(json));
  if (!isRecord(written) || !isRecord(written['extras']) || !Array.isArray(written['notes']))
    return { extras: {}, notes: [] };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `besideToJson` writes it
  return written as unknown as BesideText;
}
