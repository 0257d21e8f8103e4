import { join } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import type { Recipes } from '../domain/ports.ts';
import { type Api, resolveApi } from '../llm/api.ts';
import { findKey, missingKeyMessage } from '../llm/key.ts';
import type { Options } from '../options/options.ts';
import type { Given } from '../options/resolve-options.ts';
import { type FolderName, prepareWorkspace } from '../workspace/prepare-workspace.ts';
import { loadRecipes } from './load-recipes.ts';

/** What a person asked for, and where it came from. */
export interface Asked {
  readonly options: Options;
  readonly given: Given;
  readonly environment: NodeJS.ProcessEnv;
}

/** A run whose configuration holds: nothing was sent yet, and nothing stands in the way that could be known. */
export interface Prepared {
  readonly options: Options;
  /** Where inputs go with `--after archive`. */
  readonly archive: string;
  readonly api: Api;
  readonly key: string | null;
  readonly recipes: Recipes;
  /** What was done that a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Checks all that can be checked before the first call, and makes the folders that are missing.
 *
 * @throws UsageError, DiskTrouble
 */
export async function prepare({ options, given, environment }: Asked): Promise<Prepared> {
  const api = resolveApi(options.api);
  requireModel(api, given);
  const key = api.name === 'simulator' ? null : findKey(api, environment, options.apiKeyFile);
  if (key === null && !api.loopback) throw new UsageError(missingKeyMessage(api));
  const recipes = await loadRecipes(options, api);
  const folders: readonly FolderName[] = ['inbox', 'outbox', 'failed'];
  const named = new Set(folders.filter((name) => given[name] !== undefined));
  const archive = join(options.root, 'archive');
  const notes = prepareWorkspace({ ...options, archive, rootIsDefault: given.root === undefined, named });
  return { options, archive, api, key, recipes, notes };
}

/** @throws UsageError where the API needs to be told a model, and was not */
export function requireModel(api: Api, given: Given): void {
  if (api.needsModel && given.model === undefined)
    throw new UsageError(`--api ${api.name} needs --model: it has none by default.`);
}
