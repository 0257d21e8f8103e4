import type { Part } from '../domain/request.ts';

/** In how many requests a document is asked, and of what. */
export interface Course {
  /** The parts of each. */
  readonly pieces: readonly (readonly Part[])[];
  /** Asks, in a last request, to make one answer of those to the pieces; null: there is one, or they are joined. */
  readonly combine: string | null;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/** Requests that a whole answer needs at least. */
export function stagesOf({ pieces, combine }: Course): number {
  return pieces.length + (combine === null ? 0 : 1);
}
