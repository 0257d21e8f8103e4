import { setImmediate } from 'node:timers/promises';
import { wholeCharacters } from '../../lib/text.ts';
import type { CountTokens } from '../tokens.ts';

/** A section of a text, by offsets into it. */
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
 * A text in slices, cut between paragraphs; else between lines, sentences or words; else anywhere. Each has one character
 * at least, however many tokens that is. Lazy: a slice is counted when it is taken.
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

/** Between paragraphs, lines, sentences, words. What stands before each keeps the blanks behind it. */
const BORDERS = [
  /(?<=\n[ \t]*\r?\n)(?=\S)/y,
  /(?<=\n)/y,
  /(?<=[.!?…]["')\]]?\s)(?=\S)|(?<=[。！？])/y,
  /(?<=\s)(?=\S)/y,
];

/** The last place after `least` and up to `end` where a text is cut well: at the best kind of border that is there. */
function cleanBorder(text: string, least: number, end: number): number {
  for (const border of BORDERS) {
    for (let at = end; at > least; at -= 1) {
      border.lastIndex = at;
      if (border.test(text)) return at;
    }
  }
  return wholeCharacters(text, end);
}

/** Characters that are counted at once, at most: a cut in a word makes one token more. */
const PIECE = 1000;

/** Fewer are counted if few tokens are asked for. */
const MOST_CHARACTERS_PER_TOKEN = 8;

/** How far from a place in a text, onwards or back, there are at most so many tokens. Hardly more than that is counted. */
function reach(text: string, from: number, tokens: number, count: CountTokens, way: 'on' | 'back' = 'on'): number {
  const piece = Math.min(PIECE, tokens * MOST_CHARACTERS_PER_TOKEN);
  const end = way === 'back' ? 0 : text.length;
  let [at, left] = [from, tokens];
  while (at !== end && left > 0) {
    const next = wholeCharacters(text, way === 'back' ? Math.max(end, at - piece) : Math.min(end, at + piece));
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

/** The event loop is held no longer than this at a time. */
const TURN_MS = 20;

/** All items, worked out one after the other, with other work of the process in between if that takes long. */
export async function cooperatively<T>(items: Iterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  let until = performance.now() + TURN_MS;
  for (const item of items) {
    all.push(item);
    if (performance.now() < until) continue;
    // oxlint-disable-next-line no-await-in-loop -- to let other work go on is what it waits for
    await setImmediate();
    until = performance.now() + TURN_MS;
  }
  return all;
}

/** Characters that are counted before other work gets its turn. */
const COUNTED_AT_ONCE = 50_000;

/** Tokens of texts, counted cooperatively. */
export async function countedTokens(texts: readonly string[], count: CountTokens): Promise<number> {
  function* counts() {
    for (const text of texts)
      for (let at = 0; at < text.length; at += COUNTED_AT_ONCE) yield count(text.slice(at, at + COUNTED_AT_ONCE));
  }
  return (await cooperatively(counts())).reduce((sum, tokens) => sum + tokens, 0);
}

export function charactersOf(texts: readonly string[]): number {
  let characters = 0;
  for (const { length } of texts) characters += length;
  return characters;
}
