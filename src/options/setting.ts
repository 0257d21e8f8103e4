import type { OptionKey } from '../cli/options/table.ts';
import { optionTable } from '../cli/options/table.ts';
import { UsageError } from '../domain/errors.ts';
import { masked } from '../domain/masked.ts';
import { environmentName } from './option-words.ts';

export type Origin = 'flag' | 'environment' | 'config';

/** One value that was given, still as text, and by whom. */
export interface Setting {
  readonly origin: Origin;
  /** The option as its origin writes it: `--max-tokens`, `SLUICE_MAX_TOKENS`, `max-tokens in FILE`. */
  readonly name: string;
  readonly text: string;
}

/** What yargs gives for a flag: text, true or false, an array where it was given twice (refused). */
export function flagSetting(key: OptionKey, flags: Readonly<Record<string, unknown>>): Setting | null {
  const { flag, kind } = optionTable[key];
  const value = flags[flag];
  if (value === undefined) return null;

  if (Array.isArray(value)) {
    const texts = value.map((text) => masked(String(text))).join(', ');
    throw new UsageError(`--${flag} was given ${value.length} times (${texts}): give it once`);
  }

  if (value === false && kind.placeholder !== null)
    throw new UsageError(`--no-${flag} is not known: --${flag} takes ${kind.allowed}`);

  return { origin: 'flag', name: `--${flag}`, text: typeof value === 'string' ? value : JSON.stringify(value) };
}

export function environmentSetting(key: OptionKey, environment: NodeJS.ProcessEnv): Setting | null {
  const name = environmentName(key);
  const text = environment[name];
  return text === undefined ? null : { origin: 'environment', name, text };
}

export function configSetting(key: OptionKey, config: ReadonlyMap<string, string>, path: string): Setting | null {
  const { flag } = optionTable[key];
  const text = config.get(flag);
  return text === undefined ? null : { origin: 'config', name: `${flag} in ${path}`, text };
}
