import type { CommandModule } from 'yargs';
import { UsageError } from '../../domain/errors.ts';
import { argumentOf, type CommandContext } from '../command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `sluice completion SHELL`: the script by which a shell asks us what may come next. */
export function completionCommand(context: Pick<CommandContext, 'stdout'>): CommandModule {
  return {
    command: 'completion <shell>',
    describe: 'Print a script that completes commands, options, values and documents in your shell',
    builder: (yargs) =>
      yargs.positional('shell', { type: 'string', describe: `${SHELLS.join(', ')}; the script says where it goes` }),
    handler: async (flags) => {
      const given = argumentOf(flags, 'shell');
      const shell = SHELLS.find((known) => known === given);
      if (shell === undefined)
        throw new UsageError(`completion does not know the shell ${given}: it takes one of ${SHELLS.join(', ')}`);
      const { SCRIPTS } = await import('./scripts.ts');
      context.stdout.write(SCRIPTS[shell]);
    },
  };
}
