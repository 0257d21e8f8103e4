import type { CommandModule } from 'yargs';
import { UsageError } from '../domain/errors.ts';
import { run, watch } from '../library/run.ts';
import { secretsOf } from '../llm/access.ts';
import { type Prepared, prepare } from '../run/prepare.ts';
import { type CommandContext, readCommandOptions } from './command.ts';
import { follow } from './follow.ts';
import { flagOf, optionKeys, yargsOptions } from './options/table.ts';
import { planCommand } from './plan/command.ts';

/** `sluice watch`, also without a command: the daemon, or with `--once` one pass over the inbox. */
export function watchCommand(context: CommandContext, finish: (exitCode: number) => void): CommandModule {
  return {
    command: ['watch', '$0'],
    describe: 'Answer what is dropped into the inbox; with --once what is there now',
    builder: (yargs) => yargs.options(yargsOptions()).option('dry-run', DRY_RUN),
    handler: async (flags) => {
      if (flags['dry-run'] === true) return planInstead(flags, context, finish);
      const prepareAgain = (): Prepared => {
        const prepared = prepare(readCommandOptions(flags, context), () => context.clock.now());
        for (const secret of secretsOf(prepared.access)) context.secrets.add(secret);
        return prepared;
      };
      const prepared = prepareAgain();
      const begin = { prepared, context };
      const started = prepared.options.once
        ? run(begin)
        : watch({ ...begin, prepareAgain: async () => prepareAgain() });
      finish(await follow(started, prepared, context));
    },
  };
}

/** `sluice run`: `--once` as a word. */
export function runCommand(context: CommandContext, finish: (exitCode: number) => void): CommandModule {
  const { handler } = watchCommand(context, finish);
  return {
    command: 'run',
    describe: 'Answer what is in the inbox now, and end; the same as --once',
    builder: (yargs) =>
      yargs.options(yargsOptions(optionKeys.filter((key) => key !== 'once'))).option('dry-run', DRY_RUN),
    handler: (flags) => handler({ ...flags, once: true }),
  };
}

const DRY_RUN = {
  type: 'boolean',
  alias: 'n',
  describe: 'Send nothing: tell what the run would do and cost, as plan does',
} as const;

/** A trial is another run than the one that `plan` tells of. */
async function planInstead(
  flags: Parameters<CommandModule['handler']>[0],
  context: CommandContext,
  finish: (exitCode: number) => void,
): Promise<void> {
  const others = (['test', 'limit', 'truncateCharacters'] as const).map(flagOf).filter((flag) => flag in flags);
  if (others.length > 0) {
    const given = others.map((flag) => `--${flag}`).join(' and ');
    throw new UsageError(`--dry-run does not work with ${given}: it tells what a whole run would do`);
  }
  await planCommand(context, finish).handler(flags);
}
