import type { Price, Prices } from '../../domain/ports.ts';
import type { Prompt } from '../../domain/request.ts';
import type { JsonRecord } from '../../lib/json.ts';
import type { Api } from '../api.ts';
import { wireMessage } from '../content-parts.ts';
import { asObject } from '../json.ts';
import { modelsAsked } from '../models-asked.ts';

type PriceOf = (model: string) => Price | null;

export interface BodySettings {
  readonly api: Pick<Api, 'maxTokensField' | 'sendsReasoning' | 'asksForUsage' | 'routes'>;
  readonly maxTokens: number;
  /** An effort: `none minimal low medium high xhigh max`. */
  readonly reasoning: string;
  readonly stream: boolean;
  /**
   * What no provider of a model may ask more than; null where it does not matter, or nobody knows.
   * @default null
   */
  readonly maxPrice?: PriceOf | null;
  /**
   * What no provider may ask more than for a prompt that is bounded.
   * @default nobody knows a price
   */
  readonly prices?: Prices;
}

/**
 * The body of a chat-completions call. The order of its keys is fixed: OpenRouter's response cache tells bodies apart by
 * their bytes. The prompt's own fields follow ours in their order, and stand in the place of those that they overrule.
 */
export function requestBody(prompt: Prompt, settings: BodySettings): JsonRecord {
  const { api, maxTokens } = settings;
  const { fields = {} } = prompt;
  const stream = fields['stream'] ?? settings.stream;
  const provider = providerField(prompt, settings);
  return {
    model: prompt.model,
    messages: prompt.messages.map(wireMessage),
    [api.maxTokensField]: prompt.maxTokens ?? maxTokens,
    ...reasoningField(prompt, settings),
    ...provider,
    stream,
    ...(stream === true && api.asksForUsage && { stream_options: { include_usage: true } }),
    ...fields,
    ...provider,
  };
}

/** `reasoning_effort` is another name for the same. */
function reasoningField({ fields = {}, reasons = true }: Prompt, { api, reasoning }: BodySettings): JsonRecord {
  return api.sendsReasoning && reasons && !('reasoning_effort' in fields) ? { reasoning: { effort: reasoning } } : {};
}

/** Ours beside the prompt's: of two prices the lower one holds. */
function providerField(prompt: Prompt, settings: BodySettings): JsonRecord {
  const priceOf = limitingPrice(prompt, settings);
  const ours = priceOf === null ? null : dearest(modelsAsked(prompt), priceOf);
  if (ours === null) return {};
  const theirs = asObject(prompt.fields?.['provider']);
  return { provider: { ...theirs, max_price: lower(asObject(theirs['max_price']), perMillion(ours)) } };
}

/** Null where the price does not matter, or the API cannot be told. */
function limitingPrice({ bounded = false }: Prompt, { api, maxPrice = null, prices }: BodySettings): PriceOf | null {
  if (!api.routes) return null;
  return maxPrice ?? (bounded && prices !== undefined ? (model) => prices.of(model) : null);
}

/** The API may turn to each of the models. Null where no price is known. */
function dearest(models: readonly string[], priceOf: PriceOf): Limits | null {
  const prices = models.flatMap((model) => priceOf(model) ?? []);
  if (prices.length === 0) return null;
  return {
    prompt: Math.max(...prices.map(({ prompt }) => prompt)),
    completion: Math.max(...prices.map(({ completion }) => completion)),
  };
}

type Limits = Pick<Price, 'prompt' | 'completion'>;

/** OpenRouter's unit here, as texts, unlike that of its list of models (openapi: ProviderPreferences). */
function perMillion({ prompt, completion }: Limits): Limits {
  return { prompt: prompt * 1e6, completion: completion * 1e6 };
}

function lower(theirs: JsonRecord, ours: Limits): JsonRecord {
  const limit = (key: keyof Limits) => decimal(Math.min(ours[key], limitOf(theirs[key])));
  return { ...theirs, prompt: limit('prompt'), completion: limit('completion') };
}

function limitOf(told: unknown): number {
  const limit = typeof told === 'string' && told.trim() !== '' ? Number(told) : told;
  return typeof limit === 'number' && limit >= 0 ? limit : Number.POSITIVE_INFINITY;
}

/** Never in powers of ten, and without what binary fractions add. */
function decimal(amount: number): string {
  return amount.toFixed(9).replace(/\.?0+$/, '');
}
