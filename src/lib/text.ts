/**
 * The candidate that `word` was most likely meant to be, or null where none is near: at most `farthest` characters of it
 * differ.
 *
 * @default farthest two fifths of the word
 */
export function nearest(
  word: string,
  candidates: readonly string[],
  farthest: number = Math.floor(word.length * 0.4),
): string | null {
  const [best] = candidates
    .filter(({ length }) => Math.abs(length - word.length) <= farthest)
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= farthest)
    .toSorted((one, other) => one.distance - other.distance);
  return best?.candidate ?? null;
}

/** Levenshtein's: how many characters must be put in, taken out or exchanged. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, character] of one.split('').entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const exchanged = (row[column - 1] ?? 0) + (character === other[column - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
