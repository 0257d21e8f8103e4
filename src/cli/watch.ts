import type { CommandModule } from 'yargs';
import { runDaemon } from '../run/daemon.ts';
import { runOnce } from '../run/once.ts';
import { type Prepared, prepare } from '../run/prepare.ts';
import type { ProgramSettings } from './context.ts';
import { resolveOptions } from './options/resolve.ts';
import { loadEnvironment } from './options/sources.ts';
import { yargsOptions } from './options/table.ts';

/** `sluice watch`, also without a command: the daemon, or with `--once` one pass over the inbox. */
export function watchCommand(settings: ProgramSettings, finish: (exitCode: number) => void): CommandModule {
  return {
    command: ['watch', '$0'],
    describe: 'Answer what is dropped into the inbox; with --once what is there now',
    builder: yargsOptions(),
    handler: async (flags) => {
      const prepareAgain = (): Prepared => {
        const environment = loadEnvironment(settings.currentFolder, settings.environment);
        const { currentFolder } = settings;
        const asked = { ...resolveOptions({ flags, environment, currentFolder }), environment };
        const prepared = prepare(asked, () => settings.clock.now());
        if (prepared.key !== null) settings.secrets.add(prepared.key);
        return prepared;
      };
      const prepared = prepareAgain();
      finish(
        prepared.options.once
          ? await runOnce(prepared, settings)
          : await runDaemon(prepared, async () => prepareAgain(), settings),
      );
    },
  };
}
