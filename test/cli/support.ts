import { PassThrough, Readable } from 'node:stream';
import { Subject } from 'rxjs';
import type { CommandContext } from '../../src/cli/command.ts';
import { monotonicClock } from '../../src/lib/clock.ts';
import type { ProcessSignal } from '../../src/run/stop.ts';

/** What the program needs of its process, in the hands of a test. */
export function settingsOf(currentFolder: string): CommandContext & {
  readonly stdout: PassThrough;
  readonly signals: Subject<ProcessSignal>;
} {
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 50, fd: 2 });
  return {
    stdin: { isTTY: false, read: () => Readable.from([]) },
    stdout: new PassThrough(),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a terminal's stream the program needs these
    stderr: stderr as unknown as CommandContext['stderr'],
    environment: {},
    currentFolder,
    signals: new Subject<ProcessSignal>(),
    exit: (code) => {
      throw new Error(`the process was to end with ${code}`);
    },
    secrets: new Set(),
    version: '0.0.0',
    commandLine: ['sluice'],
    clock: monotonicClock,
  };
}
