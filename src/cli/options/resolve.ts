import { join, resolve } from 'node:path';
import { UsageError } from '../../domain/errors.ts';
import { masked } from '../../domain/masked.ts';
import type { Options } from '../../domain/options.ts';
import { checkTogether } from '../../options/check-together.ts';
import { refuseUnknownSettings, refuseUnknownVariables } from '../../options/refuse-unknown.ts';
import type { Origin, Setting } from '../../options/setting.ts';
import { configSetting, environmentSetting, flagSetting } from '../../options/setting.ts';
import type { OptionRow } from './option-row.ts';
import { parseConfig, readConfigFile } from './sources.ts';
import type { OptionKey } from './table.ts';
import { optionKeys, optionTable } from './table.ts';

/** Where an option's value comes from; absent means its default, or (outbox and failed with `test`) a folder of our own. */
export type Given = Readonly<Partial<Record<OptionKey, Origin>>>;

export interface OptionSources {
  /** By flag name, as yargs gives them; keys that are no options are left alone. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** With what `.env` adds: see `loadEnvironment`. */
  readonly environment: NodeJS.ProcessEnv;
  /** What paths in flags and variables are relative to; those in the configuration file are relative to the workspace. */
  readonly currentFolder: string;
  /** What the command takes, `root` among them; every other option has its default. @default optionKeys */
  readonly keys?: readonly OptionKey[];
  /** @default readConfigFile */
  readonly readConfig?: (path: string) => string | null;
}

export interface ResolvedOptions {
  readonly options: Options;
  readonly given: Given;
}

/**
 * Every option's value: flags beat environment variables, which beat `sluice.config.yaml` in the workspace, which beats
 * defaults. Throws a UsageError that names origin and option, what was given and what is allowed.
 */
export function resolveOptions(sources: OptionSources): ResolvedOptions {
  const { flags, environment, currentFolder, keys = optionKeys, readConfig = readConfigFile } = sources;
  refuseUnknownVariables(environment);
  const outside = (key: OptionKey): Setting | null => flagSetting(key, flags) ?? environmentSetting(key, environment);
  const root = valueOf('root', outside('root'), currentFolder);
  const configPath = join(root, 'sluice.config.yaml');
  const config = parseConfig(readConfig(configPath) ?? '', configPath);
  refuseUnknownSettings(config, configPath);

  const values: Partial<Record<OptionKey, unknown>> = {};
  const given: Partial<Record<OptionKey, Origin>> = {};
  for (const key of optionKeys) {
    const setting = keys.includes(key) ? (outside(key) ?? configSetting(key, config, configPath)) : null;
    const inWorkspace = key !== 'root' && (setting === null || setting.origin === 'config');
    values[key] = valueOf(key, setting, inWorkspace ? root : currentFolder);
    if (setting !== null) given[key] = setting.origin;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop filled every key with its row's type
  const options = values as unknown as Options;
  checkTogether(options, given);
  return options.test ? forTest(options, given) : { options, given };
}

/** A relative path becomes one below `folder`. */
function valueOf<Key extends OptionKey>(key: Key, setting: Setting | null, folder: string): Options[Key];
function valueOf(key: OptionKey, setting: Setting | null, folder: string): Options[OptionKey] {
  const row: OptionRow<Options[OptionKey]> = optionTable[key];
  const value = setting === null ? row.default : parsed(row, setting);
  return row.kind.isPath && typeof value === 'string' ? resolve(folder, value) : value;
}

function parsed({ kind }: OptionRow<Options[OptionKey]>, { name, text }: Setting): NonNullable<Options[OptionKey]> {
  const value = text === '' ? undefined : kind.parse(text);
  if (value === undefined) throw new UsageError(`${name} does not take ${quoted(text)}: it takes ${kind.allowed}`);

  return value;
}

function quoted(text: string): string {
  return text === '' ? 'an empty value' : JSON.stringify(masked(text));
}

/** A trial is small, asks whatever was answered before, and leaves nothing that counts as done or failed. */
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
