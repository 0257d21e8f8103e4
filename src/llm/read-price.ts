import type { Price } from '../domain/ports.ts';
import { isRecord, type JsonRecord } from '../lib/json.ts';
import { asArray } from './json.ts';

/**
 * The dearest price in a catalogue entry's `pricing`: of all its conditional overrides, of reasoning where that costs
 * more than the answer, and without its discount, which says not whether it is taken off already. Null where prompt or
 * answer have no price, or one of its figures is none (`-1`: it depends on the call).
 */
export function readPrice(pricing: unknown): Price | null {
  if (!isRecord(pricing) || !isPriced(pricing['prompt']) || !isPriced(pricing['completion'])) return null;
  const tiers = [pricing, ...asArray(pricing['overrides']).filter(isRecord)];
  const price = {
    prompt: dearest(tiers, ['prompt']),
    completion: dearest(tiers, ['completion', 'internal_reasoning']),
    request: dearest(tiers, ['request']),
    ...(isPriced(pricing['input_cache_read']) && { cachedPrompt: dearest(tiers, ['input_cache_read']) }),
  };
  return Object.values(price).every(Number.isFinite) ? price : null;
}

/** NaN where one of the figures is none; what is not listed costs nothing of its own. */
function dearest(tiers: readonly JsonRecord[], keys: readonly string[]): number {
  const figures = tiers.flatMap((tier) => keys.map((key) => tier[key])).filter(isPriced);
  return Math.max(0, ...figures.map(dollars));
}

function isPriced(figure: unknown): boolean {
  return figure !== undefined && figure !== null;
}

/** Decimal texts, as OpenRouter writes them, or numbers. NaN for all else. */
function dollars(figure: unknown): number {
  const amount = typeof figure === 'string' && /^\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(figure) ? Number(figure) : figure;
  return typeof amount === 'number' && amount >= 0 ? amount : Number.NaN;
}
