import { join } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { run, watch } from '../library/run.ts';
import { secretsOf } from '../llm/access.ts';
import { type Prepared, prepare } from '../run/prepare.ts';
import { type Command, type CommandContext, type GivenFlags, readCommandOptions } from './command.ts';
import { follow } from './follow.ts';
import { untilWritten } from './options/sources.ts';
import { flagOf, yargsOptions } from './options/table.ts';
import { planCommand } from './plan/command.ts';

/** `sluice watch`, also without a command: the daemon, or with `--once` one pass over the inbox. */
export function watchCommand(context: CommandContext): Command {
  return {
    name: 'watch',
    isDefault: true,
    describe: 'Answer what is dropped into the inbox; with --once what is there now',
    examples: ['--once --root papers -p "Summarize in five lines"', 'watch --root papers --max-cost 5'],
    flags: () => ({ ...yargsOptions(), 'dry-run': DRY_RUN }),
    needs: (asked) => void prepare(asked, () => context.clock.now()),
    run: async (flags) => {
      if (flags['dry-run'] === true) return planInstead(flags, context);
      const prepared = prepare(readCommandOptions(flags, context), () => context.clock.now());
      const prepareAgain = async (): Promise<Prepared> => {
        await untilWritten(join(prepared.options.root, 'sluice.config.yaml'));
        const next = prepare(readCommandOptions(flags, context), () => context.clock.now());
        for (const secret of secretsOf(next.access)) context.secrets.add(secret);
        return next;
      };
      const begin = { prepared, context };
      const start = () => (prepared.options.once ? run(begin) : watch({ ...begin, prepareAgain }));
      return follow(start, prepared, context);
    },
  };
}

/** `sluice run`: `--once` as a word. */
export function runCommand(context: CommandContext): Command {
  const watching = watchCommand(context);
  return {
    name: 'run',
    describe: 'Answer what is in the inbox now, and end; the same as --once',
    examples: ['run --root papers --max-cost 5'],
    flags: () => {
      const { once: _, ...others } = watching.flags();
      return others;
    },
    ...(watching.needs && { needs: watching.needs }),
    run: (flags) => watching.run({ ...flags, once: true }),
  };
}

const DRY_RUN = {
  type: 'boolean',
  alias: 'n',
  describe: 'Send nothing: tell what the run would do and cost, as plan does',
} as const;

/** A trial is another run than the one that `plan` tells of. */
function planInstead(flags: GivenFlags, context: CommandContext): number | Promise<number> {
  const others = (['test', 'limit', 'truncateCharacters'] as const).map(flagOf).filter((flag) => flag in flags);
  if (others.length > 0) {
    const given = others.map((flag) => `--${flag}`).join(' and ');
    throw new UsageError(`--dry-run does not work with ${given}: it tells what a whole run would do`);
  }
  return planCommand(context).run(flags);
}
