import type { AttemptRecord, ReplyHead } from '../domain/attempt.ts';
import type { BegunAttempt, DocumentVersion, EndedAttempt } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import { besideToJson } from './lookups.ts';
import type { Database, SqlValues } from './sqlite.ts';
import { keyOf } from './version-statements.ts';
import type { BegunVersion } from './versions.ts';

/** Writes attempts with their answers and replies: within a transaction, and harmlessly again. */
export interface AttemptEntries {
  begin(attempt: BegunAttempt, version: Omit<BegunVersion, 'effect'>): Effect;
  /** Nothing where the end was announced: it says the same. */
  head(version: DocumentVersion, number: number, head: ReplyHead): void;
  /** The end of an attempt is about to be written. */
  announceEnd(attempt: EndedAttempt): void;
  end(attempt: EndedAttempt): Effect;
}

/** An attempt that is at hand while it is in flight, so that nothing need be looked up for what is said of it. */
interface Flight {
  readonly sha256: string;
  readonly number: number;
  readonly attemptId: number;
  isEnding: boolean;
}

/** The first one of a new version meets no other. */
const FIRST_SENDING = `
  INSERT INTO attempts (version_id, number, recipe_id, body_sha256, sending_at, reserved_usd)
  VALUES (:versionId, :number, :recipeId, :bodySha256, :startedAt, :reservedUsd)
`;
const SENDING = `
  ${FIRST_SENDING}
  ON CONFLICT (version_id, number) DO UPDATE SET
    recipe_id = excluded.recipe_id, body_sha256 = excluded.body_sha256, sending_at = excluded.sending_at,
    reserved_usd = excluded.reserved_usd
  RETURNING attempt_id AS attemptId
`;
const ATTEMPT = `
  SELECT attempt_id AS attemptId FROM attempts JOIN versions USING (version_id)
  WHERE document = :document AND sha256 = :sha256 AND number = :number
`;
const HEAD = 'UPDATE attempts SET status = :status, generation_id = :generationId WHERE attempt_id = :attemptId';
const ENDED = `
  UPDATE attempts SET
    status = :status, generation_id = :generationId, ended_at = :endedAt, seconds = :seconds, code = :code,
    message = :message, provider = :provider, served_model = :model, verdict = :verdict, billing = :billing,
    cost_usd = :costUsd, prompt_tokens = :promptTokens, cached_tokens = :cachedTokens,
    completion_tokens = :completionTokens, counts = :counts
  WHERE attempt_id = :attemptId
`;
const ANSWER = `
  INSERT INTO answers (fingerprint, attempt_id, answered_at, text, extras)
  VALUES (:fingerprint, :attemptId, :endedAt, :text, :extras)
`;
/** The index begins with fingerprint and time. An attempt that is not there is refused by the table. */
const ANSWER_AGAIN = `
  INSERT INTO answers (fingerprint, attempt_id, answered_at, text, extras)
  SELECT :fingerprint, :attemptId, :endedAt, :text, :extras
  WHERE NOT EXISTS (
    SELECT 1 FROM answers WHERE fingerprint = :fingerprint AND answered_at = :endedAt AND attempt_id = :attemptId
  )
`;
const REPLY = `
  INSERT INTO replies (attempt_id, key, replied_at, cut, text, extras)
  VALUES (:attemptId, :key, :endedAt, :cut, :text, :extras)
  ON CONFLICT (attempt_id) DO NOTHING
`;

export function createAttemptEntries(database: Database): AttemptEntries {
  const firstSending = database.prepare(FIRST_SENDING);
  const sending = database.prepare<Pick<Flight, 'attemptId'>>(SENDING);
  const attempts = database.prepare<Pick<Flight, 'attemptId'>>(ATTEMPT);
  const heard = database.prepare(HEAD);
  const ended = database.prepare(ENDED);
  const answered = database.prepare(ANSWER);
  const answeredAgain = database.prepare(ANSWER_AGAIN);
  const replied = database.prepare(REPLY);
  /** By document. */
  const flights = new Map<string, Flight>();

  function flightOf(version: DocumentVersion, number: number): Flight | undefined {
    const { document, sha256 } = keyOf(version);
    const flight = flights.get(document);
    return flight?.sha256 === sha256 && flight.number === number ? flight : undefined;
  }

  function recorded(version: DocumentVersion, number: number): number | null {
    return attempts.get({ ...keyOf(version), number })?.attemptId ?? null;
  }

  return {
    begin: (attempt, { versionId, recipeId, isNew }) => {
      const { document, sha256 } = keyOf(attempt);
      const { number, bodySha256, startedAt, reservedUsd } = attempt;
      const row = { versionId, number, recipeId, bodySha256, startedAt, reservedUsd };
      const attemptId = (isNew ? firstSending.insert(row) : null) ?? sending.only(row).attemptId;
      return () => void flights.set(document, { sha256, number, attemptId, isEnding: false });
    },
    head: (version, number, { status, generationId }) => {
      const flight = flightOf(version, number);
      if (flight?.isEnding === true) return;
      heard.run({ attemptId: flight?.attemptId ?? recorded(version, number), status, generationId });
    },
    announceEnd: (attempt) => {
      const flight = flightOf(attempt, attempt.record.number);
      if (flight !== undefined) flight.isEnding = true;
    },
    end: (attempt) => {
      const { record, answer, reply } = attempt;
      const flight = flightOf(attempt, record.number);
      const attemptId = flight?.attemptId ?? recorded(attempt, record.number);
      const endedAt = endOf(record);
      ended.run(endedValues(attemptId, endedAt, record));
      const answering = flight === undefined ? answeredAgain : answered;
      if (answer !== null) answering.run({ attemptId, endedAt, ...answerValues(answer) });
      if (reply !== null) replied.run({ attemptId, endedAt, ...replyValues(reply) });
      return () => void flights.delete(attempt.document.id);
    },
  };
}

function endedValues(attemptId: number | null, endedAt: string, record: AttemptRecord): SqlValues {
  const { status, generationId, seconds, code, message, provider, model, verdict, billing } = record;
  const { costUsd, promptTokens, cachedTokens, completionTokens } = record;
  const counts = Number(record.counts);
  return {
    attemptId,
    status,
    generationId,
    endedAt,
    seconds,
    code,
    message,
    provider,
    model,
    verdict,
    billing,
    costUsd,
    promptTokens,
    cachedTokens,
    completionTokens,
    counts,
  };
}

function answerValues({ fingerprint, text, ...beside }: NonNullable<EndedAttempt['answer']>) {
  return { fingerprint, text, extras: besideToJson(beside) };
}

function replyValues({ key, cut, text, extras }: NonNullable<EndedAttempt['reply']>) {
  return { key, cut: Number(cut), text, extras: besideToJson({ extras, notes: [] }) };
}

/** When an attempt ended, ISO 8601, UTC. */
function endOf({ startedAt, seconds }: AttemptRecord): string {
  return new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
}
