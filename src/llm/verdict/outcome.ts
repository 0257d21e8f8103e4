import type { IncomingHttpHeaders } from 'node:http';
import { type AttemptOutcome, type AttemptRecord, countsTowardsRetries } from '../../domain/attempt.ts';
import type { Prices } from '../../domain/ports.ts';
import type { ReplyExtras } from '../../domain/request.ts';
import { asObject, asText, parseJson } from '../../lib/json.ts';
import type { HttpResult } from '../http/call.ts';
import { isReplayed } from '../http/transport.ts';
import type { Redact } from '../reply/redact.ts';
import type { ParsedReply } from '../reply/reply.ts';
import type { Correction } from '../request/correction.ts';
import { readHints } from './hints.ts';
import { isSuccess, type ReportedError, readErrorBody, tellingStatus } from './reported-error.ts';
import { judgeAttempt } from './verdict.ts';

/** To work out the cost of an attempt at this model, for an API that reports tokens alone. */
interface TokenPricing {
  readonly prices: Prices;
  readonly model: string;
}

/**
 * Judges a call that has just ended, and writes its record. Text of the server passes through `redact` on its way.
 *
 * @param asksForJson the request has a `response_format`
 */
export function attemptOutcome(
  { sent, status, headers, seconds, failure, body }: HttpResult<ParsedReply>,
  { number, startedAt }: Pick<AttemptRecord, 'number' | 'startedAt'>,
  redact: Redact,
  pricing: TokenPricing | null = null,
  asksForJson = false,
  correctionOf: (error: ReportedError) => Correction | null = () => null,
): AttemptOutcome {
  const said = body === null || !asksForJson ? body : withMisplacedAnswer(body);
  const told = said === null ? null : withRefusal(said, status);
  const correction = told !== null && mayBeCorrected(told, status) ? correctionOf(told.error) : null;
  const reply = told === null ? null : redacted(told, redact);
  const endedAtMs = Date.now();
  const hints = readHints({ status, headers, error: reply?.error ?? null }, endedAtMs);
  const replayed = isReplayed(headers);
  const { verdict, billing, code, message } = judgeAttempt({
    sent,
    status,
    failure,
    reply,
    correction: correction?.meaning ?? null,
    replayed,
    hints,
    endedAtMs,
  });
  const stated: AttemptRecord = {
    number,
    startedAt,
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
  const record = pricing === null || stated.costUsd !== null ? stated : { ...stated, costUsd: costOf(stated, pricing) };
  const lesson = correction?.lesson;
  return { record, verdict, ...saidIn(reply, code), ...(lesson !== undefined && { lesson }) };
}

/** With the error that the whole body is, if its status says so. */
function withRefusal(reply: ParsedReply, status: number | null): ParsedReply {
  if (status === null || isSuccess(status) || reply.said === undefined) return reply;
  return { ...reply, error: readErrorBody(reply.said) ?? reply.error };
}

/** Of which a body, or its length, may be the cause. */
const CORRECTABLE: ReadonlySet<number | null> = new Set([400, 413, 422, 429, 500, 501]);

/** It was refused, for nothing, by the API itself. */
function mayBeCorrected(
  reply: ParsedReply,
  status: number | null,
): reply is ParsedReply & { readonly error: ReportedError } {
  const { error, answered, usage } = reply;
  if (error === null || answered || usage !== null) return false;
  const telling = tellingStatus(status, error) ?? 0;
  return CORRECTABLE.has(telling) && !(telling >= 500 && error.anonymous);
}

/**
 * USD, by the price of the model that served; if that is not known, of the one that was asked. Null without a price, if
 * not all tokens are reported, or if more may yet be billed. Cached tokens whose price is not known count in full.
 */
function costOf(record: AttemptRecord, { prices, model }: TokenPricing): number | null {
  const { billing, promptTokens, cachedTokens, completionTokens } = record;
  const price = (record.model === null ? null : prices.of(record.model)) ?? prices.of(model);
  if (price === null || billing !== 'known' || promptTokens === null || completionTokens === null) return null;
  const { prompt, cachedPrompt = prompt, completion, request } = price;
  const cached = Math.min(cachedTokens ?? 0, promptTokens);
  return (promptTokens - cached) * prompt + cached * cachedPrompt + completionTokens * completion + request;
}

/** What the reply says, apart from what it means. Nothing of it is redacted: it goes where the answer goes. */
function saidIn(reply: ParsedReply | null, code: string): Pick<AttemptOutcome, 'reply' | 'partial' | 'annotations'> {
  if (reply === null) return { reply: null, partial: null, annotations: null };
  const { content } = reply;
  const cut = code === 'length' && reply.whole;
  if (cut || code === 'answered') {
    const said = { text: content, cut, extras: extrasOf(reply) };
    return { reply: said, partial: cut ? asText(content) : null, annotations: null };
  }

  const words = [content, reply.refusal ?? ''].filter((text) => text.trim() !== '');
  return { reply: null, partial: asText(words.join('\n\n')), annotations: parsedFiles(reply) };
}

/** Servers that take reasoning apart have been seen to take an answer that is JSON for it (LM Studio). */
function withMisplacedAnswer(reply: ParsedReply): ParsedReply {
  const { content, reasoning, finishReason } = reply;
  const isEmpty = content.trim() === '' && (finishReason === 'stop' || finishReason === null);
  if (!isEmpty || reasoning === null || !/^\s*[[{]/.test(reasoning) || parseJson(reasoning) === undefined) return reply;
  return { ...reply, content: reasoning, reasoning: null, misplaced: true };
}

/** What comes with the text of a reply: only what is there. */
function extrasOf({ reasoning, refusal, annotations, images, usage, misplaced }: ParsedReply): ReplyExtras {
  const reasoningTokens = usage?.reasoningTokens ?? null;
  return {
    ...(reasoning !== null && { reasoning }),
    ...(reasoningTokens !== null && { reasoningTokens }),
    ...(refusal !== null && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
    ...(misplaced === true && { misplaced }),
  };
}

/** Characters of JSON, some hundred pages of text: each document that waits keeps its own. What is larger is parsed again. */
const LARGEST = 300_000;

/** What the API parsed out of files, though no answer came of it; null if it is nothing, or too much to keep. */
function parsedFiles({ error, annotations }: ParsedReply): readonly unknown[] | null {
  const files = [...(error?.fileAnnotations ?? []), ...annotations].filter((part) => asObject(part)['type'] === 'file');
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
    finishWord: clean(reply.finishWord),
    model: clean(reply.model),
    provider: clean(reply.provider),
  };
}
