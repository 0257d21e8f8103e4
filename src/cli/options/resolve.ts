import { dirname, join, resolve, sep } from 'node:path';
import { Mistakes, UsageError } from '../../domain/errors.ts';
import type { Given, OptionKey, Options, Origin } from '../../domain/options.ts';
import { masked, nearest, notTaken } from '../../lib/text.ts';
import { resolveApi } from '../../llm/api.ts';
import type { Asked } from '../../run/prepare.ts';
import { parseConfig, readConfigFile } from './sources.ts';
import { environmentName, flagOf, optionKeys, optionTable } from './table.ts';
import type { OptionRow } from './value-kind.ts';

export interface OptionSources {
  /** By flag name, as yargs gives them; names of other arguments are ignored. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** With what `.env` adds: see `loadEnvironment`. */
  readonly environment: NodeJS.ProcessEnv;
  /** Paths in flags and variables are relative to it, those in the configuration file to the workspace. */
  readonly currentFolder: string;
  /** The options that the command takes, `root` among them; all others have their defaults. @default optionKeys */
  readonly keys?: readonly OptionKey[];
  /** @default readConfigFile */
  readonly readConfig?: (path: string) => string | null;
}

/** Where documents, answers and reports are. */
const FOLDER_KEYS = ['inbox', 'outbox', 'failed'] as const;

type ResolvedOptions = Pick<Asked, 'options' | 'given'>;

/**
 * Every option's value: flags beat environment variables, which beat `sluice.config.yaml` in the workspace, which beats
 * defaults. Each mistake names origin and option, what was given and what is allowed; what cannot be used has its default.
 */
export function readOptions(sources: OptionSources): ResolvedOptions & Required<Pick<Asked, 'mistakes' | 'wrong'>> {
  const { environment, currentFolder, keys = optionKeys, readConfig = readConfigFile } = sources;
  const flags = withNoRecipe(sources.flags);
  const mistakes = new Mistakes(unknownVariables(environment));
  const wrong = new Set<OptionKey>();
  const read = <T>(key: OptionKey, work: () => T): T | undefined => {
    const value = mistakes.check(work);
    if (value === undefined) wrong.add(key);
    return value;
  };
  const outside = (key: OptionKey): GivenValue | null =>
    settingFrom('flag', key, `--${flagOf(key)}`, flagText(key, flags)) ??
    settingFrom('environment', key, environmentName(key), environment[environmentName(key)]);
  // A command that takes no workspace needs no current folder for it, which may be deleted.
  const root = keys.includes('root')
    ? read('root', () => valueOf('root', outside('root'), currentFolder))
    : valueOf('root', null, currentFolder || sep);
  // A command that knows no workspace has no configuration.
  const configPath = join(root ?? '', 'sluice.config.yaml');
  const config =
    root === undefined || !keys.includes('root')
      ? undefined
      : mistakes.check(() => parseConfig(readConfig(configPath) ?? '', configPath, (found) => mistakes.add(found)));
  // The file may say where they are.
  if (config === undefined && keys.includes('root')) for (const key of FOLDER_KEYS) wrong.add(key);
  for (const mistake of unknownSettings(config?.keys() ?? [], configPath)) mistakes.add(mistake);

  const values: Partial<Record<OptionKey, unknown>> = {};
  const given: Partial<Record<OptionKey, Origin>> = {};
  for (const key of optionKeys) {
    const name = `${flagOf(key)} in ${configPath}`;
    const inConfig = read(key, () => settingFrom('config', key, name, config?.get(flagOf(key)))) ?? null;
    const setting = read(key, () => (keys.includes(key) ? (outside(key) ?? inConfig) : null)) ?? null;
    const inWorkspace = setting === null || setting.origin === 'config';
    const folder = inWorkspace && root !== undefined ? (key === 'root' ? dirname(root) : root) : currentFolder;
    values[key] = read(key, () => valueOf(key, setting, folder)) ?? valueOf(key, null, folder);
    if (setting !== null) given[key] = setting.origin;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop filled every key with its row's type
  const all = values as unknown as Options;
  const asked = mistakes.check(() => withOneQuestion(all, given)) ?? all;
  const { maxTokens } = mistakes.check(() => resolveApi(asked.api)) ?? asked;
  const options: Options = {
    ...asked,
    ...(given.maxTokens === undefined && { maxTokens }),
    ...(isVerbose(asked, given) && { logLevel: 'debug' as const }),
  };
  for (const mistake of together(options, given)) mistakes.add(mistake);
  return { ...(options.test ? forTest(options, given) : { options, given }), mistakes: mistakes.all, wrong };
}

/** yargs takes `--no-recipe` for the opposite of `--recipe`. It is a switch of its own, which turns no recipe off. */
function withNoRecipe(flags: OptionSources['flags']): OptionSources['flags'] {
  const given = [flags['recipe']].flat();
  if (!given.includes(false)) return flags;
  const { recipe: _, ...others } = flags;
  const [recipe, ...more] = given.filter((value) => value !== false);
  return {
    ...others,
    'no-recipe': true,
    ...(recipe !== undefined && { recipe: more.length === 0 ? recipe : [recipe, ...more] }),
  };
}

const ORIGINS: readonly Origin[] = ['flag', 'environment', 'config'];

/** A log level that goes first counts: `--log-level` beside `verbose: true` in the configuration. */
function isVerbose({ verbose }: Options, given: Given): boolean {
  if (!verbose || given.verbose === undefined || given.logLevel === undefined) return verbose;
  return ORIGINS.indexOf(given.verbose) <= ORIGINS.indexOf(given.logLevel);
}

/** `--prompt` and `--recipe` say the same thing: the one whose origin goes first counts, the other is taken out. */
function withOneQuestion(options: Options, given: Partial<Record<OptionKey, Origin>>): Options {
  if (given.prompt === undefined || given.recipe === undefined) return options;
  if (given.prompt === given.recipe)
    throw new UsageError('--prompt and --recipe both say what to ask of every document: give one of them');
  const beaten = ORIGINS.indexOf(given.prompt) < ORIGINS.indexOf(given.recipe) ? 'recipe' : 'prompt';
  delete given[beaten];
  return { ...options, [beaten]: null };
}

type GivenText = string | readonly string[];

function settingFrom(origin: Origin, key: OptionKey, name: string, given: GivenText | undefined): GivenValue | null {
  if (given === undefined) return null;
  if (typeof given === 'string') return { origin, name, text: given };
  const { kind }: OptionRow<unknown> = optionTable[key];
  if (kind.repeatable === true) return { origin, name, text: given.join('\n') };
  if (origin === 'config') throw new UsageError(`${name} takes one value, not a list`);
  const texts = given.map((text) => masked(text)).join(', ');
  throw new UsageError(`${name} was given ${given.length} times (${texts}): give it once`);
}

/** A relative path becomes one below `folder`. */
function valueOf<Key extends OptionKey>(key: Key, setting: GivenValue | null, folder: string): Options[Key];
function valueOf(key: OptionKey, setting: GivenValue | null, folder: string): Options[OptionKey] {
  const row: OptionRow<Options[OptionKey]> = optionTable[key];
  const value = setting === null ? row.default : parsed(row, setting);
  return typeof value === 'string' && row.kind.isPath?.(value) === true ? resolve(folder, value) : value;
}

function parsed({ kind }: OptionRow<Options[OptionKey]>, { name, text }: GivenValue): NonNullable<Options[OptionKey]> {
  const value = text === '' ? undefined : kind.read(text, name, () => undefined);
  if (value !== undefined) return value;
  throw new UsageError(notTaken(name, text, kind.allowed, kind.names));
}

/** A trial is small, asks again what was answered before, and leaves nothing that counts as done or failed. */
function forTest(options: Options, given: Given): ResolvedOptions {
  const others = Object.entries(given).filter(([key]) => key !== 'outbox' && key !== 'failed');
  const trial = {
    ...options,
    once: true,
    outbox: `${options.outbox}-test`,
    failed: `${options.failed}-test`,
    after: 'keep' as const,
    redo: 'all' as const,
    limit: options.limit ?? 5,
    truncateCharacters: options.truncateCharacters ?? 500,
  };
  return { options: trial, given: Object.fromEntries(others) };
}

/** One value that was given, as text, and its origin. */
interface GivenValue {
  readonly origin: Origin;
  /** The option as its origin writes it: `--max-tokens`, `SLUICE_MAX_TOKENS`, `max-tokens in FILE`. */
  readonly name: string;
  readonly text: string;
}

/** What yargs gives for a flag: text, true or false; an array if it was given several times. */
function flagText(key: OptionKey, flags: Readonly<Record<string, unknown>>): GivenText | undefined {
  const { kind } = optionTable[key];
  const value = flags[flagOf(key)];
  if (value === undefined) return undefined;

  if (Array.isArray(value)) return value.map(String);

  if (value === false && kind.placeholder !== null)
    throw new UsageError(`--no-${flagOf(key)} is not known: --${flagOf(key)} takes ${kind.allowed}`);

  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is wrong with options that have no effect without another one, or beside it. */
function* together(options: Options, given: Given): Generator<string> {
  if (options.truncateCharacters !== null && !options.test)
    yield '--truncate works with --test only: a cut document must not count as done';

  if (options.limit !== null && !options.test && !options.once)
    yield '--limit works with --test or --once only: a daemon has no first documents';

  if ((options.pricePrompt === null) !== (options.priceCompletion === null))
    yield '--price-prompt and --price-completion go together: a call costs both';

  if (options.logFile?.startsWith(`${options.inbox}${sep}`) === true)
    yield `--log-file ${options.logFile} lies in the inbox, where it would be taken for a document`;

  if (options.verbose && given.logLevel === 'flag' && given.verbose === 'flag')
    yield '--verbose is --log-level debug: give one of them';

  // Only flags are refused: variables and configuration are meant for the runs between the trials.
  if (options.test && given.redo === 'flag')
    yield '--redo does not work with --test: a trial asks all of its documents';

  if (options.test && given.after === 'flag' && options.after !== 'keep')
    yield `--after ${options.after} does not work with --test: a trial leaves documents where they are`;
}

const PREFIX = 'SLUICE_';

/** For tests, and never suggested: the path of OpenRouter's own schema, and the point at which the program crashes. */
const TEST_VARIABLES: ReadonlySet<string> = new Set(['SLUICE_OPENROUTER_OPENAPI', 'SLUICE_CRASH_AT']);

/** They are no options: what is secret is never a flag. */
const SECRET_VARIABLES = ['SLUICE_API_KEY', 'SLUICE_API_KEY_COMMAND', 'SLUICE_API_HEADERS'];

/** Unknown `SLUICE_*` variables, a sentence each: a misspelt limit would cost money. Never shows a value. */
function unknownVariables(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = [...optionKeys.map(environmentName), ...SECRET_VARIABLES];
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name) && !TEST_VARIABLES.has(name))
    .map((name) => `The environment variable ${name} is not known${suggestion(name, known, PREFIX)}`);
}

/** Keys of the configuration file that are no options, and `root`, which says where that file is. A sentence each. */
function* unknownSettings(names: Iterable<string>, path: string): Generator<string> {
  const known = optionKeys.map(flagOf).filter((flag) => flag !== 'root');
  for (const name of names) {
    if (name === 'root') yield `root in ${path} cannot be set there: the file is looked for in the workspace`;
    else if (isNameOfKey(name)) yield `${JSON.stringify(name)} in ${path}: ${KEYS_HAVE_NO_PLACE}`;
    else if (!known.includes(name)) yield `${JSON.stringify(name)} in ${path} is not known${suggestion(name, known)}`;
  }
}

/** Whether a name that is no option's is meant to hold a key: `api-key`, `OPENROUTER_API_KEY`. */
export function isNameOfKey(name: string): boolean {
  return /^(?:\w+[_-])*?(?:(?:api[_-]?)?key|(?:api|access|auth|bearer)[_-]?(?:token|secret))$/i.test(name);
}

const KEYS_HAVE_NO_PLACE =
  'keys do not belong there, as such files are shared. Set OPENROUTER_API_KEY (or the variable of your API, or ' +
  'SLUICE_API_KEY) in the environment or in .env, or name a file with api-key-file';

/** `prefix`: what all names begin with; it is not compared. */
function suggestion(name: string, known: readonly string[], prefix = ''): string {
  const bare = known.map((candidate) => candidate.slice(prefix.length));
  const meant = nearest(name.slice(prefix.length), bare);
  return meant === null ? `. Known are: ${known.join(', ')}` : `: did you mean ${prefix}${meant}?`;
}
