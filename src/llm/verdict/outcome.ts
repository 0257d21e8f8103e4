import type { IncomingHttpHeaders } from 'node:http';
import { type AttemptOutcome, type AttemptRecord, countsTowardsRetries } from '../../domain/attempt.ts';
import type { Reply, ReplyExtras } from '../../domain/request.ts';
import { asObject, asText } from '../../lib/json.ts';
import type { HttpResult } from '../http/call.ts';
import { isReplayed } from '../http/transport.ts';
import type { Redact } from '../reply/redact.ts';
import type { ParsedReply } from '../reply/reply.ts';
import { readHints } from './hints.ts';
import { judge } from './verdict.ts';

/** When an attempt was, for its record. */
interface AttemptTimes {
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds since the epoch. */
  readonly endedAtMs: number;
}

/** Judges a call and writes its record. Text of the server passes through `redact` on its way. */
export function attemptOutcome(result: HttpResult<ParsedReply>, times: AttemptTimes, redact: Redact): AttemptOutcome {
  const { sent, status, headers, seconds, failure } = result;
  const reply = result.body === null ? null : redacted(result.body, redact);
  const { endedAtMs } = times;
  const hints = readHints({ status, headers, error: reply?.error ?? null }, endedAtMs);
  const replayed = isReplayed(headers);
  const { verdict, billing, code, message } = judge({ sent, status, failure, reply, replayed, hints, endedAtMs });
  const record: AttemptRecord = {
    number: times.number,
    startedAt: times.startedAt,
    seconds,
    status,
    code,
    message,
    provider: reply?.error?.provider ?? reply?.provider ?? null,
    generationId: reply?.generationId ?? generationIdOf(headers, redact),
    model: reply?.model ?? null,
    billing,
    costUsd: replayed ? 0 : (reply?.usage?.costUsd ?? null),
    promptTokens: reply?.usage?.promptTokens ?? null,
    cachedTokens: reply?.usage?.cachedTokens ?? null,
    completionTokens: reply?.usage?.completionTokens ?? null,
    verdict: verdict.kind,
    counts: countsTowardsRetries(verdict, billing),
  };
  const { reply: said, partial, annotations } = saidIn(reply, code);
  return { record, verdict, reply: said, partial, annotations };
}

/** What the reply says, apart from what it means. Nothing of it is redacted: it goes where the answer goes. */
function saidIn(reply: ParsedReply | null, code: string): Pick<AttemptOutcome, 'reply' | 'partial' | 'annotations'> {
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

/** What comes with the text of a reply: only what is there. */
function extrasOf({ reasoning, refusal, annotations, images, usage }: ParsedReply): ReplyExtras {
  const reasoningTokens = usage?.reasoningTokens ?? null;
  return {
    ...(reasoning !== null && { reasoning }),
    ...(reasoningTokens !== null && { reasoningTokens }),
    ...(refusal !== null && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
  };
}

/**
 * In characters of JSON: some hundred pages of text. What is larger, as with images, is parsed again rather than
 * kept by each of the documents that wait.
 */
const LARGEST = 300_000;

/** What the API parsed out of files, though no answer came of it; null if it is nothing, or too much to keep. */
function parsedFiles({ error, annotations }: ParsedReply): readonly unknown[] | null {
  const files = [...(error?.fileAnnotations ?? []), ...annotations].filter((told) => asObject(told)['type'] === 'file');
  return files.length === 0 || JSON.stringify(files).length > LARGEST ? null : files;
}

/** The generation's id in the head of a reply; null if there is none. */
export function generationIdOf(headers: IncomingHttpHeaders, redact: Redact): string | null {
  const id = headers['x-generation-id'];
  return typeof id === 'string' ? redact(id) : null;
}

function redacted(reply: ParsedReply, redact: Redact): ParsedReply {
  const clean = (text: string | null): string | null => (text === null ? null : redact(text));
  const { error } = reply;
  return {
    ...reply,
    error: error && { ...error, message: clean(error.message), provider: clean(error.provider) },
    generationId: clean(reply.generationId),
    model: clean(reply.model),
    provider: clean(reply.provider),
  };
}
