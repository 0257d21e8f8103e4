import type { CountTokens } from './count-tokens.ts';
import { wholeCharacters } from './whole-characters.ts';

export type Way = 'onwards' | 'back';

/** Characters that are counted at once, at most: a cut in a word makes one token more. */
const PIECE = 1000;

/** Fewer are counted where few tokens are asked for. */
const MOST_CHARACTERS_PER_TOKEN = 8;

/** How far from a place in a text there are at most so many tokens: an offset. Of what lies further, next to nothing is counted. */
export function reach(text: string, from: number, tokens: number, count: CountTokens, way: Way = 'onwards'): number {
  const piece = Math.min(PIECE, tokens * MOST_CHARACTERS_PER_TOKEN);
  const end = way === 'onwards' ? text.length : 0;
  let [at, left] = [from, tokens];
  while (at !== end && left > 0) {
    const next = wholeCharacters(text, way === 'onwards' ? Math.min(end, at + piece) : Math.max(end, at - piece));
    const used = count(between(text, at, next));
    if (used > left) return lastWithin(text, at, next, left, count);
    left -= used;
    at = next;
  }
  return at;
}

/** Of the places from one to another, the furthest with at most so many tokens before it. */
function lastWithin(text: string, from: number, to: number, tokens: number, count: CountTokens): number {
  let [within, beyond] = [from, to];
  while (Math.abs(beyond - within) > 1) {
    const middle = Math.trunc((within + beyond) / 2);
    if (count(between(text, from, middle)) <= tokens) within = middle;
    else beyond = middle;
  }
  const whole = wholeCharacters(text, within);
  return whole < within && to < from ? within + 1 : whole;
}

function between(text: string, one: number, other: number): string {
  return text.slice(Math.min(one, other), Math.max(one, other));
}
