import { lstatSync } from 'node:fs';
import { type OwnerRecipe, ownerRecipes } from './owner-recipes.ts';
import { stampOf } from './recipe-file.ts';
import { defaultPlaces, ownerPlaces, type RecipeFolders } from './recipe-place.ts';

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
