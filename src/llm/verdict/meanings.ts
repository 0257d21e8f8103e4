import type { Limit } from '../../domain/attempt.ts';

export const rateLimited: Meaning = {
  code: 'rate-limited',
  words: 'Too many calls or tokens for the time',
  remedy: 'rate',
};

export const tooManyAtOnce: Meaning = {
  code: 'too-many-at-once',
  words: 'Too many calls at once',
  remedy: 'concurrency',
};

export const upstreamBusy: Meaning = {
  code: 'upstream-busy',
  words: 'The provider of the model takes no more calls for now, from anybody',
  remedy: 'upstream',
};

export const spendingHeld: Meaning = {
  code: 'spending-held',
  words: 'The calls in flight hold all of the credit: lower --concurrency or --max-tokens, or add credit',
  remedy: 'spending',
};

export const tooDear: Meaning = {
  code: 'too-dear',
  words: 'This request alone may cost more than the credit: lower --max-tokens or add credit',
  remedy: 'fail',
};

export const largerThanRate: Meaning = {
  code: 'larger-than-rate',
  words: 'This request alone exceeds the tokens per minute: lower --max-tokens or split the document',
  remedy: 'suspect',
};

export const dailyQuota: Meaning = {
  code: 'daily-quota',
  words: 'The requests of the day are used up: wait for the next one, choose another model, or add credit',
  remedy: 'pause until reset',
};

export const quotaUsedUp: Meaning = {
  code: 'quota-used-up',
  words: 'The quota or credit of the account is used up: add credit or raise its limit',
  remedy: 'pause account',
};

export const budgetSpent: Meaning = {
  code: 'budget-spent',
  words: 'The spending limit of the key or workspace is reached: raise it or wait for its reset',
  remedy: 'pause account',
};

/** It concerns the account, not the document: with one `--max-tokens` for all, every other one would be refused, too. */
export const creditTooLow: Meaning = {
  code: 'credit-exhausted',
  words: 'The credit left does not cover an answer of --max-tokens: add credit, or lower --max-tokens',
  remedy: 'pause account',
};

export const creditExhausted: Meaning = {
  code: 'credit-exhausted',
  words: 'The account or key has no credit left: add credit or raise its limit',
  remedy: 'pause account',
};

/**
 * What a refusal asks for. `retry`: this document waits. `retry slowly`: so it does, and all of the model with it.
 * A `Limit`: it says nothing of the document; all of the model wait, but if there were too many at once this
 * document alone, for then fewer calls are the cure. `suspect`: the document fails, unless the first attempts of a model
 * all do.
 */
export type Remedy = 'retry' | 'retry slowly' | Limit | 'fail' | 'suspect' | Pausing;

/** `pause until reset`: the account is paused, and its cause ends by itself. */
type Pausing = 'pause account' | 'pause until reset' | 'pause model';

/** What went wrong: our stable word for it, the same for people with what to do about it, and the remedy. */
export interface Meaning {
  readonly code: string;
  readonly words: string;
  readonly remedy: Remedy;
}
