import { basename } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import type { Recipe, Recipes } from '../domain/recipe.ts';
import type { LoadedRecipe } from './load-recipe.ts';
import { NO_RECIPE } from './no-recipe.ts';
import { ownerRecipes } from './owner-recipes.ts';
import { createRecipe } from './recipe.ts';
import { defaultPlaces, inboxPlaces, ownerPlaces, type RecipeFolders } from './recipe-place.ts';
import { WatchedRecipe, type WatchSettings } from './watched-recipe.ts';

export interface RecipesSettings extends RecipeFolders, WatchSettings {
  /** The recipe of every document; null: the nearest of each. */
  readonly file: string | null;
}

/** Folders whose recipes are remembered; those that were remembered first are forgotten first. */
const MOST_FOLDERS = 10_000;

/**
 * The recipes of a workspace. Each document has the nearest: of its folder, or of one above; then the default, then none.
 * They are looked at again while they are used: where not afresh, every 50 ms at most.
 *
 * @throws UsageError where the recipe of all documents, or the default, cannot be used
 */
export function createRecipes(settings: RecipesSettings): Recipes {
  const { file } = settings;
  const places = file === null ? defaultPlaces(settings) : [{ path: file, name: basename(file), trusted: true }];
  const otherwise = new WatchedRecipe(places, settings);
  const barred = otherwise.current()?.barred ?? null;
  if (barred !== null) throw new UsageError(barred);

  const none = createRecipe(NO_RECIPE, { ...settings, trusted: true, readPartial: () => null });
  const nearest = file === null ? nearestOf(settings, otherwise) : () => null;
  return { choose: ({ id }, look) => nearest(id, look) ?? otherwise.current(look) ?? none };
}

/** The recipes of one folder: what the owner says of it goes before what lies in it. */
interface FolderRecipes {
  readonly owners: WatchedRecipe;
  readonly inbox: WatchedRecipe;
}

function nearestOf(
  settings: RecipesSettings,
  otherwise: WatchedRecipe,
): (id: string, look?: 'afresh') => Recipe | null {
  const folders = new Map<string, FolderRecipes>();
  const of = (folder: string): FolderRecipes => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    if (folders.size === MOST_FOLDERS) forgetOldest(folders);
    const owners = new WatchedRecipe(ownerPlaces(folder, settings), settings);
    const inbox = new WatchedRecipe(inboxPlaces(folder, settings), settings, (look) => ownersAbove(folder, look));
    const recipes = { owners, inbox };
    folders.set(folder, recipes);
    return recipes;
  };
  const ownersAbove = (id: string, look?: 'afresh'): LoadedRecipe | null =>
    firstAbove(id, (folder) => of(folder).owners.current(look)) ?? otherwise.current(look);

  // Known from the start, so that one is missed that vanishes before the first of its documents comes.
  for (const { folder } of ownerRecipes(settings.recipes).slice(0, MOST_FOLDERS)) of(folder).owners.current();

  return (id, look) =>
    firstAbove(id, (folder) => {
      const { owners, inbox } = of(folder);
      return owners.current(look) ?? inbox.current(look);
    });
}

/** Half of them at once: a map that loses its first key again and again is slow to tell the next. */
function forgetOldest(folders: Map<string, FolderRecipes>): void {
  for (const folder of [...folders.keys()].slice(0, MOST_FOLDERS / 2)) folders.delete(folder);
}

/** What is found first in the folders above a document, or a folder, the inbox being the last. */
function firstAbove<Found>(id: string, find: (folder: string) => Found | null): Found | null {
  for (let folder = above(id); ; folder = above(folder)) {
    const found = find(folder);
    if (found !== null || folder === '') return found;
  }
}

function above(id: string): string {
  return id.slice(0, Math.max(id.lastIndexOf('/'), 0));
}
