import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { RECIPE_ENDINGS } from './recipe-place.ts';

export interface OwnerRecipe {
  /** Within `recipes/`. */
  readonly file: string;
  /** The folder of the inbox that it is for. */
  readonly folder: string;
}

/** What looks like a recipe in `recipes/`, partials apart. What cannot be listed is told where a document needs it. */
export function ownerRecipes(recipes: string): readonly OwnerRecipe[] {
  return namesIn(recipes).flatMap((file) => {
    const ending = posix.extname(file);
    const isOne = RECIPE_ENDINGS.some((known) => known === ending.toLowerCase());
    return isOne && !/^[_.]/.test(posix.basename(file)) ? { file, folder: file.slice(0, -ending.length) } : [];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  } catch {
    return [];
  }
}
