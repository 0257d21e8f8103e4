import { lstatSync, opendirSync, readdirSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import type { Handling, Recipe, Recipes } from '../domain/recipe.ts';
import { orUndefined } from '../lib/errors.ts';
import type { JsonRecord } from '../lib/json.ts';
import { shown } from '../lib/shapes.ts';
import { nearest } from '../lib/text.ts';
import { type LoadedRecipe, type LoadSettings, NO_RECIPE } from './load-recipe.ts';
import { createRecipe } from './recipe.ts';
import {
  DEFAULT_RECIPE,
  inboxPlaces,
  ownerPlaces,
  RECIPE_ENDINGS,
  type RecipeFolders,
  stampOf,
} from './recipe-file.ts';
import { type RecipeLook, WatchedRecipe } from './watched-recipe.ts';

export interface RecipesSettings extends RecipeFolders, LoadSettings {
  /** What is asked of every document, in words; null: what `file` says. */
  readonly prompt: string | null;
  /** The recipe of every document; null: the nearest of each. */
  readonly file: string | null;
  /** Why documents that have no recipe are not asked, a sentence; null: they are asked as they are. */
  readonly whyNotWithout: string | null;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/** How long all documents share one look at the disk. The second is for a document that is about to be asked. */
const LOOK_MILLISECONDS = 50;
const CURRENT_LOOK_MILLISECONDS = 5;

/** Recipes that are named at the start of a run. */
const MOST_LISTED = 3;

/** Folders whose recipes are remembered; the oldest are forgotten first. */
const MOST_FOLDERS = 10_000;

/** The recipes of one folder of the inbox: the owner's goes before that in the folder. */
interface FolderRecipes {
  readonly folder: string;
  readonly owners: WatchedRecipe;
  readonly inbox: WatchedRecipe;
  /** The look during which `nearest` was found. */
  look: RecipeLook | null;
  /** What documents of the folder get; null: none. */
  nearest: LoadedRecipe | null;
}

/** The recipes of a run, with what the first line says about them. */
export interface RunRecipes extends Recipes {
  /** As things are now, without the recipes in the inbox; `inboxRecipes`: whether there may be some. */
  overview(): { readonly words: string; readonly asks: readonly RecipeAsks[]; readonly inboxRecipes: boolean };
}

/** What decides about the cost of what a recipe asks, and what becomes of the inputs. */
interface RecipeAsks extends Pick<Handling, 'onLength' | 'pdf' | 'after'> {
  readonly model: string;
  /** Null: what the run says. */
  readonly maxTokens: number | null;
  readonly fields: JsonRecord;
}

function asksOf({
  model,
  definition: { maxTokens, fields, handling },
}: Pick<LoadedRecipe, 'model' | 'definition'>): RecipeAsks {
  const { onLength, pdf, after } = handling;
  return { model, maxTokens, fields, onLength, pdf, after };
}

/**
 * The recipes of a workspace. Each document has the nearest: of its folder, or of one above; then the default, then
 * none. A change of a file is seen within 50 ms, and within 5 ms by a document that is about to be asked. Until then a
 * choice costs no look at the disk, and nothing is built for it.
 *
 * @throws UsageError if the recipe of all documents, or the default, cannot be used
 */
export function createRecipes(settings: RecipesSettings): RunRecipes {
  const { prompt } = settings;
  if (prompt !== null) {
    const definition = { ...NO_RECIPE, name: '--prompt', template: { kind: 'plain' as const, text: prompt } };
    const recipe = createRecipe(definition, { ...settings, trusted: true, readPartial: () => null });
    const overview = { words: shown(prompt), asks: [asksOf({ ...recipe, definition })], inboxRecipes: false };
    return { choose: () => recipe, overview: () => overview };
  }
  const recipes = new WorkspaceRecipes(settings);
  const barred = recipes.otherwise()?.barred ?? null;
  if (barred !== null) throw new UsageError(barred);
  recipes.watchOwners();
  return recipes;
}

class WorkspaceRecipes implements RunRecipes {
  readonly #settings: RecipesSettings;
  readonly #otherwise: WatchedRecipe;
  readonly #none: Recipe;
  readonly #folders = new Map<string, FolderRecipes>();
  /** Of the document before: the next one often lies beside it. */
  #last: FolderRecipes;
  #look: RecipeLook;

  constructor(settings: RecipesSettings) {
    const { file, now } = settings;
    const places =
      file === null ? ownerPlaces(DEFAULT_RECIPE, settings) : [{ path: file, name: basename(file), trusted: true }];
    this.#settings = settings;
    this.#otherwise = new WatchedRecipe(places, settings);
    const none = createRecipe(NO_RECIPE, { ...settings, trusted: true, readPartial: () => null });
    this.#none = { ...none, barred: settings.whyNotWithout };
    this.#last = this.#recipesOf('');
    this.#look = { now: now() };
  }

  choose({ id }: { readonly id: string }, look?: 'current'): Recipe {
    const now = this.#settings.now();
    const longest = look === 'current' ? CURRENT_LOOK_MILLISECONDS : LOOK_MILLISECONDS;
    if (now - this.#look.now >= longest) this.#look = { now };
    if (this.#settings.file !== null) return this.otherwise() ?? this.#none;

    const length = Math.max(id.lastIndexOf('/'), 0);
    const { folder } = this.#last;
    if (length !== folder.length || !id.startsWith(folder)) this.#last = this.#recipesOf(id.slice(0, length));
    return this.#nearest(this.#last) ?? this.#none;
  }

  /** The recipe of all documents that have no other. */
  otherwise(): LoadedRecipe | null {
    return this.#otherwise.current(this.#look);
  }

  overview(): ReturnType<RunRecipes['overview']> {
    const { file, model, inbox, inboxRecipes, whyNotWithout } = this.#settings;
    const forAll = this.otherwise();
    const others = [...this.#folders.values()].flatMap(({ folder, owners }) =>
      folder !== DEFAULT_RECIPE && isFolder(`${inbox}/${folder}`) ? (owners.current(this.#look) ?? []) : [],
    );
    const all = forAll === null ? others : [forAll, ...others];
    const sendsAsIs = file === null && forAll === null && whyNotWithout === null;
    const names = [...all.map(({ name }) => name), ...(sendsAsIs ? ['no recipe (documents as they are)'] : [])];
    const more = names.length > MOST_LISTED ? [`${names.length - MOST_LISTED} more`] : [];
    const mayHaveOthers = file === null && inboxRecipes && mayHaveRecipes(inbox);
    return {
      words:
        [...names.slice(0, MOST_LISTED), ...more].join(', ') ||
        `no recipe${mayHaveOthers ? ' but what the inbox may hold' : ''}`,
      asks: [...all.map(asksOf), ...(sendsAsIs ? [asksOf({ model, definition: NO_RECIPE })] : [])],
      inboxRecipes: mayHaveOthers,
    };
  }

  /** Looks at the owner's recipes from the start: so one is awaited that vanishes before its first document comes. */
  watchOwners(): void {
    if (this.#settings.file !== null) return;
    for (const { folder } of ownerRecipes(this.#settings.recipes).slice(0, MOST_FOLDERS))
      this.#recipesOf(folder).owners.current(this.#look);
  }

  #nearest(recipes: FolderRecipes): LoadedRecipe | null {
    if (recipes.look === this.#look) return recipes.nearest;
    const { folder, owners, inbox } = recipes;
    const own = owners.current(this.#look) ?? inbox.current(this.#look);
    recipes.nearest = own ?? (folder === '' ? this.otherwise() : this.#nearest(this.#recipesOf(above(folder))));
    recipes.look = this.#look;
    return recipes.nearest;
  }

  /** The owner's recipe of a folder, or of the nearest above that has one. */
  #owners(folder: string): LoadedRecipe | null {
    const own = this.#recipesOf(folder).owners.current(this.#look);
    return own ?? (folder === '' ? this.otherwise() : this.#owners(above(folder)));
  }

  #recipesOf(folder: string): FolderRecipes {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    // Half of them at once: a map that loses its first key again and again finds the next one slowly.
    if (this.#folders.size === MOST_FOLDERS)
      for (const oldest of [...this.#folders.keys()].slice(0, MOST_FOLDERS / 2)) this.#folders.delete(oldest);
    const owners = new WatchedRecipe(ownerPlaces(folder, this.#settings), this.#settings);
    const inbox = new WatchedRecipe(inboxPlaces(folder, this.#settings), this.#settings, () =>
      this.#owners(above(folder)),
    );
    const recipes = { folder, owners, inbox, look: null, nearest: null };
    this.#folders.set(folder, recipes);
    return recipes;
  }
}

function above(folder: string): string {
  return folder.slice(0, Math.max(folder.lastIndexOf('/'), 0));
}

/**
 * What looks like a recipe in `recipes/`, without partials: its path there, and the folder of the inbox that it is for.
 * Nothing if that cannot be listed: reading a recipe reports it.
 */
function ownerRecipes(recipes: string): readonly { readonly file: string; readonly folder: string }[] {
  const files = orUndefined(() => readdirSync(recipes, { recursive: true, encoding: 'utf8' })) ?? [];
  return files.toSorted().flatMap((file) => {
    const ending = posix.extname(file);
    const isOne = RECIPE_ENDINGS.some((known) => known === ending.toLowerCase());
    return isOne && !/^[_.]/.test(posix.basename(file)) ? { file, folder: file.slice(0, -ending.length) } : [];
  });
}

/** Every recipe in `recipes/`, and why it cannot be used, or null. */
export function checkOwnRecipes(
  settings: RecipesSettings,
): readonly { readonly name: string; readonly barred: string | null }[] {
  return ownerRecipes(settings.recipes).map(({ file }) => {
    const name = `recipes/${file}`;
    const recipe = new WatchedRecipe([{ path: `${settings.recipes}/${file}`, name, trusted: true }], settings);
    return { name, barred: recipe.current({ now: settings.now() })?.barred ?? null };
  });
}

/** The files in `recipes/` that no document could have now: their folder is missing, or another goes before them. */
export function unusedRecipes(folders: Pick<RecipeFolders, 'inbox' | 'recipes'>): readonly string[] {
  return ownerRecipes(folders.recipes).flatMap(({ file, folder }) => {
    const name = `recipes/${file}`;
    const hasFolder = folder === DEFAULT_RECIPE || isFolder(`${folders.inbox}/${folder}`);
    const first = ownerPlaces(folder, folders).find((place) => stampOf(place) !== '');
    return hasFolder && first?.name === name ? [] : [name];
  });
}

/** A name that a person may have typed for the default recipe, and which one. */
export interface NearDefault {
  /** As messages show it: `recipes/defualt.prompt`. */
  readonly name: string;
  readonly meant: string;
}

/** What in `recipes/` is nearly named as the default recipe; null if there is nothing such, or the default is there. */
export function nearDefault(folders: Pick<RecipeFolders, 'inbox' | 'recipes'>): NearDefault | null {
  if (ownerPlaces(DEFAULT_RECIPE, folders).some((place) => stampOf(place) !== '')) return null;
  for (const name of orUndefined(() => readdirSync(folders.recipes).toSorted()) ?? []) {
    const [stem = '', ...endings] = name.split('.');
    const isNear = nearest(stem.toLowerCase(), [DEFAULT_RECIPE], FARTHEST_TYPO) !== null;
    if (!isNear || /^[_.]/.test(name) || isFolder(`${folders.inbox}/${stem}`) || isFolder(`${folders.recipes}/${name}`))
      continue;
    const ending = RECIPE_ENDINGS.find((known) => endings.some((given) => `.${given.toLowerCase()}` === known));
    return { name: `recipes/${name}`, meant: `${DEFAULT_RECIPE}${ending ?? RECIPE_ENDINGS[0]}` };
  }
  return null;
}

/** Of letters. */
const FARTHEST_TYPO = 2;

/** Entries of the inbox that the start of a run looks at. */
const MOST_LOOKED_AT = 1000;

/** Whether there may be a recipe in the inbox: there is one at its top, or a folder; or more than is looked at. */
function mayHaveRecipes(inbox: string): boolean {
  const folder = orUndefined(() => opendirSync(inbox));
  if (folder === undefined) return false;
  try {
    for (let count = 0; count < MOST_LOOKED_AT; count += 1) {
      const entry = folder.readSync();
      if (entry === null) return false;
      if (entry.isDirectory() || entry.name.startsWith('_recipe.')) return true;
    }
    return true;
  } finally {
    folder.closeSync();
  }
}

/** Links are not followed into the inbox. */
function isFolder(path: string): boolean {
  return orUndefined(() => lstatSync(path).isDirectory()) === true;
}
