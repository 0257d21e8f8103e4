import type { IncomingHttpHeaders } from 'node:http';
import { type AttemptOutcome, type AttemptRecord, countsTowardsRetries } from '../../domain/attempt.ts';
import type { Reply } from '../../domain/request.ts';
import { asText } from '../../lib/json.ts';
import type { CallResult } from '../http/call.ts';
import { isReplayed } from '../http/transport.ts';
import type { Scrub } from '../reply/redact.ts';
import { extrasOf, type ParsedReply, parsedFiles } from '../reply/reply.ts';
import { readHints } from './hints.ts';
import { judge } from './verdict.ts';

/** When an attempt was, for its record. */
interface AttemptTimes {
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
    cachedTokens: reply?.usage?.cachedTokens ?? null,
    completionTokens: reply?.usage?.completionTokens ?? null,
    verdict: verdict.kind,
    counts: countsTowardsRetries(verdict, billing),
  };
  return { record, verdict, ...said(reply, code) };
}

/** What the reply says, apart from what it means. Nothing of it is scrubbed: it goes where the answer goes. */
function said(reply: ParsedReply | null, code: string): Pick<AttemptOutcome, 'reply' | 'partial' | 'annotations'> {
  if (reply === null) return { reply: null, partial: null, annotations: null };
  const { content } = reply;
  if (code === 'answered') return { reply: replyOf(reply, false), partial: null, annotations: null };
  if (code === 'length' && reply.whole)
    return { reply: replyOf(reply, true), partial: asText(content), annotations: null };

  const words = [content, reply.refusal ?? ''].filter((text) => text.trim() !== '');
  return { reply: null, partial: asText(words.join('\n\n')), annotations: parsedFiles(reply) };
}

function replyOf(reply: ParsedReply, cut: boolean): Reply {
  return { text: reply.content, cut, extras: extrasOf(reply) };
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
