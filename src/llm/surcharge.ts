import { isRecord, type JsonRecord } from '../lib/json.ts';

/** Of the price of a token: what is written into a provider's cache costs so much (Anthropic, by OpenRouter). */
const CACHE_WRITE = { fiveMinutes: 1.25, hour: 2 };

/** Tiers that are faster, or held ready, cost up to so much more (OpenAI). */
const FAST_TIER = 2;
const FAST_TIERS: ReadonlySet<unknown> = new Set(['priority', 'fast', 'scale']);

/**
 * How much dearer than listed the tokens of a request can be, by its fields: 1 where they ask for nothing special;
 * Infinity where nobody tells, as of answers that are no text.
 */
export function surchargeOf(fields: JsonRecord): number {
  const modalities: unknown = fields['modalities'];
  if (Array.isArray(modalities) && modalities.some((one) => one !== 'text')) return Number.POSITIVE_INFINITY;
  const tier = FAST_TIERS.has(fields['service_tier']) ? FAST_TIER : 1;
  return tier * cacheSurcharge(fields['cache_control']);
}

function cacheSurcharge(control: unknown): number {
  if (!isRecord(control)) return 1;
  return control['ttl'] === '1h' ? CACHE_WRITE.hour : CACHE_WRITE.fiveMinutes;
}
