import type { Options as YargsOption } from 'yargs';
import type { OptionKey } from '../cli/options/table.ts';
import { optionKeys, optionTable } from '../cli/options/table.ts';
import { defaultText, environmentName } from './option-words.ts';

/**
 * The record for yargs' `.options()`. Values stay text for `resolveOptions` to check, and defaults are only told:
 * a default known to yargs would look like a flag that was given. `keys` are those that the command takes.
 */
export function yargsOptions(keys: readonly OptionKey[] = optionKeys): Record<string, YargsOption> {
  return Object.fromEntries(keys.map((key) => [optionTable[key].flag, yargsOption(key)]));
}

function yargsOption(key: OptionKey): YargsOption {
  const { kind, group, help } = optionTable[key];
  const describe = `${help} [${environmentName(key)}; default: ${defaultText(key)}]`;
  // With `nargs: 0` yargs refuses `--test=yes`, which it would take for false otherwise.
  return kind.placeholder === null
    ? { type: 'boolean', nargs: 0, group: `${group}:`, describe }
    : { type: 'string', group: `${group}:`, describe };
}
