/**
 * What a refusal asks for. `retry`: this document waits. `throttle`: too many calls at once, all of the model wait.
 * `suspect`: the document fails, unless the first attempts of a model all do.
 */
export type Remedy = 'retry' | 'throttle' | 'fail' | 'suspect' | 'pause account' | 'pause model';

/** A kind of trouble: our stable word for it, the same for people with what to do about it, and the remedy. */
export interface Meaning {
  readonly code: string;
  readonly words: string;
  readonly remedy: Remedy;
}
