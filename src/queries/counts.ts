/** How many there are of each kind, by our words for them. */
export type Counts = ReadonlyMap<string, number>;

export function countOne(counts: Map<string, number>, word: string): void {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}

export function countEach(words: Iterable<string>): Counts {
  const counts = new Map<string, number>();
  for (const word of words) countOne(counts, word);
  return counts;
}

export function sumOf(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

export function together(...all: readonly Counts[]): Counts {
  const counts = new Map<string, number>();
  for (const some of all) for (const [word, count] of some) counts.set(word, (counts.get(word) ?? 0) + count);

  return counts;
}
