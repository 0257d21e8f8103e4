import { join } from 'node:path';
import type { Observable } from 'rxjs';
import { Mistakes, UsageError } from '../domain/errors.ts';
import type { Given, OptionKey, Options } from '../domain/options.ts';
import type { Clock } from '../lib/clock.ts';
import { listed } from '../lib/text.ts';
import { type Access, findAccess, missingKeyMessage } from '../llm/access.ts';
import { type Api, CUSTOM, namesOf, resolveApi } from '../llm/api.ts';
import type { RecipeFolders } from '../recipe/recipe-file.ts';
import {
  createRecipes,
  type NearDefault,
  nearDefault,
  type RecipesSettings,
  type RunRecipes,
  unusedRecipes,
} from '../recipe/recipes.ts';
import { refuseCollisions } from './refuse-collisions.ts';
import type { RunSignal } from './stop.ts';
import { type FolderName, prepareWorkspace, requireNamedFolders } from './workspace.ts';

/** Recipes that a note names. */
const MOST_LISTED = 5;

/** What a person asked for, and where it came from. */
export interface Asked {
  readonly options: Options;
  readonly given: Given;
  readonly environment: NodeJS.ProcessEnv;
  readonly hint: Hint;
  /** What is wrong with it, a text each. @default [] */
  readonly mistakes?: readonly string[];
  /** The options whose value could not be used, and which have their default. @default none */
  readonly wrong?: ReadonlySet<OptionKey>;
}

/** A command of ours as a person types it here: `retry 'q1/*'` gives `sluice retry 'q1/*' --root long`. */
export type Hint = (command: string) => string;

/** A run whose configuration was checked. Nothing was sent yet. */
export interface Prepared {
  readonly options: Options;
  /** The folder of the ledger and the lock; null: nothing is remembered. */
  readonly ledgerFolder: string | null;
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
 * Checks all that can be checked before the first call, tells all mistakes at once, and makes missing folders.
 *
 * @throws UsageError, DiskError
 */
export function prepare(asked: Asked, now: () => number): Prepared {
  const { options, given, wrong } = asked;
  const mistakes = new Mistakes(asked.mistakes);
  const question = checkQuestion(asked, mistakes, now);
  const folders: readonly FolderName[] = ['inbox', 'outbox', 'failed'];
  const named = new Set(folders.filter((name) => given[name] !== undefined));
  const archive = join(options.root, 'archive');
  const workspace = { ...options, archive, rootIsDefault: given.root === undefined, named };
  if (wrong?.has('root') !== true) mistakes.check(() => requireNamedFolders(workspace));
  mistakes.throwIfAny();
  if (question === undefined) throw new Error('a mistake was not told');
  const made = prepareWorkspace(workspace);
  const { root, inbox } = options;
  const folder = join(root, 'recipes');
  refuseCollisions({ ...options, recipes: question.recipes, folder });
  const isOneForAll = options.prompt !== null || options.recipe !== null;
  const notes = [...made, ...question.notes, ...(isOneForAll ? [] : unusedNotes({ inbox, recipes: folder }))];
  return { ...question, ledgerFolder: options.test ? null : join(root, '.sluice'), archive, notes };
}

/**
 * Checks what is asked of which API, wherever the documents are; undefined if there are mistakes. `folder`: that of the
 * recipes.
 */
export function checkQuestion(
  asked: Asked,
  mistakes: Mistakes,
  now: () => number,
  folder = join(asked.options.root, 'recipes'),
): Omit<Prepared, 'ledgerFolder' | 'archive'> | undefined {
  const { options, given, environment, hint, wrong } = asked;
  const isRight = (...keys: readonly OptionKey[]): boolean => !keys.some((key) => wrong?.has(key));
  const api = isRight('api') ? mistakes.check(() => resolveApi(options.api)) : undefined;
  if (api === undefined) return undefined;
  if (isRight('model')) mistakes.check(() => requireModel(api, given));
  const access = isRight('apiKeyFile', 'apiHeadersFile', 'proxy')
    ? mistakes.check(() => requireAccess(api, environment, options))
    : undefined;
  const recipes = mistakes.check(() => loadRecipes(asked, now, folder));
  if (access === undefined || recipes === undefined) return undefined;
  const isSent = options.reasoning === null || api.effortField !== null;
  const notes = isSent ? [] : [`--reasoning is not sent: ${api.name} takes no word of how long to think.`];
  return { options, hint, api, access, recipes, notes };
}

function requireAccess(api: Api, environment: NodeJS.ProcessEnv, options: Options): Access {
  const access = findAccess(api, environment, options);
  if (access.key === null && access.headers.length === 0 && !api.loopback) throw new UsageError(missingKeyMessage(api));
  return access;
}

function unusedNotes(folders: Pick<RecipeFolders, 'inbox' | 'recipes'>): readonly string[] {
  const near = nearDefault(folders);
  const meant = near === null ? [] : [`${near.name} is not used: did you mean ${near.meant}?`];
  const unused = unusedRecipes(folders).filter((name) => name !== near?.name);
  if (unused.length === 0) return meant;
  return [
    ...meant,
    `No document has the recipe ${listed(unused, MOST_LISTED)} now: recipes/q1.prompt is for the folder q1 of the inbox, ` +
      'recipes/default.prompt for documents that have no other.',
  ];
}

/** @throws UsageError if the API has no default model, and none was given */
export function requireModel(api: Api, given: Given): void {
  const name = api.name === CUSTOM ? api.baseUrl : api.name;
  if (api.needsModel && given.model === undefined)
    throw new UsageError(`--api ${name} needs --model: it has none by default.`);
}

/** Whether it is known what to ask of which model; no key is needed for that. @throws UsageError with all that is wrong */
export function requireRecipesAndModel(asked: Asked, now: () => number): void {
  const { options, given, wrong } = asked;
  const mistakes = new Mistakes();
  if (wrong?.has('api') !== true && wrong?.has('model') !== true)
    mistakes.check(() => requireModel(resolveApi(options.api), given));
  mistakes.check(() => loadRecipes(asked, now));
  mistakes.throwIfAny();
}

/** The recipes of a run with these options. They are read again when they change. `now`: monotonic ms. @throws UsageError */
export function loadRecipes(asked: RecipesAsked, now: () => number, folder?: string): RunRecipes {
  return createRecipes(recipeSettings(asked, now, folder));
}

type RecipesAsked = Pick<Asked, 'options' | 'hint'>;

export function recipeSettings(
  { options, hint }: RecipesAsked,
  now: () => number,
  folder = join(options.root, 'recipes'),
): RecipesSettings {
  const { recipe, maxTokens, reasoning, truncateCharacters } = options;
  // What was asked for, not what is learned of who serves it.
  const api = resolveApi(options.api);
  return {
    ...options,
    file: recipe,
    recipes: folder,
    api: api.identity,
    apiNames: namesOf(api),
    parameters: { maxTokens, reasoning: reasoning ?? api.defaultEffort },
    truncate: truncateCharacters,
    whyNotWithout:
      options.noRecipe || api.name === 'simulator'
        ? null
        : noRecipeInWords(nearDefault({ inbox: options.inbox, recipes: join(options.root, 'recipes') }), hint),
    now,
  };
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
