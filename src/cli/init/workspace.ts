import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../lib/errors.ts';
import { type FolderName, makeFolder, prepareWorkspace, tryTo } from '../../run/workspace.ts';
import { CLASSIFY, EXTRACT, SUMMARIZE, TRANSLATE } from './starter-recipes.ts';

/** A folder or file of the workspace. */
export interface InitEntry {
  readonly path: string;
  /** False where something was there: it is left as it is. */
  readonly made: boolean;
}

interface InitSettings extends Readonly<Record<FolderName, string>> {
  readonly root: string;
  /** What the recipe of all documents says. */
  readonly recipe: string;
  /** What `sluice.config.yaml` says. */
  readonly config: string;
}

export interface InitOutcome {
  readonly folders: readonly InitEntry[];
  /** Null where a workspace was in use without one: it would ask something else of all documents from now on. */
  readonly recipe: InitEntry | null;
  readonly config: InitEntry;
}

/** A recipe of another ending would lose its place to ours. */
const DEFAULT_RECIPE = /^default\.(?:prompt|md|txt)$/;

/**
 * Makes a workspace of what is missing of it. Nothing that is there is changed. Paths are absolute.
 *
 * @throws UsageError where a file stands in the place of a folder, or nothing can be written
 * @throws DiskError
 */
export function initWorkspace({ recipe, config, ...folders }: InitSettings): InitOutcome {
  const { root, inbox, outbox, failed } = folders;
  const recipes = join(root, 'recipes');
  const isInUse = isThere(join(root, '.sluice', 'ledger.db'));
  const entries = [inbox, outbox, failed, recipes].map((path) => ({ path, made: !isThere(path) }));
  prepareWorkspace({
    ...folders,
    rootIsDefault: true,
    named: new Set(),
    after: 'keep',
    archive: join(root, 'archive'),
  });
  tryTo(`The recipes folder ${recipes} cannot be made`, () => makeFolder(recipes));
  const file = join(recipes, defaultIn(recipes) ?? 'default.prompt');
  return {
    folders: entries,
    recipe: isInUse && !isThere(file) ? null : write(file, recipe),
    config: write(join(root, 'sluice.config.yaml'), config),
  };
}

function defaultIn(recipes: string): string | undefined {
  const names = tryTo(`The recipes folder ${recipes} cannot be read`, () => readdirSync(recipes));
  return names.find((name) => DEFAULT_RECIPE.test(name));
}

function write(path: string, text: string): InitEntry {
  return tryTo(`${path} cannot be written`, () => {
    try {
      writeFileSync(path, text, { flag: 'wx' });
      return { path, made: true };
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return { path, made: false };
      throw error;
    }
  });
}

/** What cannot be looked at is told when it is to be made. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Recipes to begin with, by what they do: each works as it is, and tells in comments what can be changed. */
export const STARTER_RECIPES = { summarize: SUMMARIZE, extract: EXTRACT, classify: CLASSIFY, translate: TRANSLATE };

export type StarterKind = keyof typeof STARTER_RECIPES;
