import type { Inquiry } from '../../domain/ports.ts';
import type { Part, Prompt } from '../../domain/request.ts';
import { numeral } from '../../lib/text.ts';
import { type FitSettings, largerContext, promptRoom, SMALL_BYTES } from './fit.ts';
import { textBytes } from './prompt.ts';
import { type Division, divideText, measureText, textsIn } from './split.ts';

/** In how many requests a document is asked, and of what. */
export interface RequestPlan {
  /** The parts of the document in each. */
  readonly segments: readonly (readonly Part[])[];
  /** Asks, in a last request, to make one answer of those to the segments; null: there is one, or they are joined. */
  readonly combine: string | null;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/** Requests that a whole answer needs at least. */
export function stagesOf({ segments, combine }: RequestPlan): number {
  return segments.length + (combine === null ? 0 : 1);
}

/**
 * How a document is asked that may be too long for its model: whole, cut, in parts, or not at all. A short one is asked
 * whole, and nothing is looked up for it. Rejects with CannotAskError.
 *
 * @param known how documents were divided before: to count a long one takes a while
 * @param bytes of the texts of the whole prompt
 */
export async function planRequests(
  inquiry: Inquiry,
  whole: Prompt,
  { models, countTokens, maxTokens }: FitSettings,
  known: Recent<Division> | null = null,
  bytes: number = textBytes(whole),
): Promise<RequestPlan> {
  const { onTooLong, split } = inquiry.recipe.handling;
  // Tokens of the document that one request may hold, by the recipe.
  const most = (onTooLong === 'split' ? split.tokens : null) ?? Infinity;
  if (bytes <= Math.min(models.isLimited(whole.model) ? 0 : SMALL_BYTES, most)) return undivided(inquiry);
  const facts = await models.facts(whole.model);
  const room = promptRoom(facts, whole.maxTokens ?? maxTokens) ?? Infinity;
  if (bytes <= Math.min(room, most)) return undivided(inquiry);

  const key = `${inquiry.fingerprint} ${room}`;
  let division = known?.get(key);
  if (division === undefined) {
    const count = await countTokens();
    const measures = await measureText(inquiry, whole, count);
    division = await divideText(
      { ...measures, room, most, count, larger: largerContext(models), model: whole.model },
      inquiry,
    );
    known?.set(key, division);
  }
  if (division === null) return undivided(inquiry);
  const text = textsIn(inquiry.parts).join('\n\n');
  const segments = division.map(({ from, to }) => [{ kind: 'text', text: text.slice(from, to) }] as const);
  if (onTooLong === 'split') {
    const notes = [`The document was asked in ${segments.length} parts.`];
    return { segments, combine: segments.length > 1 ? split.combine : null, notes };
  }
  const sent = segments.reduce((length, [{ text: segment }]) => length + segment.length, 0);
  return { segments, combine: null, notes: [`${numeral(sent)} of ${numeral(text.length)} characters were sent.`] };
}

function undivided({ parts }: Inquiry): RequestPlan {
  return { segments: [parts], combine: null, notes: [] };
}

/** The values that were used last, by their keys: of more than `most`, the oldest goes. */
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
