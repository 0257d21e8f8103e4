import type { DocumentRef } from '../domain/document.ts';
import { isPresent } from '../stream/is-present.ts';

/** Picks `count` documents, or all where there are no more, so that every size has its share: the middles of equal parts. */
export function spreadOverSizes<T extends DocumentRef>(documents: readonly T[], count: number): readonly T[] {
  if (documents.length <= count) return documents;
  const bySize = documents.toSorted((one, other) => one.size - other.size || (one.id < other.id ? -1 : 1));
  const part = bySize.length / count;
  return Array.from({ length: count }, (_, index) => bySize[Math.floor((index + 0.5) * part)]).filter(isPresent);
}
