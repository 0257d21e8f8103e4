import { lstatSync, readdirSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import type { Recipe, Recipes } from '../domain/recipe.ts';
import { type LoadedRecipe, NO_RECIPE } from './load-recipe.ts';
import { createRecipe } from './recipe.ts';
import { defaultPlaces, inboxPlaces, ownerPlaces, RECIPE_ENDINGS, type RecipeFolders, stampOf } from './recipe-file.ts';
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

interface OwnerRecipe {
  /** Within `recipes/`. */
  readonly file: string;
  /** The folder of the inbox that it is for. */
  readonly folder: string;
}

/** What looks like a recipe in `recipes/`, partials apart. What cannot be listed is told where a document needs it. */
function ownerRecipes(recipes: string): readonly OwnerRecipe[] {
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

/** The files in `recipes/` that no document could have now: their folder is missing, or another goes before them. */
export function unusedRecipes(folders: Pick<RecipeFolders, 'inbox' | 'recipes'>): readonly string[] {
  return ownerRecipes(folders.recipes)
    .filter((recipe) => !isUsed(recipe, folders))
    .map(({ file }) => `recipes/${file}`);
}

function isUsed({ file, folder }: OwnerRecipe, folders: Pick<RecipeFolders, 'inbox' | 'recipes'>): boolean {
  if (folder !== 'default' && !isFolder(`${folders.inbox}/${folder}`)) return false;
  const places = folder === 'default' ? defaultPlaces(folders) : ownerPlaces(folder, folders);
  return places.find((place) => stampOf(place) !== '')?.name === `recipes/${file}`;
}

/** Links are not followed into the inbox. */
function isFolder(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
