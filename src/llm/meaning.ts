import type { Limit } from '../domain/attempt.ts';

/**
 * What a refusal asks for. `retry`: this document waits. `retry slowly`: so it does, and all of the model with it.
 * A `Limit`: it says nothing of the document; all of the model wait, but where there were too many at once this
 * document alone, for then fewer calls are the cure. `suspect`: the document fails, unless the first attempts of a model
 * all do.
 */
export type Remedy = 'retry' | 'retry slowly' | Limit | 'fail' | 'suspect' | Pausing;

/** `pause until reset`: the account is paused, and its cause ends by itself. */
type Pausing = 'pause account' | 'pause until reset' | 'pause model';

/** A kind of trouble: our stable word for it, the same for people with what to do about it, and the remedy. */
export interface Meaning {
  readonly code: string;
  readonly words: string;
  readonly remedy: Remedy;
}
