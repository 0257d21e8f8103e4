import type { ModelPrice } from '@pydantic/genai-prices';
import type { Price, PriceTier } from '../domain/ports.ts';
import { asAmount, asArray, isRecord, type JsonRecord } from '../lib/json.ts';
import { type Api, CUSTOM } from './api.ts';

const TOKENS_OF_PRICE = 1_000_000;
const CALLS_OF_PRICE = 1000;

/**
 * What a call costs by a list's figures: now, by the length of its prompt; and at most, at all hours and lengths, with a
 * prompt that is sound or images, or that goes into a cache. Null without a figure for prompt and answer, or with a fee
 * for what no reply counts.
 */
export function listPrice([now, ...otherHours]: readonly ModelPrice[], from: NonNullable<Price['from']>): Price | null {
  const tiers = tiersOf(now ?? {});
  if (now === undefined || tiers === null || 'output_citation_mtok' in now) return null;
  const all = [...tiers, ...otherHours.flatMap((prices) => tiersOf(prices) ?? [])];
  const most = (figuresOf: (tier: PriceTier) => readonly number[]): number => Math.max(...all.flatMap(figuresOf));
  const image = (figureAt(now, 'input_image_mtok', Number.POSITIVE_INFINITY) ?? 0) / TOKENS_OF_PRICE;
  return {
    prompt: most(({ prompt, writtenPrompt, soundPrompt }) => [prompt, writtenPrompt, soundPrompt, image]),
    cachedPrompt: most(({ cachedPrompt }) => [cachedPrompt]),
    completion: most(({ completion }) => [completion]),
    request: (figureAt(now, 'requests_kcount', 0) ?? 0) / CALLS_OF_PRICE,
    tiers,
    from,
  };
}

/** Null if one of them lacks the price of prompt or answer. */
function tiersOf(prices: ModelPrice): readonly PriceTier[] | null {
  const starts = Object.values(prices).flatMap((price) =>
    asArray(isRecord(price) ? price['tiers'] : null).map(startOf),
  );
  const tiers: PriceTier[] = [];
  for (const above of [...new Set([0, ...starts])].toSorted((one, other) => one - other)) {
    const perToken = (key: string): number | null => {
      const figure = figureAt(prices, key, above);
      return figure === null ? null : figure / TOKENS_OF_PRICE;
    };
    const prompt = perToken('input_mtok');
    const completion = perToken('output_mtok');
    if (prompt === null || completion === null) return null;
    tiers.push({
      above,
      prompt,
      cachedPrompt: perToken('cache_read_mtok') ?? prompt,
      writtenPrompt: perToken('cache_write_mtok') ?? prompt,
      soundPrompt: perToken('input_audio_mtok') ?? prompt,
      completion: Math.max(completion, perToken('output_reasoning_mtok') ?? 0),
    });
  }
  return tiers;
}

/** Of prompts longer than so many tokens; null if there is none. A file may hold anything. */
function figureAt(prices: ModelPrice, key: string, above: number): number | null {
  const price: unknown = prices[key];
  if (!isRecord(price)) return asAmount(price);
  const tier = asArray(price['tiers'])
    .filter((one) => startOf(one) <= above)
    .toSorted((one, other) => startOf(one) - startOf(other))
    .at(-1);
  return asAmount(isRecord(tier) ? tier['price'] : price['base']);
}

function startOf(tier: unknown): number {
  return asAmount(isRecord(tier) ? tier['start'] : null) ?? 0;
}

/** `model_prices_and_context_window.json`: entries by model, with USD per token. */
export type LiteLlmList = Readonly<Record<string, unknown>>;

export function isLiteLlmList(list: unknown): list is LiteLlmList {
  return isRecord(list) && Object.values(list).some((entry) => isRecord(entry) && 'litellm_provider' in entry);
}

/** What LiteLLM calls the APIs that we call otherwise. */
const PROVIDERS: Readonly<Partial<Record<string, string>>> = { together: 'together_ai', fireworks: 'fireworks_ai' };

/**
 * A model that several sell has an entry for each, `provider/model`, and one by its own name for the first of them. At an
 * API without a name of ours, which may be a LiteLLM proxy, the whole id counts.
 */
export function liteLlmPrices(list: LiteLlmList, { name }: Pick<Api, 'name'>, model: string): [ModelPrice] | null {
  const provider = PROVIDERS[name] ?? name;
  const entry = [list[`${provider}/${model}`], list[model]].find(isRecord);
  if (entry === undefined) return null;
  const soldBy = String(entry['litellm_provider']);
  return name === CUSTOM || soldBy === provider || soldBy.startsWith(`${provider}_`) ? [pricesOf(entry)] : null;
}

const KEYS = {
  input_mtok: 'input_cost_per_token',
  output_mtok: 'output_cost_per_token',
  output_reasoning_mtok: 'output_cost_per_reasoning_token',
  cache_read_mtok: 'cache_read_input_token_cost',
  cache_write_mtok: 'cache_creation_input_token_cost',
  input_audio_mtok: 'input_cost_per_audio_token',
  input_image_mtok: 'input_cost_per_image_token',
} as const;

/** In the form of the list in the package. */
function pricesOf(entry: JsonRecord): ModelPrice {
  const prices: ModelPrice = {};
  for (const [ours, theirs] of Object.entries(KEYS)) {
    const base = asAmount(entry[theirs]);
    if (base === null) continue;
    const tiers = Object.entries(entry).flatMap(([key, value]) => {
      const [, thousands] = new RegExp(`^${theirs}_above_(\\d+)k_tokens$`).exec(key) ?? [];
      const price = asAmount(value);
      return thousands === undefined || price === null ? [] : [{ start: Number(thousands) * 1000, price: price * 1e6 }];
    });
    prices[ours] = { base: base * 1e6, tiers };
  }
  const perCall = asAmount(entry['input_cost_per_request']);
  return perCall === null ? prices : { ...prices, requests_kcount: perCall * 1000 };
}
