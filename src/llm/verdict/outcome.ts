import type { IncomingHttpHeaders } from 'node:http';
import { type AttemptOutcome, type AttemptRecord, countsTowardsRetries, withoutNoise } from '../../domain/attempt.ts';
import type { Prices } from '../../domain/ports.ts';
import type { ReplyExtras } from '../../domain/request.ts';
import { asObject, asText, parseJson } from '../../lib/json.ts';
import type { HttpResult } from '../http/call.ts';
import { isReplayed } from '../http/transport.ts';
import { pricedCost, toldCost } from '../reply/cost.ts';
import type { Redact } from '../reply/redact.ts';
import type { ParsedReply } from '../reply/reply.ts';
import type { Correction } from '../request/correction.ts';
import { readHints } from './hints.ts';
import { withRefusal } from './refusal.ts';
import { type ReportedError, tellingStatus } from './reported-error.ts';
import { judgeAttempt } from './verdict.ts';

/** How the cost of an attempt is found. */
interface CostSources {
  /** `usage.cost` of this API is USD. */
  readonly costsAreUsd: boolean;
  /** It bills no reply that ends with an error. */
  readonly insured: boolean;
  /** For a cost that the API does not tell. */
  readonly prices: Prices | null;
  /** The one that is asked. */
  readonly model: string;
  /** Whether a name is that of a model that may have served: one that was asked, or that the API lists. */
  readonly isModel: (name: string) => boolean;
  /** The prompt has sound in it, which has a price of its own. */
  readonly sound: boolean;
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
  costs: CostSources,
  asksForJson = false,
  correctionOf: (error: ReportedError) => Correction | null = () => null,
): AttemptOutcome {
  const said = body === null || !asksForJson ? body : withMisplacedAnswer(body);
  const told = said === null ? null : withRefusal(said, status);
  const reply = told === null ? null : redacted(told, redact, costs.isModel);
  // Of what the API says itself: a refusal may quote the document, which must teach nothing.
  const correction = reply !== null && mayBeCorrected(reply, status) ? correctionOf(reply.error) : null;
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
    insured: costs.insured,
    hints,
    endedAtMs,
  });
  const usage = reply?.usage ?? null;
  const model = reply?.model ?? null;
  const record: AttemptRecord = {
    number,
    startedAt,
    seconds,
    status,
    code,
    message,
    provider: reply?.error?.provider ?? reply?.provider ?? null,
    generationId: reply?.generationId ?? generationIdOf(headers, redact),
    model,
    billing,
    ...(replayed ? FREE : costOf({ usage, headers, billing, model }, costs)),
    promptTokens: usage?.promptTokens ?? null,
    cachedTokens: usage?.cachedTokens ?? null,
    completionTokens: usage?.completionTokens ?? null,
    verdict: verdict.kind,
    counts: countsTowardsRetries(verdict, billing),
  };
  const lesson = correction?.lesson;
  return { record, verdict, ...saidIn(reply, code), ...(lesson !== undefined && { lesson }) };
}

/** Statuses that a body, or its length, may have caused. */
const CORRECTABLE: ReadonlySet<number | null> = new Set([400, 413, 422, 429, 500, 501]);

/** Whether the API itself refused the request, free of charge. */
function mayBeCorrected(
  reply: ParsedReply,
  status: number | null,
): reply is ParsedReply & { readonly error: ReportedError } {
  const { error, answered, usage } = reply;
  if (error === null || answered || usage !== null) return false;
  const telling = tellingStatus(status, error) ?? 0;
  return CORRECTABLE.has(telling) && !(telling >= 500 && error.anonymous);
}

type Cost = Pick<AttemptRecord, 'costUsd' | 'costFrom'>;

const FREE: Cost = { costUsd: 0, costFrom: 'told' };
const UNKNOWN: Cost = { costUsd: null, costFrom: null };

interface EndedCall extends Pick<AttemptRecord, 'billing' | 'model'> {
  readonly usage: ParsedReply['usage'];
  readonly headers: IncomingHttpHeaders;
}

/** As the API tells it; else by the price of the model that served, or of the one that was asked, unless more may yet be billed. */
function costOf(
  { usage, headers, billing, model }: EndedCall,
  { costsAreUsd, prices, sound, ...asked }: CostSources,
): Cost {
  const told = toldCost(usage?.stated ?? {}, headers, costsAreUsd);
  if (told !== null) return { costUsd: withoutNoise(told), costFrom: 'told' };
  if (billing !== 'known' || prices === null) return UNKNOWN;
  const price = (model === null ? null : prices.of(model)) ?? prices.of(asked.model);
  const costUsd = price && pricedCost(price, { usage, sound });
  return price === null || costUsd === null
    ? UNKNOWN
    : { costUsd: withoutNoise(costUsd), costFrom: price.from ?? 'told prices' };
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

function redacted(reply: ParsedReply, redact: Redact, isModel: CostSources['isModel']): ParsedReply {
  const clean = (text: string | null): string | null => (text === null ? null : redact(text));
  const { error } = reply;
  return {
    ...reply,
    error: error && { ...error, message: clean(error.message), provider: clean(error.provider) },
    generationId: clean(reply.generationId),
    finishWord: clean(reply.finishWord),
    // A document may name its model, too.
    model: reply.model !== null && isModel(reply.model) ? reply.model : clean(reply.model),
    provider: clean(reply.provider),
  };
}
