import { expect, test } from '@jest/globals';
import type { Recipe } from '../../src/domain/recipe.ts';
import { isSameRecipe } from '../../src/pipeline/document-status.ts';
import { document, recipe } from './in-memory.ts';

const { handling } = recipe;

test.each<readonly [string, Partial<Recipe>, boolean]>([
  ['that was looked at again', {}, true],
  ['that says otherwise what becomes of inputs', { handling: { ...handling, after: 'archive' } }, true],
  ['with another prompt, model or parameters', { hash: 'edited' }, false],
  ['of another name', { name: 'other' }, false],
  ['that cannot be used', { barred: 'it is broken' }, false],
  ['with another share of calls', { handling: { ...handling, concurrency: 2 } }, false],
  ['with other money', { handling: { ...handling, maxCostUsd: 2 } }, false],
  ['that names results otherwise', { place: () => ({ name: 'other', ending: '.md' }) }, false],
  ['that ends results otherwise', { place: ({ id }) => ({ name: id, ending: '.txt' }) }, false],
])('a recipe %s', (_, changes, same) => {
  expect(isSameRecipe({ ...recipe, ...changes }, recipe, document('a'))).toBe(same);
});
