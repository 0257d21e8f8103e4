import type { CommandModule } from 'yargs';
import { loadEnvironment } from '../options/load-environment.ts';
import { resolveOptions } from '../options/resolve-options.ts';
import { yargsOptions } from '../options/yargs-options.ts';
import { type Prepared, prepare } from '../run/prepare.ts';
import { runDaemon } from '../run/run-daemon.ts';
import { runOnce } from '../run/run-once.ts';
import type { ProgramSettings } from './program.ts';

/** `sluice watch`, also without a command: the daemon, or with `--once` one pass over the inbox. */
export function watchCommand(settings: ProgramSettings, finish: (exitCode: number) => void): CommandModule {
  return {
    command: ['watch', '$0'],
    describe: 'Answer what is dropped into the inbox; with --once what is there now',
    builder: yargsOptions(),
    handler: async (flags) => {
      const prepareAgain = (): Promise<Prepared> => {
        const environment = loadEnvironment(settings.currentFolder, settings.environment);
        const { currentFolder } = settings;
        return prepare({ ...resolveOptions({ flags, environment, currentFolder }), environment });
      };
      const prepared = await prepareAgain();
      const surroundings = settings;
      finish(
        prepared.options.once
          ? await runOnce(prepared, surroundings)
          : await runDaemon(prepared, prepareAgain, surroundings),
      );
    },
  };
}
