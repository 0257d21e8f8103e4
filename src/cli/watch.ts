import type { CommandModule } from 'yargs';
import { run, watch } from '../library/run.ts';
import { secretsOf } from '../llm/access.ts';
import { type Prepared, prepare } from '../run/prepare.ts';
import { type CommandContext, commandOptions } from './command.ts';
import { follow } from './follow.ts';
import { yargsOptions } from './options/table.ts';

/** `sluice watch`, also without a command: the daemon, or with `--once` one pass over the inbox. */
export function watchCommand(context: CommandContext, finish: (exitCode: number) => void): CommandModule {
  return {
    command: ['watch', '$0'],
    describe: 'Answer what is dropped into the inbox; with --once what is there now',
    builder: yargsOptions(),
    handler: async (flags) => {
      const prepareAgain = (): Prepared => {
        const prepared = prepare(commandOptions(flags, context), () => context.clock.now());
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
