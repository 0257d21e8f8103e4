import type { Options as YargsOption } from 'yargs';
import type { OptionKey } from '../../domain/options.ts';
import type { JsonRecord } from '../../lib/json.ts';
import { frontMatterSchema } from '../../recipe/header.ts';
import { optionGroups } from './rows.ts';
import type { OptionRow, OptionTable } from './value-kind.ts';

export const optionTable: OptionTable = {
  ...optionGroups.Folders,
  ...optionGroups['What is asked'],
  ...optionGroups.Pace,
  ...optionGroups.Money,
  ...optionGroups['Which documents'],
  ...optionGroups['What is said'],
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table is a literal of exactly these keys
export const optionKeys = Object.keys(optionTable) as readonly OptionKey[];

/** The flag without `--`, and the key in `sluice.config.yaml`. The unit is left out: `maxCostUsd` gives `max-cost`. */
export function flagOf(key: OptionKey): string {
  const words = key.replace(/(?:Seconds|Characters|Usd)$/, '');
  return words.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function keyOf(flag: string): OptionKey | undefined {
  return optionKeys.find((key) => flagOf(key) === flag);
}

/** The option of a run that a flag of a command is: some have a flag of that name which means something else. */
export function optionOf(flag: string, { describe = '' }: YargsOption): OptionKey | undefined {
  const key = keyOf(flag);
  return key !== undefined && describe.startsWith(optionTable[key].help) ? key : undefined;
}

/** `maxTokens` gives `SLUICE_MAX_TOKENS`. */
export function environmentName(key: OptionKey): string {
  return `SLUICE_${flagOf(key).toUpperCase().replaceAll('-', '_')}`;
}

/** The default as help and docs show it. */
export function defaultText(key: OptionKey): string {
  const { default: value, defaultText: words } = optionTable[key];
  if (words !== undefined) return words;

  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value ?? 'none');
}

/**
 * The record for yargs' `.options()`. Values stay text for `readOptions` to check, and defaults stand in the help
 * alone: a default known to yargs would look like a flag that was given. `keys` are those that the command takes.
 */
export function yargsOptions(keys: readonly OptionKey[] = optionKeys): Record<string, YargsOption> {
  return Object.fromEntries(keys.map((key) => [flagOf(key), yargsOption(key)]));
}

function yargsOption(key: OptionKey): YargsOption {
  const { kind, help, short }: OptionRow<unknown> = optionTable[key];
  const describe = `${help} [${environmentName(key)}; default: ${defaultText(key)}]`;
  const type = kind.placeholder === null ? 'boolean' : 'string';
  return { type, describe, ...(short !== undefined && { alias: short }) };
}

/** The table of options in docs/options.md, without a newline at its end. */
export function optionTableMarkdown(): string {
  const lines = optionKeys.map((key) => {
    const { kind, help, short }: OptionRow<unknown> = optionTable[key];
    const flag = short === undefined ? `--${flagOf(key)}` : `-${short}, --${flagOf(key)}`;
    const usage = kind.placeholder === null ? flag : `${flag} ${kind.placeholder}`;
    const cells = [`\`${usage}\``, `\`${environmentName(key)}\``, defaultText(key), help];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| option | variable | default | meaning |', '|---|---|---|---|', ...lines].join('\n');
}

/** What editors check files of a workspace by, by the name of each schema's file. */
export function editorSchemas(): Readonly<Record<'config.schema.json' | 'recipe.schema.json', JsonRecord>> {
  return { 'config.schema.json': configSchema(), 'recipe.schema.json': frontMatterSchema() };
}

/** JSON Schema of `sluice.config.yaml`, for editors: every option by its flag, and nothing else. */
function configSchema(): JsonRecord {
  // The file lies in the workspace: it cannot say where that is.
  const keys = optionKeys.filter((key) => key !== 'root');
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'sluice.config.yaml: the options of a workspace',
    type: ['object', 'null'],
    properties: Object.fromEntries(
      keys.map((key) => [flagOf(key), { description: optionTable[key].help, ...optionTable[key].kind.schema }]),
    ),
    additionalProperties: false,
  };
}
