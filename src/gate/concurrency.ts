import type { AdaptiveLimitSettings } from './adaptive-limit.ts';

/** `auto` begins with so many calls at once. */
const AUTO_STARTS_WITH = 4;

export interface ConcurrencySettings {
  /** Calls in flight at most; `auto` finds for each API and model how many bring the most answers. */
  readonly concurrency: number | 'auto';
  /** What `auto` never goes above. */
  readonly concurrencyMax: number;
}

/** Calls in flight at most, to all models together. */
export function ceilingOf({ concurrency, concurrencyMax }: ConcurrencySettings): number {
  return concurrency === 'auto' ? concurrencyMax : concurrency;
}

/** A number that a person set is kept to, as far as the API takes so many; `auto` also heeds how long answers take. */
export function limitOf(settings: ConcurrencySettings): AdaptiveLimitSettings {
  const ceiling = ceilingOf(settings);
  return settings.concurrency === 'auto'
    ? { start: Math.min(AUTO_STARTS_WITH, ceiling), ceiling, heedsLatency: true }
    : { start: ceiling, ceiling, heedsLatency: false };
}
