import type { AttemptRecord } from '../domain/attempt.ts';
import type { LedgerAttempt } from '../domain/ledger-reader.ts';

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
