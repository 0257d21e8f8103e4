import { UsageError } from '../domain/errors.ts';
import type { OptionKey, Options } from '../domain/options.ts';
import type { ProgramSettings } from './context.ts';
import { resolveOptions } from './options/resolve.ts';
import { loadEnvironment } from './options/sources.ts';

/** Where a workspace and its folders are. */
export const WORKSPACE_KEYS = ['root', 'inbox', 'outbox', 'failed'] as const satisfies readonly OptionKey[];

/** What the command was told by flags, environment and configuration, of the options that it takes. */
export function askedOf(
  flags: Readonly<Record<string, unknown>>,
  keys: readonly OptionKey[],
  { currentFolder, environment }: ProgramSettings,
): Options {
  const sources = { flags, environment: loadEnvironment(currentFolder, environment), currentFolder, keys };
  return resolveOptions(sources).options;
}

/** What was given for an argument of the command's own; null where it was not. Throws a UsageError for two. */
export function textOf(flags: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = flags[name];
  if (Array.isArray(value)) throw new UsageError(`--${name} was given ${value.length} times: give it once`);
  return typeof value === 'string' ? value : null;
}
