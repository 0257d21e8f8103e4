import { Mistakes, UsageError } from '../domain/errors.ts';
import type { OptionKey } from '../domain/options.ts';
import type { Asked, RunContext } from '../run/prepare.ts';
import { hintsFor } from './hints.ts';
import { readOptions } from './options/resolve.ts';
import { loadEnvironment } from './options/sources.ts';

/** What a run that is reported to a person needs of its process. */
export interface ProcessContext extends RunContext {
  readonly stdin: {
    readonly isTTY: boolean;
    /** All of it, once. */
    readonly read: () => AsyncIterable<Uint8Array>;
  };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WriteStream & { readonly fd: number };
  /** The keys that are used; they are kept out of whatever is written. */
  readonly secrets: Set<string>;
}

/** What a command needs of the process beside its arguments. */
export interface CommandContext extends ProcessContext {
  /** Absolute; empty if it was deleted. Then absolute paths work, and relative ones are refused. */
  readonly currentFolder: string;
}

/** Where a workspace and its folders are. */
export const WORKSPACE_KEYS = ['root', 'inbox', 'outbox', 'failed'] as const satisfies readonly OptionKey[];

/** What shapes an answer, beside the API that is asked. */
export const ANSWER_KEYS: readonly OptionKey[] = [
  'model',
  'prompt',
  'recipe',
  'noRecipe',
  'inboxRecipes',
  'reasoning',
  'maxTokens',
];

type CommandPlace = Pick<CommandContext, 'currentFolder' | 'environment' | 'commandLine'>;

/** A command's options, by flags, environment, configuration and defaults. `keys`: those that it takes; absent: all. */
export function commandOptions(
  flags: Readonly<Record<string, unknown>>,
  context: CommandPlace,
  keys?: readonly OptionKey[],
): Asked {
  const asked = readCommandOptions(flags, context, keys);
  new Mistakes(asked.mistakes).throwIfAny();
  return asked;
}

/** The same, with what is wrong, for a command that tells more mistakes with it. */
export function readCommandOptions(
  flags: Readonly<Record<string, unknown>>,
  { currentFolder, environment: variables, commandLine }: CommandPlace,
  keys?: readonly OptionKey[],
): Asked {
  const environment = loadEnvironment(currentFolder, variables);
  const read = readOptions({ flags, environment, currentFolder, ...(keys !== undefined && { keys }) });
  const hint = hintsFor(read.options.root, { currentFolder, environment: variables, commandLine });
  return { ...read, environment, hint };
}

/** What was given for a command's own argument; null if nothing was. Throws a UsageError if it was given twice. */
export function argumentOf(flags: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = flags[name];
  if (Array.isArray(value)) throw new UsageError(`--${name} was given ${value.length} times: give it once`);
  return typeof value === 'string' ? value : null;
}
