import type { CommandModule } from 'yargs';
import { UsageError } from '../../domain/errors.ts';
import { loadEnvironment } from '../../options/load-environment.ts';
import { yargsOptions } from '../../options/yargs-options.ts';
import { plan } from '../../run/plan.ts';
import { textOf } from '../command.ts';
import { resolveOptions } from '../options/resolve.ts';
import { type OptionKey, optionKeys } from '../options/table.ts';
import type { ProgramSettings } from '../program.ts';
import { planText } from './text.ts';

/** Those of a run, but for what makes it another kind of run. */
const KEYS: readonly OptionKey[] = optionKeys.filter(
  (key) =>
    !(['once', 'test', 'limit', 'truncateCharacters', 'rescanSeconds', 'lookAgainSeconds'] as string[]).includes(key),
);

/** `sluice plan`: what a run would do, cost and take. */
export function planCommand(settings: ProgramSettings, finish: (exitCode: number) => void): CommandModule {
  return {
    command: 'plan',
    describe: 'Tell what a run would do now: documents, tokens, cost and time; nothing is sent without --pilot',
    builder: (yargs) =>
      yargs.options(yargsOptions(KEYS)).option('pilot', {
        type: 'string',
        describe: 'Ask so many documents first, of all sizes, for good, and estimate the others by what they came to',
      }),
    handler: async (flags) => {
      const { currentFolder } = settings;
      const environment = loadEnvironment(currentFolder, settings.environment);
      const resolved = resolveOptions({ flags, environment, currentFolder, keys: KEYS });
      const outcome = await plan({ ...resolved, environment }, pilotOf(flags), settings);
      finish(outcome.exitCode);
      const { json, api } = resolved.options;
      settings.stdout.write(`${json ? JSON.stringify(outcome.plan) : planText(outcome.plan, api === 'simulator')}\n`);
    },
  };
}

function pilotOf(flags: Readonly<Record<string, unknown>>): number | null {
  const text = textOf(flags, 'pilot');
  if (text === null) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--pilot does not take ${JSON.stringify(text)}: it takes a whole number from 1`);
}
