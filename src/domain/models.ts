import type { PreparedRequest, Price, PriceTier } from './ports.ts';
import type { Modality } from './request.ts';

/** What an API says about a model; null for what is not known. */
export interface ModelFacts {
  /** Tokens of prompt and answer together. */
  readonly contextTokens: number | null;
  /** Tokens of the longest answer. */
  readonly maxCompletionTokens: number | null;
  /** What it takes. */
  readonly inputs: readonly Modality[] | null;
  /** Whether it can be held to a JSON Schema. */
  readonly structuredOutputs: boolean | null;
  /** Whether it can be told how long to think. */
  readonly reasoning: boolean | null;
}

/** What an API takes, whatever the model. */
export interface Takes {
  /**
   * It is OpenRouter, or plays it: it chooses among providers, reads files for models that cannot, keeps answers, tells
   * what is left of the credit, and knows `provider`, `plugins` and `cache_control`.
   */
  readonly routes: boolean;
  /** Null where that is not known, or is for each model to say. */
  readonly inputs: readonly Modality[] | null;
  /** Whether an answer can be held to a JSON Schema, while it streams too. */
  readonly jsonSchema: boolean;
  /** Whether an answer can be held to be JSON. */
  readonly jsonObject: boolean;
  /**
   * Where it tells how long a prompt and its answer may be: in its list of models, or, as a server of one's own, for
   * what it has loaded; null: nowhere.
   */
  readonly context: 'models' | 'ollama' | 'lmstudio' | 'llamacpp' | null;
}

/** What is known of the models of an API. */
export interface Models extends Takes {
  /** A refusal told how many tokens it takes: `facts` count for the shortest prompt, too. */
  isLimited(model: string): boolean;
  /**
   * False if the API could never be asked so far: it may say later what `facts` lacks. True also if it says nothing about any
   * model. Never rejects.
   */
  reached(): Promise<boolean>;
  /** Null if not known. Never rejects. Asks the API the first time, and keeps what it said. */
  facts(model: string): Promise<ModelFacts | null>;
  /**
   * What a model was meant to be that the API does not have, by what it has told so far; empty if it may have it. Only of an
   * API that lists all of its models.
   */
  misnamed(model: string): readonly string[];
  /** Ids like that of a model that the API refused as unknown; empty if none is near. Never rejects. */
  meant(model: string): Promise<readonly string[]>;
  /** Ids of some models that take all of these; empty if none is known. Never rejects. */
  taking(inputs: readonly Modality[]): Promise<readonly string[]>;
}

/** The most that a call can cost, USD; null if not known. */
export function worstCostUsd(
  price: Price,
  request: Pick<PreparedRequest, 'promptTokensAtMost' | 'maxTokens' | 'feesUsdAtMost' | 'surcharge'>,
): number | null {
  const tokensUsd = request.promptTokensAtMost * price.prompt + request.maxTokens * price.completion;
  // An unknown surcharge is infinite, and infinity times 0 is no number.
  const worst = (tokensUsd === 0 ? 0 : tokensUsd * request.surcharge) + price.request + request.feesUsdAtMost;
  return Number.isFinite(worst) ? worst : null;
}

/** What tokens of a call cost whose prompt has so many. */
export function tierOf({ tiers, prompt, cachedPrompt = prompt, completion }: Price, promptTokens: number): PriceTier {
  const tier = tiers?.findLast(({ above }) => promptTokens > above) ?? tiers?.[0];
  return tier ?? { above: 0, prompt, cachedPrompt, completion, writtenPrompt: prompt, soundPrompt: prompt };
}

/**
 * Whether the providers of a model keep the beginning of prompts for the next ones: `explicit` up to a mark
 * (`cache_control`), `automatic` by themselves; null if not known. (OpenRouter, prompt caching.)
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

/** Tokens that so many bytes of text are likely to have, when counting is not worth its cost. */
export function likelyPromptTokens({ bytes }: { readonly bytes: number }): number {
  return Math.ceil(bytes / LIKELY_BYTES_PER_TOKEN);
}
