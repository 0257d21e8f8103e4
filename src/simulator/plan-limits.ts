import type { PlanFields } from './plan-fields.ts';

/** `exact`: `Retry-After` in decimals, to the millisecond. `whole`: rounded up to seconds. */
export type WaitHint = 'exact' | 'whole';

export interface WindowLimit {
  readonly calls: number;
  readonly seconds: number;
  /** @default `whole` */
  readonly hint?: WaitHint | undefined;
}

export interface SpendingLimit {
  readonly usd: number;
  /** The `Retry-After` of what is over it, in seconds. @default 1 */
  readonly hint?: number | undefined;
}

const DAY_SECONDS = 86_400;

export function parseWindowLimit(fields: PlanFields): WindowLimit {
  fields.allowOnly(['calls', 'seconds', 'hint'] satisfies readonly (keyof WindowLimit)[]);
  return {
    calls: fields.needed('calls', fields.number('calls', { minimum: 1, maximum: 1_000_000, whole: true })),
    seconds: fields.needed('seconds', fields.number('seconds', { minimum: 0.001, maximum: DAY_SECONDS })),
    hint: fields.choice('hint', ['exact', 'whole']),
  };
}

export function parseSpendingLimit(fields: PlanFields): SpendingLimit {
  fields.allowOnly(['usd', 'hint'] satisfies readonly (keyof SpendingLimit)[]);
  return {
    usd: fields.needed('usd', fields.number('usd', { minimum: 0 })),
    hint: fields.number('hint', { minimum: 0 }),
  };
}
