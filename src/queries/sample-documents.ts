import { posix } from 'node:path';
import type { PlannedDocument } from '../cli/plan/documents.ts';
import type { Recipe } from '../domain/recipe.ts';
import { groupBy } from './group-by.ts';
import { spreadOverSizes } from './spread-over-sizes.ts';

/** Documents that are asked with the same recipe and have the same ending, so that some tell of the others. */
export interface Kind {
  readonly recipe: Recipe;
  readonly documents: readonly PlannedDocument[];
  /** Those that are looked into, of all sizes. */
  readonly sample: readonly PlannedDocument[];
}

/** What is looked into, as far as there is more. */
export interface SampleBounds {
  readonly documents: number;
  /** Of them together. */
  readonly bytes: number;
}

/** All documents by their kinds, each with its share of the sample; where there are very many kinds, some have none. */
export function sampleDocuments(documents: readonly PlannedDocument[], most: SampleBounds): readonly Kind[] {
  const kinds = groupBy(documents, ({ recipe, id }) => JSON.stringify([recipe.name, posix.extname(id).toLowerCase()]));
  const shares = [...kinds.values()].map((alike, index) => ({
    recipe: alike[0].recipe,
    documents: alike,
    sample: spreadOverSizes(alike, shareOf(alike.length, index, { all: documents.length, kinds: kinds.size }, most)),
  }));
  const bytes = shares.flatMap(({ sample }) => sample).reduce((sum, { size }) => sum + size, 0);
  return bytes <= most.bytes ? shares : shares.map((kind) => fewer(kind, most.bytes / bytes));
}

/** One, and of the rest as large a share as of all documents. */
function shareOf(
  count: number,
  index: number,
  { all, kinds }: { readonly all: number; readonly kinds: number },
  most: SampleBounds,
): number {
  if (all <= most.documents) return count;
  if (index >= most.documents) return 0;
  return 1 + Math.floor((Math.max(0, most.documents - kinds) * count) / all);
}

function fewer({ sample, ...kind }: Kind, share: number): Kind {
  return { ...kind, sample: spreadOverSizes(sample, Math.max(1, Math.floor(sample.length * share))) };
}
