import type { CommandModule } from 'yargs';
import { secretsOf } from '../llm/access.ts';
import { openDaemon } from '../run/daemon.ts';
import { openOnce } from '../run/once.ts';
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
      const run = prepared.options.once
        ? await openOnce(prepared, context)
        : openDaemon(prepared, async () => prepareAgain(), context);
      finish(await follow(run, prepared, context));
    },
  };
}
