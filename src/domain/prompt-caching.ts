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
