import { startedIn } from './run/current-folder.ts';
// This import stays first, before any library; its file says why.

import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import { share } from 'rxjs';
import { calledAs } from './cli/hints.ts';
import { endedBy, runProgram } from './cli/program.ts';
import { monotonicClock } from './lib/clock.ts';
import { errorCode, errorMessage } from './lib/errors.ts';
import { isRecord, parseJson } from './lib/json.ts';
import { writeText } from './report/screen.ts';
import { signalsOf } from './run/stop.ts';

/** The version in the package's own manifest. */
function readVersion(): string {
  const manifest = parseJson(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : 'unknown';
}

// By default V8 lets the heap grow to four times the size of what is alive before it collects: to 400 MB with 100,000
// documents in the inbox, of which 70 MB are alive. At 1.7 times, it costs a few per cent more processor time.
setFlagsFromString('--heap-growing-percent=70');

// V8 optimizes a function once it has run often, and by then most of the first 4,000 documents are over. When it does so
// about ten times earlier, each of them takes a tenth to a fifth less of the thread. Node 24 needs no such help.
const [nodeLine] = process.versions.node.split('.');
if (nodeLine === '20') setFlagsFromString('--interrupt-budget=10000');
if (nodeLine === '22') setFlagsFromString('--invocation-count-for-turbofan=400');

// Until a run listens: a SIGHUP that comes this early has nothing to reload, and must not end the process.
process.on('SIGHUP', () => undefined);

// The reader of our output may go away at any time (a pipe, a terminal, a full disk): no reason to lose calls in flight.
let refusal: Error | null = null;
process.stdout.on('error', (error) => (refusal ??= error));
process.stderr.on('error', () => undefined);

/** What stdout took nothing of is lost, though all else went well; who left a pipe wanted no more. */
async function exitCodeWritten(code: number): Promise<number> {
  await new Promise((resolve) => process.stdout.write('', resolve));
  // A terminal that went away is no error.
  const isLeft = process.stdout.isTTY || (refusal !== null && errorCode(refusal) === 'EPIPE');
  if (refusal === null || isLeft || code === 6) return code;
  process.stderr.write(`sluice: Standard output cannot be written: ${errorMessage(refusal)}\n`);
  return code === 0 ? 6 : code;
}

const currentFolder = startedIn();
const program = calledAs(process.argv[1] ?? 'sluice', { currentFolder, environment: process.env });

const exitCode = await runProgram(process.argv.slice(2), {
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
}).catch((error: unknown) => endedBy(error, (line) => writeText(process.stderr, line)));
process.exitCode = await exitCodeWritten(exitCode);
