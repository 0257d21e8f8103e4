import { startedIn } from './run/current-folder.ts';
// This import stays first, before any library; its file says why.

import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import { share } from 'rxjs';
import { calledAs } from './cli/hints.ts';
import { runProgram } from './cli/program.ts';
import { DiskError, UsageError, WorkspaceTakenError } from './domain/errors.ts';
import { monotonicClock } from './lib/clock.ts';
import { errorMessage } from './lib/errors.ts';
import { isRecord, parseJson } from './lib/json.ts';
import { writeText } from './report/screen.ts';
import { signalsOf } from './run/stop.ts';

/** The version in the package's own manifest. */
function readVersion(): string {
  const manifest = parseJson(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : 'unknown';
}

const KNOWN_ERRORS = [
  [UsageError, 2],
  [WorkspaceTakenError, 8],
  [DiskError, 6],
] as const;

/** The exit code for an error that ended the program. An unexpected error is shown with its stack. */
function exitCodeOf(error: unknown): number {
  const code = KNOWN_ERRORS.find(([kind]) => error instanceof kind)?.[1] ?? 1;
  const stack = code === 1 && error instanceof Error ? error.stack : undefined;
  const lines = error instanceof UsageError ? error.mistakes : [stack ?? errorMessage(error)];
  for (const line of lines) writeText(process.stderr, `sluice: ${line}`);
  return code;
}

// By default V8 lets the heap grow to four times the size of what is alive before it collects: to 400 MB with 100,000
// documents in the inbox, of which 70 MB are alive. At 1.7 times, it costs a few per cent more processor time.
setFlagsFromString('--heap-growing-percent=70');

// Until a run listens: a SIGHUP that comes this early has nothing to reload, and must not end the process.
process.on('SIGHUP', () => undefined);

// The reader of our output may go away at any time (a pipe, a terminal, a full disk): no reason to lose calls in flight.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const currentFolder = startedIn();
const program = calledAs(process.argv[1] ?? 'sluice', { currentFolder, environment: process.env });

process.exitCode = await runProgram(process.argv.slice(2), {
  // Not `process.stdin`: to make that stream takes time, and it would read.
  stdin: { isTTY: isatty(0), read: () => process.stdin },
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  currentFolder,
  signals: signalsOf(process).pipe(share()),
  exit: (code) => process.exit(code),
  secrets: new Set(),
  version: readVersion(),
  commandLine: [program, ...process.argv.slice(2)],
  clock: monotonicClock,
}).catch(exitCodeOf);
