import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { UsageError } from '../domain/errors.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';

const MOST_BYTES = 1024 * 1024;

/** If it is trusted, links are followed: containers get whole folders of settings as links. */
type Place = Pick<RecipePlace, 'path' | 'trusted'>;

/** Changes with each change of a file, as far as its stat shows; empty if there is none. */
export function stampOf({ path, trusted }: Place): string {
  try {
    const stats = (trusted ? statSync : lstatSync)(path, { throwIfNoEntry: false });
    return stats === undefined ? '' : [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
  } catch (error) {
    // Nothing can be there under such a path; other errors are reported when the file is read.
    return ['ENAMETOOLONG', 'ENOTDIR'].includes(errorCode(error)) ? '' : errorCode(error);
  }
}

/**
 * The text of a recipe or partial, without a byte order mark.
 *
 * @throws UsageError if it is no file, larger than 1 MB, no UTF-8, cannot be read or says nothing
 */
export function readRecipeFile(place: Place): string {
  const bytes = readBytes(place);
  if (!isUtf8(bytes)) throw new UsageError(`The recipe ${place.path} is not UTF-8 text.`);
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') throw new UsageError(`The recipe ${place.path} is empty.`);
  return text;
}

function readBytes({ path, trusted }: Place): Buffer {
  try {
    // Without O_NONBLOCK, opening a pipe would wait forever.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (trusted ? 0 : constants.O_NOFOLLOW));
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) throw new UsageError(`The recipe ${path} is not a file.`);
      if (stats.size > MOST_BYTES) throw new UsageError(`The recipe ${path} is larger than 1 MB.`);
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The recipe ${path} ${problem(error)}.`, { cause: error });
  }
}

function problem(error: unknown): string {
  if (errorCode(error) === 'ENOENT') return 'does not exist';
  if (errorCode(error) === 'ELOOP') return 'is a link, which in the inbox is not followed';
  return `cannot be read: ${errorMessage(error)}`;
}

/** A file that may hold a recipe. */
export interface RecipePlace {
  /** Absolute. */
  readonly path: string;
  /** How people and receipts call it. */
  readonly name: string;
  /** The owner of the workspace put it there; anyone may put files into the inbox. */
  readonly trusted: boolean;
}

/** The problem with what the owner of the workspace alone may do. */
export function onlyOwner(why: string): string {
  return `${why}: a recipe in the inbox may not do that, one in recipes/ may`;
}

/** The best first: of several files, that one counts. */
export const RECIPE_ENDINGS = ['.prompt', '.md', '.txt'] as const;

export interface RecipeFolders {
  /** Absolute. */
  readonly inbox: string;
  /** Absolute; also the folder of partials. */
  readonly recipes: string;
  /** Whether recipes in the inbox count. */
  readonly inboxRecipes: boolean;
}

/** The recipe of all documents that have none of their own is named as if it were for this folder. */
export const DEFAULT_RECIPE = 'default';

/** Where the owner's recipe of a folder of the inbox may be. */
export function ownerPlaces(folder: string, { recipes }: Pick<RecipeFolders, 'recipes'>): readonly RecipePlace[] {
  return folder === '' ? [] : placesOf(folder, { path: recipes, name: 'recipes', trusted: true });
}

/** Where the recipe in a folder of the inbox may be. */
export function inboxPlaces(folder: string, { inbox, inboxRecipes }: RecipeFolders): readonly RecipePlace[] {
  if (!inboxRecipes) return [];
  return placesOf(folder === '' ? '_recipe' : `${folder}/_recipe`, { path: inbox, name: 'inbox', trusted: false });
}

/** The files of one name in a folder, which is described as a place is. */
function placesOf(file: string, { path, name, trusted }: RecipePlace): readonly RecipePlace[] {
  return RECIPE_ENDINGS.map((ending) => ({
    path: `${path}/${file}${ending}`,
    name: `${name}/${file}${ending}`,
    trusted,
  }));
}
