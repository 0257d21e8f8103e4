import { extname } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import type { Recipe } from '../domain/recipe.ts';
import { heldTo } from './held-to.ts';
import { parseRecipe } from './parse-recipe.ts';
import { createRecipe, type RunSettings } from './recipe.ts';
import type { RecipeDefinition } from './recipe-definition.ts';
import { readRecipeFile, stampOf } from './recipe-file.ts';
import { RECIPE_ENDINGS, type RecipePlace } from './recipe-place.ts';

export interface LoadSettings extends RunSettings {
  /** The longest answer, in tokens. */
  readonly maxTokens: number;
  /** The folder of the partials. */
  readonly recipes: string;
}

/** A file that a recipe was made of, in the state in which it was found. */
export interface SourceState extends Pick<RecipePlace, 'path' | 'trusted'> {
  readonly stamp: string;
}

/** A recipe with what it says, of which others may have to know. */
export interface LoadedRecipe extends Recipe {
  readonly definition: RecipeDefinition;
}

export interface RecipeSource {
  readonly place: RecipePlace;
  /** The recipe of the owner whose limits hold for it, too; null where there is none. */
  readonly owner: LoadedRecipe | null;
}

/**
 * Reads and checks the recipe of a file.
 *
 * @param noted is told each file that it is made of, before that is read: also one that is missing
 * @throws UsageError where it cannot be used
 */
export function loadRecipe(
  { place, owner }: RecipeSource,
  settings: LoadSettings,
  noted: (file: SourceState) => void,
): LoadedRecipe {
  const read = (file: Pick<RecipePlace, 'path' | 'trusted'>): string => {
    noted({ ...file, stamp: stampOf(file) });
    return readRecipeFile(file);
  };
  const readPartial = (partial: string): string | null => {
    const file = { path: `${settings.recipes}/_${partial}.prompt`, trusted: true };
    if (stampOf(file) !== '') return read(file);
    noted({ ...file, stamp: '' });
    return null;
  };
  const { name, trusted, path } = place;
  const kind = kindOf(path);
  const parsed = parseRecipe(read(place), { name, kind, trusted, maxTokens: settings.maxTokens });
  const definition = owner === null ? parsed : heldTo(owner.definition, parsed);
  const recipe = createRecipe(definition, { ...settings, trusted, readPartial });
  return { ...recipe, barred: recipe.barred ?? owner?.barred ?? null, definition };
}

function kindOf(path: string): 'plain' | 'dotprompt' {
  const ending = extname(path).toLowerCase();
  if (!RECIPE_ENDINGS.some((known) => known === ending))
    throw new UsageError(`The recipe ${path} must be a text file that ends in .prompt, .md or .txt.`);
  return ending === '.prompt' ? 'dotprompt' : 'plain';
}
