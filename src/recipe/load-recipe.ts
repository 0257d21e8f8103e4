import { existsSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { PLAIN_HANDLING, type Recipe } from '../domain/recipe.ts';
import { asObject, type JsonRecord } from '../lib/json.ts';
import { checkTemplate } from './check-template.ts';
import type { RecipeDefinition } from './header.ts';
import { parseRecipe } from './parse-recipe.ts';
import { createRecipe, type RunSettings } from './recipe.ts';
import { RECIPE_ENDINGS, type RecipePlace, readRecipeFile, stampOf } from './recipe-file.ts';

export interface LoadSettings extends RunSettings {
  /** The longest answer, in tokens. */
  readonly maxTokens: number;
  /** The folder of the partials. */
  readonly recipes: string;
}

/** A file that a recipe was made of, in the state in which it was found. */
export interface SourceState extends Pick<RecipePlace, 'path' | 'trusted'> {
  readonly stamp: string;
}

/** A recipe with its definition, whose limits may hold for others. */
export interface LoadedRecipe extends Recipe {
  readonly definition: RecipeDefinition;
}

/**
 * Reads and checks the recipe of a file.
 *
 * @param owner the recipe of the owner whose limits hold for it, too; null if there is none
 * @param noted is called with each file that it is made of, before that is read, and also if it is missing
 * @throws UsageError if it cannot be used
 */
export function loadRecipe(
  { name, path, trusted }: RecipePlace,
  owner: LoadedRecipe | null,
  settings: LoadSettings,
  noted: (file: SourceState) => void,
): LoadedRecipe {
  const readPartial = (partial: string): string | null => {
    const file = { path: `${settings.recipes}/_${partial}.prompt`, trusted: true };
    const stamp = stampOf(file);
    noted({ ...file, stamp });
    return stamp === '' ? null : readRecipeFile(file);
  };
  const ending = extname(path).toLowerCase();
  if (!RECIPE_ENDINGS.some((known) => known === ending)) throw new UsageError(notARecipe(path));
  const kind = ending === '.prompt' ? 'dotprompt' : 'plain';
  noted({ path, trusted, stamp: stampOf({ path, trusted }) });
  const source = readRecipeFile({ path, trusted });
  const { maxTokens } = settings;
  const check = (text: string): unknown => checkTemplate(text, { trusted, readPartial });
  const parsed = parseRecipe(source, { name, kind, trusted, maxTokens, checkTemplate: check });
  const definition = owner === null ? parsed : restricted(owner.definition, parsed);
  const recipe = createRecipe(definition, { ...settings, trusted, readPartial });
  return { ...recipe, barred: recipe.barred ?? owner?.barred ?? null, definition };
}

/** What is no file, and has spaces in it, is meant to be the prompt itself. */
function notARecipe(path: string): string {
  const words = existsSync(dirname(path)) ? basename(path) : '...';
  return !existsSync(path) && /\s/.test(basename(path))
    ? `There is no recipe file ${path}. To say what to ask in words: -p ${JSON.stringify(words)}`
    : `The recipe ${path} must be a text file that ends in .prompt, .md or .txt.`;
}

/** The safest first. */
const AFTER = ['keep', 'archive', 'delete'] as const;

/**
 * A recipe of the inbox, restricted by the owner's recipe that it replaces: it may tighten limits, and lift none. Which
 * APIs may be asked is not handled here: if the owner's recipe is barred, so is this one.
 */
function restricted(owner: RecipeDefinition, recipe: RecipeDefinition): RecipeDefinition {
  const handling = {
    ...recipe.handling,
    leftOut: owner.handling.leftOut === 'fail' ? owner.handling.leftOut : recipe.handling.leftOut,
    after: AFTER.find((after) => [owner.handling.after, recipe.handling.after].includes(after)) ?? null,
    concurrency: smaller(owner.handling.concurrency, recipe.handling.concurrency),
    maxCostUsd: smaller(owner.handling.maxCostUsd, recipe.handling.maxCostUsd),
  };
  const maxTokens = smaller(owner.maxTokens, recipe.maxTokens);
  const restrictions = restrictionsOf(owner.fields);
  if (Object.keys(restrictions).length === 0) return { ...recipe, handling, maxTokens };
  const provider = { ...restrictionsOf(recipe.fields), ...restrictions };
  return { ...recipe, handling, maxTokens, fields: { ...recipe.fields, provider } };
}

function smaller(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** Which providers may have a document, and at what price. Null says nothing. */
function restrictionsOf({ provider }: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(asObject(provider)).filter(([, value]) => value !== null));
}

/** The document itself is the prompt. */
export const NO_RECIPE: RecipeDefinition = {
  name: '',
  template: { kind: 'plain', text: '' },
  model: null,
  fields: {},
  maxTokens: null,
  handling: PLAIN_HANDLING,
  resultName: null,
  resultEnding: null,
  apis: null,
};
