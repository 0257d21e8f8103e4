import { map, type Observable, of, switchMap, tap } from 'rxjs';
import type { Inquiry } from '../../domain/ports.ts';
import type { Handling } from '../../domain/recipe.ts';
import type { Part, Prompt } from '../../domain/request.ts';
import { numeral } from '../../lib/text.ts';
import { type FitSettings, promptRoom, SMALL_BYTES } from './fit.ts';
import { textBytes } from './prompt.ts';
import { type Division, divideText, measureText, textOfParts } from './split.ts';

/**
 * How a document is asked that may be too long for its model: whole, cut, in parts, or not at all. A short one is asked
 * whole, and nothing is looked up for it. Errors with Unaskable.
 *
 * @param known how documents were divided lately: to count a long one takes a while
 */
export function planCourse(
  inquiry: Inquiry,
  whole: Prompt,
  settings: FitSettings,
  known?: Recent<Division>,
): Observable<Course> {
  const { handling } = inquiry.recipe;
  const bytes = textBytes(whole);
  const most = mostOfEach(handling);
  if (bytes <= Math.min(SMALL_BYTES, most)) return of(undivided(inquiry));
  return settings.models.facts(whole.model).pipe(
    map((facts) => promptRoom(facts, whole.maxTokens ?? settings.maxTokens) ?? Infinity),
    switchMap((room) => {
      if (bytes <= Math.min(room, most)) return of(undivided(inquiry));
      const key = `${inquiry.fingerprint} ${room}`;
      const division = known?.get(key);
      const divided =
        division === undefined
          ? divide(inquiry, whole, { room, most }, settings).pipe(tap((made) => known?.set(key, made)))
          : of(division);
      return divided.pipe(map((spans) => courseOf(inquiry, spans)));
    }),
  );
}

/** Tokens of the document that one request may hold, by the recipe. */
function mostOfEach(handling: Handling): number {
  return handling.onTooLong === 'split' ? (handling.split.tokens ?? Infinity) : Infinity;
}

function divide(
  inquiry: Inquiry,
  whole: Prompt,
  limits: { readonly room: number; readonly most: number },
  { countTokens }: FitSettings,
): Observable<Division> {
  return countTokens().pipe(
    switchMap((count) =>
      measureText(inquiry, whole, count).pipe(
        switchMap((measures) => divideText({ ...measures, ...limits, count, model: whole.model }, inquiry)),
      ),
    ),
  );
}

function undivided({ parts }: Inquiry): Course {
  return { pieces: [parts], combine: null, notes: [] };
}

function courseOf(inquiry: Inquiry, division: Division): Course {
  if (division === null) return undivided(inquiry);
  const { onTooLong, split } = inquiry.recipe.handling;
  const text = textOfParts(inquiry.parts);
  const pieces = division.map(({ from, to }) => [{ kind: 'text', text: text.slice(from, to) }] as const);
  if (onTooLong === 'split') {
    const notes = [`The document was asked in ${pieces.length} parts.`];
    return { pieces, combine: pieces.length > 1 ? split.combine : null, notes };
  }
  const sent = pieces.reduce((length, [{ text: piece }]) => length + piece.length, 0);
  return { pieces, combine: null, notes: [`${numeral(sent)} of ${numeral(text.length)} characters were sent.`] };
}

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

/** What was worked out lately, under a key each; the oldest go where there are too many. */
export class Recent<Value> {
  readonly #values = new Map<string, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#most && oldest !== undefined) this.#values.delete(oldest);
  }
}
