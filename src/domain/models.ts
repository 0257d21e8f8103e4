import type { Price } from './ports.ts';
import type { Modality } from './request.ts';

/** What an API says about a model. */
export interface ModelFacts {
  /** Tokens of prompt and answer together; null where it is not known. */
  readonly contextTokens: number | null;
  /** Tokens of the longest answer; null where it is not known. */
  readonly maxCompletionTokens: number | null;
  /** What it takes; null where it is not known. */
  readonly inputs: readonly Modality[] | null;
  /** Whether it can be held to a JSON Schema; null where it is not known. */
  readonly structuredOutputs: boolean | null;
  /** Whether it can be told how long to think; null where it is not known. */
  readonly reasoning: boolean | null;
}

/** What is known of the models of an API. */
export interface Models {
  /** The API chooses among providers and reads files for models that cannot: it knows `provider` and `plugins`. */
  readonly routes: boolean;
  /**
   * False where the API could not be asked, neither now nor before: it may say later what `facts` lacks. True also where
   * it says nothing about any model. Never rejects.
   */
  reached(): Promise<boolean>;
  /** Null where it is not known. Never rejects. Asks the API the first time, and keeps what it said. */
  facts(model: string): Promise<ModelFacts | null>;
  /** Ids of some models that take all of these; none where it is not known. Never rejects. */
  taking(inputs: readonly Modality[]): Promise<readonly string[]>;
}

/** What a call may come to. */
interface CallSize {
  /** The most that its prompt can have. */
  readonly promptTokensAtMost: number;
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
  /** The most that it can cost beside its tokens, USD: pages that are read for money. */
  readonly feesUsdAtMost: number;
  /** How many times their list price its tokens can cost: 1 where they cost no more. */
  readonly surcharge: number;
}

/** The most that a call can cost, USD; null where it is not known. */
export function worstCostUsd(
  price: Price,
  { promptTokensAtMost, maxTokens, feesUsdAtMost, surcharge }: CallSize,
): number | null {
  const tokensUsd = promptTokensAtMost * price.prompt + maxTokens * price.completion;
  const worst = (tokensUsd === 0 ? 0 : tokensUsd * surcharge) + price.request + feesUsdAtMost;
  return Number.isFinite(worst) ? worst : null;
}

/**
 * Whether the providers of a model keep the beginning of prompts for the next ones: `explicit` only up to a mark
 * (`cache_control`), `automatic` by themselves; null where nothing is known of it. (OpenRouter, prompt caching.)
 */
export function promptCachingOf(model: string): 'explicit' | 'automatic' | null {
  return FAMILIES.find(({ models }) => models.test(model))?.caching ?? null;
}

/** Shorter beginnings are not kept by any provider, in tokens. */
export const SHORTEST_CACHED_TOKENS = 1024;

const FAMILIES = [
  { models: /^~?(?:anthropic|qwen)\//, caching: 'explicit' },
  { models: /^~?(?:openai|deepseek|x-ai|moonshotai)\/|^~?google\/gemini-(?!1|2\.0)/, caching: 'automatic' },
] as const;

/** English text has 4 to 4.5 bytes a token, other languages and code about 3. */
const LIKELY_BYTES_PER_TOKEN = 3.5;

/** Tokens that so many bytes of text are likely to have, where counting is not worth its cost. */
export function likelyPromptTokens({ bytes }: { readonly bytes: number }): number {
  return Math.ceil(bytes / LIKELY_BYTES_PER_TOKEN);
}
