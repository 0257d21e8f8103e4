import type { CommandModule } from 'yargs';
import { yargsOptions } from '../../options/yargs-options.ts';
import { retryDocuments } from '../../queries/retry-documents.ts';
import { retryText } from '../../report/retry-text.ts';
import { askedOf, textOf, WORKSPACE_KEYS } from '../command.ts';
import type { ProgramSettings } from '../program.ts';

/** `sluice retry [GLOB]`: failed and held documents back into work, also while a daemon runs. */
export function retryCommand(settings: ProgramSettings): CommandModule {
  return {
    command: 'retry [glob]',
    describe: 'Take failed and held documents back into work, with all their attempts',
    builder: (yargs) =>
      yargs
        .options(yargsOptions(WORKSPACE_KEYS))
        .positional('glob', {
          type: 'string',
          describe:
            "Which, by their paths below the inbox: 'q1/*.pdf', '**/a?.txt', or a path to one's file; all without it",
        })
        .option('reason', { type: 'string', describe: 'Only what failed for this reason: the code in its report' }),
    handler: async (flags) => {
      const glob = textOf(flags, 'glob');
      const code = textOf(flags, 'reason');
      const program = `sluice ${settings.version}`;
      const { currentFolder } = settings;
      const options = askedOf(flags, WORKSPACE_KEYS, settings);
      const reopened = await retryDocuments(options, { glob, currentFolder, code, program });
      settings.stdout.write(`${retryText(reopened, glob)}\n`);
    },
  };
}
