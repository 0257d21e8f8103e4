import { join } from 'node:path';
import type { OptionKey, Origin } from '../domain/options.ts';
import { holderOf } from '../ledger/lock.ts';
import { masked } from '../lib/text.ts';
import { keySource } from '../llm/access.ts';
import { resolveApi } from '../llm/api.ts';
import { visible, visibleJson } from '../report/words.ts';
import type { Asked } from '../run/prepare.ts';
import { type Command, type CommandContext, commandOptions } from './command.ts';
import { ledgerFolderOf } from './inspect/workspace.ts';
import { defaultText, environmentName, flagOf, optionKeys, yargsOptions } from './options/table.ts';

/** `sluice config`: every option in force, and where its value comes from. */
export function configCommand(context: CommandContext): Command {
  return {
    name: 'config',
    describe: 'Tell every option in force, and where each comes from; keys are told as set or not set',
    examples: ['config --root papers'],
    flags: () => yargsOptions(),
    run: async (flags) => {
      const asked = commandOptions(flags, context);
      const inForce = {
        options: optionKeys.map((key) => optionInForce(key, asked, context)),
        secrets: secretsIn(asked),
      };
      const { root, json } = asked.options;
      const holder = await holderOf(ledgerFolderOf(root));
      const text = json ? visibleJson(JSON.stringify({ ...inForce, process: holder })) : configText(inForce, root);
      const other =
        holder === null || json
          ? ''
          : `\nProcess ${holder.pid} works on this workspace with options of its own: ${visible(holder.command)}`;
      context.stdout.write(`${text}${other}\n`);
      return 0;
    },
  };
}

interface OptionInForce {
  /** As a flag, without `--`. */
  readonly name: string;
  /** Null: nothing was asked for. */
  readonly value: unknown;
  /** `--model`, `SLUICE_MODEL`, `SLUICE_MODEL in .env`, `sluice.config.yaml` or `default`. */
  readonly from: string;
}

/** Where the key for the API, and further headers, come from; null: they are not set. */
type SecretsInForce = Readonly<Record<'key' | 'headers', string | null>>;

function optionInForce(key: OptionKey, { options, given }: Asked, { environment }: CommandContext): OptionInForce {
  const value = options[key];
  // A proxy, and an address, may hold a password.
  const shown = typeof value === 'string' && /^\w+:\/\//.test(value) ? masked(value) : value;
  return { name: flagOf(key), value: shown, from: originOf(key, given[key], environment) };
}

function originOf(key: OptionKey, origin: Origin | undefined, environment: NodeJS.ProcessEnv): string {
  if (origin === 'flag') return `--${flagOf(key)}`;
  if (origin === 'config') return 'sluice.config.yaml';
  const name = environmentName(key);
  if (origin === 'environment') return environment[name] === undefined ? `${name} in .env` : name;
  return 'default';
}

function secretsIn({ options, environment }: Asked): SecretsInForce {
  const api = resolveApi(options.api);
  const headers = (environment['SLUICE_API_HEADERS'] ?? '').trim() === '' ? null : 'SLUICE_API_HEADERS';
  return {
    key: api.name === 'simulator' ? null : keySource(api, environment, options.apiKeyFile),
    headers: options.apiHeadersFile === null ? headers : '--api-headers-file',
  };
}

function configText(
  { options, secrets }: { options: readonly OptionInForce[]; secrets: SecretsInForce },
  root: string,
): string {
  const rows = options.map(({ name, value, from }, index) => [name, valueText(value, optionKeys[index]), from]);
  const hidden = Object.entries(secrets).map(([name, from]) => [name, from === null ? 'not set' : `set (${from})`, '']);
  const all = [...rows, ...hidden];
  const widths = [0, 1].map((column) => Math.min(48, Math.max(...all.map((row) => row[column]?.length ?? 0))));
  const lines = all.map(([name = '', value = '', from = '']) =>
    `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${from}`.trimEnd(),
  );
  return [`Settings file: ${visible(join(root, 'sluice.config.yaml'))}`, '', ...lines].join('\n');
}

function valueText(value: unknown, key: OptionKey | undefined): string {
  if (value === null || (Array.isArray(value) && value.length === 0))
    return key === undefined ? 'none' : defaultText(key);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return visible(Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value));
}
