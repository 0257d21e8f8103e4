/**
 * The candidate that `word` was most likely meant to be: at most `farthest` characters differ. Null if none is near.
 *
 * @default farthest two fifths of the word
 */
export function nearest(word: string, candidates: readonly string[], farthest?: number): string | null {
  return nearestOf(word, candidates, 1, farthest)[0] ?? null;
}

/** The same for several candidates, `most` of them, the nearest first. */
export function nearestOf(
  word: string,
  candidates: readonly string[],
  most: number,
  farthest: number = Math.floor(word.length * 0.4),
): readonly string[] {
  return candidates
    .filter(({ length }) => Math.abs(length - word.length) <= farthest)
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= farthest)
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** A sentence that follows another one; empty without names. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`;
}

/** How many characters must be inserted, deleted or replaced, or neighbours swapped: the optimal string alignment distance. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  let before: readonly number[] = [];
  for (const [index, character] of one.split('').entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (character === other[column - 1] ? 0 : 1);
      const isSwap = character === other[column - 2] && one[index - 1] === other[column - 1];
      const swapped = isSwap ? (before[column - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}

/** Some of them, and how many more there are: `a, b and 4 more`. */
export function listed(all: readonly string[], most: number): string {
  const more = all.length > most ? ` and ${numeral(all.length - most)} more` : '';
  return `${all.slice(0, most).join(', ')}${more}`;
}

/** Why a value is refused. `names`: what a word may be a misspelling of. */
export function notTaken(name: string, value: string, allowed: string, names: readonly string[] = []): string {
  const meant = nearest(value, names);
  const given = value === '' ? 'an empty value' : JSON.stringify(masked(value));
  return `${name} does not take ${given}${meant === null ? '' : ` (did you mean ${meant}?)`}: it takes ${allowed}`;
}

/** A value as the person wrote it, without the secrets of a URL: user and password, with the host; query; fragment. */
export function masked(text: string): string {
  return text.replace(/^(\w+:\/\/)?.*@.*$/s, '$1***').replace(/([?#]).*$/s, '$1***');
}

/** A whole number as people read it: `12,345`. */
export function numeral(value: number): string {
  return grouped(value.toFixed(0));
}

/** US dollars: two decimals from $1 on, four below, `$1,234.50` and `$0.0125`; something is never shown as nothing. */
export function usd(value: number): string {
  if (value === 0) return '$0.00';
  if (Math.abs(value) < 0.0001) return 'under $0.0001';

  const [whole = '', parts = ''] = Math.abs(value)
    .toFixed(Math.abs(value) < 0.99995 ? 4 : 2)
    .split('.');
  return `${value < 0 ? '-' : ''}$${grouped(whole)}.${parts}`;
}

/** Without `Intl`: to load its tables took a thirtieth of the start-up. */
function grouped(digits: string): string {
  return digits.replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 document`, `2 documents`. */
export function counted(count: number, noun: string): string {
  return `${numeral(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The last moment that a `Date` can hold. */
const LATEST_MS = 8.64e15;

/** A moment by the local clock: `09:05`, and `2026-04-01 09:05` if that is not today. Milliseconds since the epoch. */
export function timeInWords(ms: number, nowMs: number = Date.now()): string {
  const [moment, now] = [new Date(Math.min(ms, LATEST_MS)), new Date(nowMs)];
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}`;
  if (moment.toDateString() === now.toDateString()) return time;
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${time}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Where a text may be cut at or just before `end`: never within a surrogate pair. */
export function wholeCharacters(text: string, end: number): number {
  const splits = end > 0 && end < text.length && /^[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text.slice(end - 1, end + 1));
  return splits ? end - 1 : end;
}
