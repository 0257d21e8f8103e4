import type { Limit } from '../../domain/attempt.ts';

/**
 * What is done about it. `retry`: this document waits. `retry slowly`: all of the model waits. A `Limit`: it says nothing
 * of the document, and all of the model waits; for `concurrency` this document alone, as fewer calls are the cure.
 * `at once`: the request goes again as the API wants it.
 * `suspect`: the document fails, unless the first attempts of a model all do. `pause until reset`: the account is paused,
 * and the cause ends by itself.
 */
export type Remedy =
  | 'retry'
  | 'retry slowly'
  | 'at once'
  | Limit
  | 'fail'
  | 'suspect'
  | 'pause account'
  | 'pause until reset'
  | 'pause model';

/** What went wrong: our stable word for it, the same for people with what to do about it, and the remedy. */
export interface Meaning {
  readonly code: string;
  readonly words: string;
  readonly remedy: Remedy;
}

export function createMeaning(code: string, remedy: Remedy, words: string): Meaning {
  return { code, words, remedy };
}
