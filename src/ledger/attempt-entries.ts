import type { AttemptRecord, ReplyHead } from '../domain/attempt.ts';
import type { BegunAttempt, DocumentVersion, EndedAttempt } from '../domain/ledger.ts';
import type { Database, SqlValues } from './sqlite.ts';
import { keyOf } from './version-key.ts';

/** Writes attempts of versions that are there, and their answers: within a transaction, and harmlessly again. */
export interface AttemptEntries {
  /** The recipe is there. */
  begin(attempt: BegunAttempt): void;
  head(version: DocumentVersion, number: number, head: ReplyHead): void;
  end(attempt: EndedAttempt): void;
}

const THE_VERSION = '(SELECT version_id FROM versions WHERE document = :document AND sha256 = :sha256)';
const SENDING = `
  INSERT INTO attempts (version_id, number, recipe_id, body_sha256, sending_at)
  VALUES (${THE_VERSION}, :number, (SELECT recipe_id FROM recipes WHERE hash = :recipe), :bodySha256, :startedAt)
  ON CONFLICT (version_id, number) DO UPDATE SET
    recipe_id = excluded.recipe_id, body_sha256 = excluded.body_sha256, sending_at = excluded.sending_at
`;
const HEAD = `
  UPDATE attempts SET status = :status, generation_id = :generationId
  WHERE version_id = ${THE_VERSION} AND number = :number
`;
const ENDED = `
  UPDATE attempts SET
    status = :status, generation_id = :generationId, ended_at = :endedAt, seconds = :seconds, code = :code,
    message = :message, provider = :provider, served_model = :model, verdict = :verdict, billing = :billing,
    cost_usd = :costUsd, prompt_tokens = :promptTokens, completion_tokens = :completionTokens, counts = :counts
  WHERE version_id = ${THE_VERSION} AND number = :number
`;
/** The index begins with fingerprint and time. An attempt that is not there is refused by the table. */
const ANSWER = `
  WITH attempt (id) AS (SELECT (SELECT attempt_id FROM attempts WHERE version_id = ${THE_VERSION} AND number = :number))
  INSERT INTO answers (fingerprint, attempt_id, answered_at, text)
  SELECT :fingerprint, id, :endedAt, :text FROM attempt
  WHERE NOT EXISTS (
    SELECT 1 FROM answers WHERE fingerprint = :fingerprint AND answered_at = :endedAt AND attempt_id = id
  )
`;

export function createAttemptEntries(database: Database): AttemptEntries {
  const sending = database.prepare(SENDING);
  const heard = database.prepare(HEAD);
  const ended = database.prepare(ENDED);
  const answered = database.prepare(ANSWER);

  return {
    begin: (attempt) => {
      const { document, sha256 } = keyOf(attempt);
      const { number, recipe, bodySha256, startedAt } = attempt;
      sending.run({ document, sha256, number, recipe: recipe.hash, bodySha256, startedAt });
    },
    head: (version, number, { status, generationId }) => {
      const { document, sha256 } = keyOf(version);
      heard.run({ document, sha256, number, status, generationId });
    },
    end: (attempt) => {
      const { document, sha256 } = keyOf(attempt);
      const { record, answer } = attempt;
      const endedAt = endOf(record);
      ended.run(endedValues(document, sha256, endedAt, record));
      if (answer === null) return;
      const { fingerprint, text } = answer;
      answered.run({ document, sha256, number: record.number, endedAt, fingerprint, text });
    },
  };
}

function endedValues(document: string, sha256: string, endedAt: string, record: AttemptRecord): SqlValues {
  const { number, status, generationId, seconds, code, message, provider, model, verdict, billing } = record;
  const { costUsd, promptTokens, completionTokens } = record;
  const counts = Number(record.counts);
  return {
    document,
    sha256,
    number,
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
    completionTokens,
    counts,
  };
}

/** When an attempt ended, ISO 8601, UTC. */
function endOf({ startedAt, seconds }: AttemptRecord): string {
  return new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
}
