import { join } from 'node:path';
import type { Observable } from 'rxjs';
import { UsageError } from '../domain/errors.ts';
import type { Given, Options } from '../domain/options.ts';
import type { Clock } from '../lib/clock.ts';
import { type Access, findAccess, missingKeyMessage } from '../llm/access.ts';
import { type Api, CUSTOM, namesOf, resolveApi } from '../llm/api.ts';
import type { RecipeFolders } from '../recipe/recipe-file.ts';
import { createRecipes, type NearDefault, nearDefault, type RunRecipes, unusedRecipes } from '../recipe/recipes.ts';
import { refuseCollisions } from './refuse-collisions.ts';
import type { RunSignal } from './stop.ts';
import { type FolderName, prepareWorkspace } from './workspace.ts';

/** Recipes that a note names. */
const MOST_LISTED = 5;

/** What a person asked for, and where it came from. */
export interface Asked {
  readonly options: Options;
  readonly given: Given;
  readonly environment: NodeJS.ProcessEnv;
  /** A command of ours as this person calls it. */
  readonly hint: Hint;
}

type Hint = (command: string) => string;

/** A run whose configuration was checked. Nothing was sent yet. */
export interface Prepared {
  readonly options: Options;
  /** The folder of the ledger and the lock; null: nothing is remembered. */
  readonly memory: string | null;
  /** Where inputs go with `--after archive`. */
  readonly archive: string;
  readonly api: Api;
  readonly access: Access;
  readonly recipes: RunRecipes;
  readonly hint: Hint;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Checks all that can be checked before the first call, and makes missing folders.
 *
 * @throws UsageError, DiskError
 */
export function prepare(asked: Asked, now: () => number): Prepared {
  const { options, given } = asked;
  const question = prepareQuestion(asked, now);
  const folders: readonly FolderName[] = ['inbox', 'outbox', 'failed'];
  const named = new Set(folders.filter((name) => given[name] !== undefined));
  const archive = join(options.root, 'archive');
  const made = prepareWorkspace({ ...options, archive, rootIsDefault: given.root === undefined, named });
  const { root, inbox } = options;
  const folder = join(root, 'recipes');
  refuseCollisions({ ...options, recipes: question.recipes, folder });
  const isOneForAll = options.prompt !== null || options.recipe !== null;
  const notes = [...made, ...question.notes, ...(isOneForAll ? [] : unusedNotes({ inbox, recipes: folder }))];
  return { ...question, memory: options.test ? null : join(root, '.sluice'), archive, notes };
}

/**
 * Checks what is asked of which API, wherever the documents are. `folder`: that of the recipes.
 *
 * @throws UsageError
 */
export function prepareQuestion(
  asked: Asked,
  now: () => number,
  folder = join(asked.options.root, 'recipes'),
): Omit<Prepared, 'memory' | 'archive'> {
  const { options, given, environment, hint } = asked;
  const api = resolveApi(options.api);
  requireModel(api, given);
  const access = findAccess(api, environment, options);
  const { key, headers } = access;
  if (key === null && headers.length === 0 && !api.loopback) throw new UsageError(missingKeyMessage(api));
  const isSent = options.reasoning === null || api.effortField !== null;
  const notes = isSent ? [] : [`--reasoning is not sent: ${api.name} takes no word of how long to think.`];
  return { options, hint, api, access, recipes: loadRecipes(asked, now, folder), notes };
}

function unusedNotes(folders: Pick<RecipeFolders, 'inbox' | 'recipes'>): readonly string[] {
  const near = nearDefault(folders);
  const meant = near === null ? [] : [`${near.name} is not used: did you mean ${near.meant}?`];
  const unused = unusedRecipes(folders).filter((name) => name !== near?.name);
  if (unused.length === 0) return meant;
  const listed = unused.slice(0, MOST_LISTED).join(', ');
  const others = unused.length > MOST_LISTED ? ` and ${unused.length - MOST_LISTED} more` : '';
  return [
    ...meant,
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
  | 'noRecipe'
  | 'model'
  | 'maxTokens'
  | 'reasoning'
  | 'truncateCharacters'
>;

/** The recipes of a run with these options. They are read again when they change. `now`: monotonic ms. @throws UsageError */
export function loadRecipes(
  { options, hint }: { readonly options: RecipeOptions } & Pick<Asked, 'hint'>,
  now: () => number,
  folder = join(options.root, 'recipes'),
): RunRecipes {
  const { recipe, maxTokens, reasoning, truncateCharacters } = options;
  // What was asked for, not what is learned of who serves it.
  const api = resolveApi(options.api);
  return createRecipes({
    ...options,
    file: recipe,
    recipes: folder,
    api: api.identity,
    apiNames: namesOf(api),
    parameters: { maxTokens, reasoning: reasoning ?? api.defaultEffort },
    truncate: truncateCharacters,
    whyNotWithout:
      options.noRecipe || api.name === 'simulator' ? null : noRecipeInWords(nearDefault(foldersOf(options)), hint),
    now,
  });
}

function foldersOf({ root, inbox }: Pick<Options, 'root' | 'inbox'>) {
  return { inbox, recipes: join(root, 'recipes') };
}

/** Why nothing is sent, as it would be billed, and the ways on. */
function noRecipeInWords(near: NearDefault | null, hint: Hint): string {
  const file =
    near === null
      ? `write recipes/default.md (${hint('init')} makes a recipe)`
      : `rename ${near.name} (did you mean ${near.meant}?)`;
  return (
    `No recipe says what to ask. Give -p "Summarize in five lines", or ${file}, ` +
    'or have documents sent as they are with --no-recipe.'
  );
}

/** What a run needs of its process. */
export interface RunContext {
  readonly environment: NodeJS.ProcessEnv;
  readonly signals: Observable<RunSignal>;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  readonly version: string;
  /** What the program was started with; the first is how it is called again, as a shell takes it. */
  readonly commandLine: readonly string[];
  readonly clock: Clock;
}
