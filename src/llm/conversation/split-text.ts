import { cleanBorder } from '../../dialogue/clean-border.ts';
import type { CountTokens } from '../../dialogue/count-tokens.ts';
import { reach } from '../../dialogue/reach.ts';

/** A piece of a text, by offsets into it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface SliceSize {
  /** Of each slice, with what it repeats, at most. */
  readonly tokens: number;
  /** What a slice repeats of the one before, at most; never more than half of the tokens. */
  readonly overlap: number;
  /** What may be given up of a slice for a clean border. */
  readonly givenUp: number;
}

/**
 * A text in slices, cut between paragraphs; else between lines, sentences or words; else anywhere. One character each at
 * least, however many tokens that has. Counted once, as they are taken.
 */
export function* splitText(text: string, size: SliceSize, count: CountTokens): Generator<Span> {
  const repeated = Math.min(size.overlap, Math.floor(size.tokens / 2));
  let last: Span = { from: 0, to: 0 };
  while (last.to < text.length) {
    const to = endOfSlice(text, last.to, size.tokens - repeated, size.givenUp, count);
    const from = repeated === 0 ? last.to : overlapBefore(text, last, repeated, count);
    yield { from, to };
    last = { from: last.to, to };
  }
}

function endOfSlice(text: string, from: number, tokens: number, givenUp: number, count: CountTokens): number {
  const end = reach(text, from, tokens, count);
  if (end === text.length) return end;
  if (end === from) return from + String.fromCodePoint(text.codePointAt(from) ?? 0).length;
  return cleanBorder(text, end - Math.floor((end - from) * givenUp), end);
}

/** Where the repetition begins: at a word, within the slice before. */
function overlapBefore(text: string, { from, to }: Span, tokens: number, count: CountTokens): number {
  const start = reach(text, to, tokens, count, 'back');
  if (start <= from) return from;
  const word = text.slice(start - 1, to).search(/(?<=\s)(?=\S)/);
  return word === -1 ? start : start - 1 + word;
}
