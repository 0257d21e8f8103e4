import { hash } from 'node:crypto';
import { defer, map, type Observable } from 'rxjs';
import type { AttemptRecord } from '../../domain/attempt.ts';
import type { AttemptProgress, AttemptStart, PreparedRequest, Price, Prices } from '../../domain/ports.ts';
import type { Prompt } from '../../domain/request.ts';
import { asAmount, asObject } from '../../lib/json.ts';
import type { Api } from '../api.ts';
import { type CallLimits, type CallProgress, call } from '../http/call.ts';
import type { HttpClient } from '../http/client.ts';
import { RequestBytes, replayHeaders } from '../http/transport.ts';
import { createReplyReader } from '../reply/parse.ts';
import type { Scrub } from '../reply/redact.ts';
import type { ParsedReply } from '../reply/reply.ts';
import { attemptOutcome, generationIdOf } from '../verdict/outcome.ts';
import { type BodySettings, modelsAsked, promptTexts, requestBody } from './body.ts';
import { ocrFeeUsdAtMost, promptSize, surchargeOf } from './size.ts';

export interface RequestSettings extends BodySettings, CallLimits {
  readonly api: Api;
  /** Ask for answers that the API may have kept; see `replayHeaders`. */
  readonly replayCache: boolean;
  /** Takes out of what the server says what must not be told of it; given the prompt's texts, or null where they are gone. */
  readonly scrubFor: (texts: readonly string[] | null) => Scrub;
}

/** Writes the request down, for one call. By its bytes OpenRouter tells whether it has their answer. */
export function createPreparedRequest(http: HttpClient, prompt: Prompt, settings: RequestSettings): PreparedRequest {
  const body = Buffer.from(JSON.stringify(requestBody(prompt, settings)));
  return {
    bodySha256: hash('sha256', body),
    models: modelsAsked(prompt),
    bytes: body.length,
    ...promptSize(prompt.messages, body.length),
    feesUsdAtMost: ocrFeeUsdAtMost(prompt),
    surcharge: surchargeOf(prompt.fields ?? {}),
    maxTokens: Math.max(prompt.maxTokens ?? settings.maxTokens, thoughtTokens(prompt)),
    attempt: attempts(http, body, textsToKeep(prompt), settings),
  };
}

/** What a model may think, where that is told by itself: some count it beside the answer. */
function thoughtTokens({ fields = {} }: Prompt): number {
  return asAmount(asObject(fields['reasoning'])['max_tokens']) ?? 0;
}

/** Characters. Longer prompts are gone with the body, whatever the server will say of them. */
const LONGEST_KEPT = 1_000_000;

function textsToKeep(prompt: Prompt): readonly string[] | null {
  const texts = promptTexts(prompt);
  return texts.reduce((sum, { length }) => sum + length, 0) > LONGEST_KEPT ? null : texts;
}

/** Apart, so that no closure of a call can hold the body, or the parts that it was made of. */
function attempts(http: HttpClient, body: Buffer, texts: readonly string[] | null, settings: RequestSettings) {
  const bytes = new RequestBytes(body);
  const replays = settings.replayCache && settings.api.replaysAnswers;
  let scrub: Scrub | undefined;
  const progress = (step: CallProgress<ParsedReply>, start: AttemptStart): AttemptProgress => {
    if (step.kind === 'sent') return step;
    scrub ??= settings.scrubFor(texts);
    if (step.kind === 'head')
      return { kind: 'head', head: { status: step.status, generationId: generationIdOf(step.headers, scrub) } };

    const { seconds } = step.result;
    const outcome = attemptOutcome(step.result, { ...start, seconds, endedAtMs: Date.now() }, scrub);
    return { kind: 'ended', outcome };
  };
  return (start: AttemptStart): Observable<AttemptProgress> =>
    defer(() => {
      if (bytes.bytes === null) throw new Error('a prepared request is sent once');
      const headers = replays && { headers: replayHeaders(start.anew) };
      return call(http, { method: 'POST', path: '/chat/completions', bytes, ...headers }, createReplyReader, settings);
    }).pipe(map((step) => progress(step, start)));
}

/**
 * The request with the cost of its attempts worked out where the API tells their tokens alone: by the price of the model
 * that served, or where nobody knows that, of the one that was asked. Tokens that a provider had in its cache count in
 * full where their price is not told: the figure may be above the bill.
 */
export function pricedRequest(request: PreparedRequest, prices: Prices, model: string): PreparedRequest {
  const priceOf = (served: string | null) => (served === null ? null : prices.of(served)) ?? prices.of(model);
  return { ...request, attempt: (start) => request.attempt(start).pipe(map((progress) => priced(progress, priceOf))) };
}

function priced(progress: AttemptProgress, priceOf: (served: string | null) => Price | null): AttemptProgress {
  if (progress.kind !== 'ended' || progress.outcome.record.costUsd !== null) return progress;
  const { outcome } = progress;
  const price = priceOf(outcome.record.model);
  const costUsd = price === null ? null : costOf(outcome.record, price);
  return { ...progress, outcome: { ...outcome, record: { ...outcome.record, costUsd } } };
}

/** USD; null where not all tokens are told, or where more of them may yet be billed. */
function costOf({ billing, promptTokens, cachedTokens, completionTokens }: AttemptRecord, price: Price): number | null {
  if (billing !== 'known' || promptTokens === null || completionTokens === null) return null;
  const { prompt, cachedPrompt = prompt, completion, request } = price;
  const cached = Math.min(cachedTokens ?? 0, promptTokens);
  return (promptTokens - cached) * prompt + cached * cachedPrompt + completionTokens * completion + request;
}
