import { readdirSync } from 'node:fs';
import { DiskError, UsageError } from '../domain/errors.ts';
import type { Options } from '../domain/options.ts';
import type { Recipes } from '../domain/recipe.ts';
import { chosenDocuments } from '../inbox/scan.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';

interface CollisionSettings extends Pick<Options, 'inbox' | 'include' | 'exclude' | 'prompt' | 'recipe'> {
  readonly recipes: Recipes;
  /** Ids of the documents. @default those of the inbox */
  readonly ids?: readonly string[];
  /** The folder of the owner's recipes: they alone may name results. */
  readonly folder: string;
}

/**
 * Looks through the inbox before anything is paid: recipes that name results must tell all documents apart, also from
 * those that keep their names. Most runs have plain recipes, which name none, and need no look.
 *
 * @throws UsageError that names two documents whose results would have the same name; DiskError if the recipes cannot be
 * listed
 */
export function refuseCollisions(settings: CollisionSettings): void {
  const { recipes, folder, prompt, recipe } = settings;
  if (prompt !== null) return;
  if (!(recipe === null ? namesIn(folder) : [recipe]).some((name) => name.endsWith('.prompt'))) return;
  const owners = new Map<string, string>();
  for (const { id, path, isNamed } of placesOf(settings)) {
    if (!isNamed) continue;
    const other = owners.get(path);
    if (other !== undefined) throw collision(path, [other, id], recipes);
    owners.set(path, id);
  }
  if (owners.size === 0) return;

  // Documents that keep their names never collide with each other: they need not be remembered.
  for (const { id, path, isNamed } of placesOf(settings)) {
    const other = isNamed ? undefined : owners.get(path);
    if (other !== undefined) throw collision(path, [other, id], recipes);
  }
}

/** The path of each document's result. `isNamed`: the recipe names it. */
function* placesOf(settings: CollisionSettings): Generator<{ id: string; path: string; isNamed: boolean }> {
  const { recipes, inbox, ids } = settings;
  for (const { id } of ids?.map((given) => ({ id: given })) ?? chosenDocuments(inbox, settings)) {
    const { name, ending } = recipes.choose({ id }).place({ id });
    yield { id, path: name + ending, isNamed: name !== id };
  }
}

/** The recipe of the first document names its result. */
function collision(path: string, [named, other]: readonly [string, string], recipes: Recipes): UsageError {
  return new UsageError(
    `${named} and ${other} would both have the result ${path}: ` +
      `output.name in the recipe ${recipes.choose({ id: named }).name} must tell them apart, with {{path}} for example.`,
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new DiskError(`The folder of recipes ${folder} cannot be listed: ${errorMessage(error)}`, { cause: error });
  }
}
