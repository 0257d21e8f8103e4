import type { IncomingHttpHeaders } from 'node:http';
import type { AttemptRecord } from '../../domain/attempt.ts';
import { tierOf } from '../../domain/models.ts';
import type { Price } from '../../domain/ports.ts';
import { asAmount, asCount, asObject, isRecord, type JsonRecord } from '../../lib/json.ts';

/** What a reply tells of tokens and costs. */
export interface TokenUsage extends Pick<AttemptRecord, 'promptTokens' | 'cachedTokens' | 'completionTokens'> {
  /** The whole of it, as the API states it. */
  readonly stated: JsonRecord;
  /** Of those of the completion, the ones that the model thought. */
  readonly reasoningTokens: number | null;
  /** Prompt tokens with those that were cached, which some APIs count beside them: no prompt that was read has more. */
  readonly promptTokensWithCached: number | null;
}

/** The `usage` of a reply; null if it tells neither tokens nor a cost. */
export function readUsage(value: unknown): TokenUsage | null {
  if (!isRecord(value)) return null;
  const promptTokens = asCount(value['prompt_tokens']);
  const details = asObject(value['prompt_tokens_details']);
  // DeepSeek has a field of its own.
  const cachedTokens = asCount(details['cached_tokens']) ?? asCount(value['prompt_cache_hit_tokens']);
  const beside = [cachedTokens, value['cache_read_input_tokens'], value['cache_creation_input_tokens']];
  const tokens = {
    promptTokens,
    cachedTokens,
    completionTokens: asCount(value['completion_tokens']),
    reasoningTokens: asCount(asObject(value['completion_tokens_details'])['reasoning_tokens']),
    promptTokensWithCached:
      promptTokens && beside.reduce<number>((sum, count) => sum + (asCount(count) ?? 0), promptTokens),
  };
  const tells = statedCost(value) !== null || Object.values(tokens).some((amount) => amount !== null);
  return tells ? { stated: value, ...tokens } : null;
}

/** xAI: "1 USD = 10,000,000,000 ticks". */
const TICKS_PER_USD = 10_000_000_000;

/** USD. No call costs more: such a figure is none, and must not use up a budget. */
const MOST_USD = 10_000;

/** The value as what a call may cost, or null. */
function asCost(value: unknown): number | null {
  const cost = asAmount(value);
  return cost !== null && cost <= MOST_USD ? cost : null;
}

/** What the `usage` of a reply states as its cost, wherever it stands and whatever currency it is in; null if nothing. */
export function statedCost(usage: JsonRecord): number | null {
  return asCost(usage['cost']) ?? namedCost(usage);
}

/** Where the place says what is meant: xAI, Perplexity, DeepInfra. USD. */
function namedCost(usage: JsonRecord): number | null {
  const ticks = asAmount(usage['cost_in_usd_ticks']);
  const ofTicks = ticks === null ? null : asCost(ticks / TICKS_PER_USD);
  return ofTicks ?? asCost(asObject(usage['cost'])['total_cost']) ?? asCost(usage['estimated_cost']);
}

/**
 * What the API says that a call cost, USD; null if it does not say. `usage.cost` may be in any currency: it counts for an
 * API that is known to mean USD, and in a reply that has the form of OpenRouter's or comes from a LiteLLM proxy. That
 * one names it in a header where the reply is no stream, and there 0 may be a price that it does not know.
 */
export function toldCost(usage: JsonRecord, headers: IncomingHttpHeaders, costsAreUsd: boolean): number | null {
  const isUsd = costsAreUsd || 'cost_details' in usage || 'is_byok' in usage || 'x-litellm-call-id' in headers;
  const told = (isUsd ? asCost(usage['cost']) : null) ?? namedCost(usage);
  if (told !== null) return told;
  const ofProxy = asCost(Number(headers['x-litellm-response-cost']));
  return ofProxy === 0 ? null : ofProxy;
}

interface PricedCall {
  readonly usage: Omit<TokenUsage, 'reasoningTokens' | 'promptTokensWithCached'> | null;
  /** Its prompt has sound in it. */
  readonly sound: boolean;
}

/**
 * What a call cost by a price, USD; null if not all tokens are told, unless nothing costs anything. Cached tokens count
 * in full if their price is not known; where nothing tells how many are sound, all are. What stands in the total alone
 * was thought (Gemini): it is billed as answer.
 */
export function pricedCost(price: Price, { usage, sound }: PricedCall): number | null {
  if (price.prompt + price.completion + price.request === 0) return 0;
  if (usage === null) return null;
  const { promptTokens, completionTokens, cachedTokens, stated } = usage;
  if (promptTokens === null || completionTokens === null) return null;
  const tier = tierOf(price, promptTokens);
  const details = asObject(stated['prompt_tokens_details']);
  let plain = promptTokens;
  const taken = (tokens: number | null): number => {
    const some = Math.min(tokens ?? 0, plain);
    plain -= some;
    return some;
  };
  const cached = taken(cachedTokens);
  const written = taken(asCount(details['cache_write_tokens'] ?? stated['cache_creation_input_tokens']));
  const heard = taken(sound ? (asCount(details['audio_tokens']) ?? plain) : 0);
  const answered = Math.max(completionTokens, (asCount(stated['total_tokens']) ?? 0) - promptTokens);
  const promptUsd =
    plain * tier.prompt + cached * tier.cachedPrompt + written * tier.writtenPrompt + heard * tier.soundPrompt;
  return promptUsd + answered * tier.completion + price.request;
}
