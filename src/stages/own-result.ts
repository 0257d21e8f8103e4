import type { DocumentRef } from '../domain/document.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Outbox } from '../domain/ports.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { ResultPlace } from '../domain/request.ts';

/** What lies in the outbox, and what is remembered of it. */
export interface ResultLooks {
  readonly outbox: Pick<Outbox, 'resultOf' | 'holds'>;
  readonly ledger: Pick<Ledger, 'resultPath' | 'ownerOf'>;
}

interface OwnedResult {
  readonly path: string;
  readonly mtimeMs: number;
  /** The document that it is of; where nothing is remembered, the one whose place this is. */
  readonly owner: string;
}

/** What lies in the place of a document, which may be the result of another: recipes may send several to one place. */
export function resultIn({ outbox, ledger }: ResultLooks, id: string, place: ResultPlace): OwnedResult | null {
  const there = outbox.resultOf(place);
  return there === null ? null : { ...there, owner: ledger.ownerOf(there.path) ?? id };
}

/** The same where it is the document's own; else null. */
export function ownResult(looks: ResultLooks, id: string, place: ResultPlace): OwnedResult | null {
  const there = resultIn(looks, id, place);
  return there?.owner === id ? there : null;
}

/** Whether the answer to a document was made with another recipe, model or parameters. `made`: what is remembered of it. */
export function isStale(made: { readonly recipe: string | null }, recipe: Recipe): boolean {
  return made.recipe !== null && made.recipe !== recipe.hash;
}

/** Whether the result of a document that was answered lies in the outbox: in its place, or where another recipe put it. */
export function hasResult(looks: ResultLooks, { id }: DocumentRef, recipe: Recipe, stale: boolean): boolean {
  const { outbox, ledger } = looks;
  const place = recipe.place({ id });
  // At every scan of 100,000 documents: the ledger is asked of those alone whose recipe names results.
  const inPlace = place.name === id ? outbox.resultOf(place) : ownResult(looks, id, place);
  if (inPlace !== null || !stale) return inPlace !== null;
  const path = ledger.resultPath(id);
  return path !== undefined && outbox.holds(path);
}
