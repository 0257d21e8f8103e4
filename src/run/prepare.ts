import { join } from 'node:path';
import type { Observable } from 'rxjs';
import { UsageError } from '../domain/errors.ts';
import type { Given, Options } from '../domain/options.ts';
import type { Recipes } from '../domain/recipe.ts';
import type { Clock } from '../lib/clock.ts';
import { type Access, findAccess, missingKeyMessage } from '../llm/access.ts';
import { type Api, CUSTOM, namesOf, resolveApi } from '../llm/api.ts';
import type { RecipeFolders } from '../recipe/recipe-file.ts';
import { createRecipes, unusedRecipes } from '../recipe/recipes.ts';
import { refuseCollisions } from './refuse-collisions.ts';
import type { ProcessSignal } from './stop.ts';
import { type FolderName, prepareWorkspace } from './workspace.ts';

/** Recipes that a note names. */
const MOST_LISTED = 5;

/** What a person asked for, and where it came from. */
export interface Asked {
  readonly options: Options;
  readonly given: Given;
  readonly environment: NodeJS.ProcessEnv;
}

/** A run whose configuration was checked. Nothing was sent yet. */
export interface Prepared {
  readonly options: Options;
  /** Where inputs go with `--after archive`. */
  readonly archive: string;
  readonly api: Api;
  readonly access: Access;
  readonly recipes: Recipes;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Checks all that can be checked before the first call, and makes missing folders.
 *
 * @throws UsageError, DiskError
 */
export function prepare({ options, given, environment }: Asked, now: () => number): Prepared {
  const api = resolveApi(options.api);
  requireModel(api, given);
  const access = findAccess(api, environment, options);
  const { key, headers } = access;
  if (key === null && headers.length === 0 && !api.loopback) throw new UsageError(missingKeyMessage(api));
  const recipes = loadRecipes(options, now);
  const folders: readonly FolderName[] = ['inbox', 'outbox', 'failed'];
  const named = new Set(folders.filter((name) => given[name] !== undefined));
  const archive = join(options.root, 'archive');
  const made = prepareWorkspace({ ...options, archive, rootIsDefault: given.root === undefined, named });
  const { root, inbox } = options;
  const folder = join(root, 'recipes');
  refuseCollisions({ ...options, recipes, folder });
  const unsent =
    options.reasoning === null || api.effortField !== null
      ? []
      : [`--reasoning is not sent: ${api.name} takes no word of how long to think.`];
  const isOneForAll = options.prompt !== null || options.recipe !== null;
  const notes = [...made, ...unsent, ...(isOneForAll ? [] : unusedNotes({ inbox, recipes: folder }))];
  return { options, archive, api, access, recipes, notes };
}

function unusedNotes(folders: Pick<RecipeFolders, 'inbox' | 'recipes'>): readonly string[] {
  const unused = unusedRecipes(folders);
  if (unused.length === 0) return [];
  const listed = unused.slice(0, MOST_LISTED).join(', ');
  const others = unused.length > MOST_LISTED ? ` and ${unused.length - MOST_LISTED} more` : '';
  return [
    `No document has the recipe ${listed}${others} now: recipes/q1.prompt is for the folder q1 of the inbox, ` +
      'recipes/default.prompt for documents that have no other.',
  ];
}

/** @throws UsageError if the API has no default model, and none was given */
export function requireModel(api: Api, given: Given): void {
  const name = api.name === CUSTOM ? api.baseUrl : api.name;
  if (api.needsModel && given.model === undefined)
    throw new UsageError(`--api ${name} needs --model: it has none by default.`);
}

type RecipeOptions = Pick<
  Options,
  | 'root'
  | 'api'
  | 'inbox'
  | 'inboxRecipes'
  | 'prompt'
  | 'recipe'
  | 'model'
  | 'maxTokens'
  | 'reasoning'
  | 'truncateCharacters'
>;

/** The recipes of a run with these options. They are read again when they change. `now`: monotonic ms. @throws UsageError */
export function loadRecipes(options: RecipeOptions, now: () => number): Recipes {
  const { root, recipe, maxTokens, reasoning, truncateCharacters } = options;
  // What was asked for, not what is learned of who serves it.
  const api = resolveApi(options.api);
  return createRecipes({
    ...options,
    file: recipe,
    recipes: join(root, 'recipes'),
    api: api.identity,
    apiNames: namesOf(api),
    parameters: { maxTokens, reasoning: reasoning ?? api.defaultEffort },
    truncate: truncateCharacters,
    now,
  });
}

/** What a run needs of its process. */
export interface RunContext {
  readonly environment: NodeJS.ProcessEnv;
  readonly signals: Observable<ProcessSignal>;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  readonly version: string;
  /** What the program was started with; the first is how it is called again, as a shell takes it. */
  readonly commandLine: readonly string[];
  readonly clock: Clock;
}
