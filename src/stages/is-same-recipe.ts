import type { DocumentRef } from '../domain/document.ts';
import type { Recipe } from '../domain/recipe.ts';

/** Whether two looks at a document's recipe come to the same: what is asked, where the result belongs, and what the gate is told. */
export function isSameRecipe(one: Recipe, other: Recipe, document: Pick<DocumentRef, 'id'>): boolean {
  const place = one.place(document);
  const otherPlace = other.place(document);
  return (
    one.hash === other.hash &&
    one.name === other.name &&
    one.barred === other.barred &&
    one.handling.concurrency === other.handling.concurrency &&
    one.handling.maxCostUsd === other.handling.maxCostUsd &&
    place.name === otherPlace.name &&
    place.ending === otherPlace.ending
  );
}
