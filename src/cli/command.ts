import type { Options as Flag } from 'yargs';
import { Mistakes, UsageError } from '../domain/errors.ts';
import type { OptionKey } from '../domain/options.ts';
import { writeText } from '../report/screen.ts';
import type { Asked, RunContext } from '../run/prepare.ts';
import { hintsFor } from './hints.ts';
import { readOptions } from './options/resolve.ts';
import { loadEnvironment } from './options/sources.ts';
import { flagOf } from './options/table.ts';

/** What a run that is reported to a person needs of its process. */
export interface ProcessContext extends RunContext {
  readonly stdin: {
    readonly isTTY: boolean;
    /** All of it, once. */
    readonly read: () => AsyncIterable<Uint8Array>;
  };
  readonly stdout: NodeJS.WritableStream & Partial<Readonly<{ isTTY: boolean; columns: number; rows: number }>>;
  readonly stderr: NodeJS.WriteStream & { readonly fd: number };
  /** The keys that are used; they are kept out of whatever is written. */
  readonly secrets: Set<string>;
}

/** By flag, without `--`. `placeholder`: what stands for the value in help. @default the flag in capitals */
export type DeclaredFlag = Flag & { readonly placeholder?: string };
type DeclaredFlags = Readonly<Record<string, DeclaredFlag>>;

/** The flag and its other names, a single letter first. */
export function namesOf(flag: string, { alias }: Flag): readonly string[] {
  return [...[alias ?? []].flat(), flag].toSorted((one, other) => one.length - other.length);
}

/** Whether a flag takes no value. */
export function isSwitch({ type }: Flag): boolean {
  return type === 'boolean';
}

/** What was given for flags and arguments, as yargs read it. */
export type GivenFlags = Readonly<Record<string, unknown>>;

/** A command. yargs, help, completion and the checks of arguments go by what it says of itself. */
export interface Command {
  readonly name: string;
  /** It is meant where none is named. */
  readonly isDefault?: true;
  /** A sentence, without a full stop. */
  readonly describe: string;
  readonly examples: readonly string[];
  /** In their order. */
  readonly positionals?: readonly Positional[];
  /** A function: a start needs the flags of one command. */
  readonly flags: () => DeclaredFlags;
  /**
   * Checks what the command needs beside its arguments, and does nothing else. Arguments that are `wrong` were refused already.
   * Throws a UsageError that tells all that is wrong. @default needs nothing
   */
  readonly needs?: Needs;
  /** Resolves to the exit code. */
  readonly run: (flags: GivenFlags) => number | Promise<number>;
}

type Needs = (asked: Asked, flags: GivenFlags) => void;

interface Positional {
  readonly name: string;
  readonly describe: string;
  readonly isRequired?: true;
  /** Takes all that follow. */
  readonly isList?: true;
}

/** What a command needs of the process beside its arguments. */
export interface CommandContext extends ProcessContext {
  /** Absolute; empty if it was deleted. Then absolute paths work, and relative ones are refused. */
  readonly currentFolder: string;
}

/** Where a workspace and its folders are. */
export const WORKSPACE_KEYS = ['root', 'inbox', 'outbox', 'failed'] as const satisfies readonly OptionKey[];

type CommandPlace = Pick<CommandContext, 'currentFolder' | 'environment' | 'commandLine'>;

/** A command's options, by flags, environment, configuration and defaults. `keys`: those that it takes; absent: all. */
export function commandOptions(
  flags: GivenFlags,
  context: CommandPlace,
  keys?: readonly OptionKey[],
  needs?: Needs,
): Asked {
  const asked = readCommandOptions(flags, context, keys);
  const mistakes = new Mistakes(asked.mistakes);
  mistakes.check(() => needs?.(asked, flags));
  mistakes.throwIfAny();
  return asked;
}

/**
 * The same for a command that only reads a workspace: what is wrong in its configuration is told, and no reason to show
 * nothing, as long as that says where the folders are.
 */
export function readingOptions(
  flags: GivenFlags,
  context: CommandPlace & Pick<ProcessContext, 'stderr'>,
  keys: readonly OptionKey[],
  needs?: Needs,
): Asked {
  const asked = readCommandOptions(flags, context, keys);
  const { mistakes = [], wrong = new Set<OptionKey>() } = asked;
  const isLost = (key: OptionKey): boolean =>
    wrong.has(key) && (flags[flagOf(key)] !== undefined || WORKSPACE_KEYS.some((folder) => folder === key));
  const needed = new Mistakes();
  needed.check(() => needs?.(asked, flags));
  if (keys.some(isLost) || needed.all.length > 0) new Mistakes([...mistakes, ...needed.all]).throwIfAny();
  for (const mistake of mistakes) writeText(context.stderr, `sluice: ${mistake}`);
  return asked;
}

/** The same for a command that has mistakes of its own to tell: what is wrong with the options is returned, not thrown. */
export function readCommandOptions(
  flags: GivenFlags,
  { currentFolder, environment: variables, commandLine }: CommandPlace,
  keys?: readonly OptionKey[],
): Asked {
  const environment = loadEnvironment(currentFolder, variables);
  const read = readOptions({ flags, environment, currentFolder, ...(keys !== undefined && { keys }) });
  const hint = hintsFor(read.options.root, { currentFolder, environment: variables, commandLine });
  return { ...read, environment, hint };
}

/** What was given for a command's own argument; null if nothing was. Throws a UsageError if it was given twice. */
export function argumentOf(flags: GivenFlags, name: string): string | null {
  const value = flags[name];
  if (Array.isArray(value)) throw new UsageError(`--${name} was given ${value.length} times: give it once`);
  return typeof value === 'string' ? value : null;
}
