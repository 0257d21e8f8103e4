import type { IncomingHttpHeaders } from 'node:http';
import { type AttemptOutcome, type AttemptRecord, countsTowardsRetries } from '../domain/attempt.ts';
import type { CallResult } from './call.ts';
import { readHints } from './hints.ts';
import { isReplayed } from './replay.ts';
import type { ParsedReply } from './reply.ts';
import type { Scrub } from './scrub.ts';
import { judge } from './verdict.ts';

/** When an attempt was, for its record. */
export interface AttemptTimes {
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  /** Milliseconds since the epoch. */
  readonly endedAtMs: number;
}

/** Judges a call and writes its record. Text of the server passes through `scrub` on its way. */
export function attemptOutcome(result: CallResult<ParsedReply>, times: AttemptTimes, scrub: Scrub): AttemptOutcome {
  const { sent, status, headers, trouble } = result;
  const reply = result.body === null ? null : scrubbed(result.body, scrub);
  const { endedAtMs } = times;
  const hints = readHints({ status, headers, error: reply?.error ?? null }, endedAtMs);
  const replayed = isReplayed(headers);
  const { verdict, billing, code, message } = judge({ sent, status, trouble, reply, replayed, hints, endedAtMs });
  const answered = verdict.kind === 'answer';
  const content = reply?.content ?? '';
  const record: AttemptRecord = {
    number: times.number,
    startedAt: times.startedAt,
    seconds: times.seconds,
    status,
    code,
    message,
    provider: reply?.error?.provider ?? reply?.provider ?? null,
    generationId: reply?.generationId ?? generationIdOf(headers, scrub),
    model: reply?.model ?? null,
    billing,
    costUsd: replayed ? 0 : (reply?.usage?.costUsd ?? null),
    promptTokens: reply?.usage?.promptTokens ?? null,
    completionTokens: reply?.usage?.completionTokens ?? null,
    verdict: verdict.kind,
    counts: countsTowardsRetries(verdict, billing),
  };
  return {
    record,
    verdict,
    answer: answered ? content : null,
    partial: answered || content.trim() === '' ? null : content,
  };
}

/** The generation's id as the head of a reply tells it; null where it does not. */
export function generationIdOf(headers: IncomingHttpHeaders, scrub: Scrub): string | null {
  const id = headers['x-generation-id'];
  return typeof id === 'string' ? scrub(id) : null;
}

function scrubbed(reply: ParsedReply, scrub: Scrub): ParsedReply {
  const { error } = reply;
  return {
    ...reply,
    error: error && {
      ...error,
      message: cleaned(error.message, scrub),
      provider: cleaned(error.provider, scrub),
    },
    generationId: cleaned(reply.generationId, scrub),
    model: cleaned(reply.model, scrub),
    provider: cleaned(reply.provider, scrub),
  };
}

function cleaned(text: string | null, scrub: Scrub): string | null {
  return text === null ? null : scrub(text);
}
