import { nearest } from '../lib/text.ts';

/** Further off, it may as well be a field of the API that is newer than this program. */
const FARTHEST_TYPO = 2;

const SHORTEST_BEGINNING = 3;

/** The known name that `name` was meant to be: written otherwise, cut short or misspelt; null where it looks like none. */
export function meantName(name: string, known: readonly string[]): string | null {
  const plain = snakeCase(name);
  const names = new Map(known.map((candidate) => [snakeCase(candidate), candidate]));
  const plainNames = [...names.keys()];
  const meant =
    plainNames.find((candidate) => candidate === plain) ??
    plainNames.find((candidate) => plain.length >= SHORTEST_BEGINNING && candidate.startsWith(plain)) ??
    nearest(plain, plainNames, Math.min(FARTHEST_TYPO, Math.floor(plain.length * 0.4)));
  return meant === null ? null : (names.get(meant) ?? null);
}

/** The problem with a name where only known ones may stand. */
export function unknownName(name: string, known: readonly string[]): string {
  const meant = meantName(name, known) ?? nearest(name, known);
  return meant === null ? `is not known; known are ${known.join(', ')}` : notThatName(meant);
}

export function notThatName(meant: string): string {
  return `is not known: did you mean ${meant}?`;
}

/** `maxOutputTokens`, `max-output-tokens` and `max_output_tokens` are one name. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}
