#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { share } from 'rxjs';
import { runProgram } from './cli/program.ts';
import { DiskError, UsageError } from './domain/errors.ts';
import { monotonicClock } from './lib/clock.ts';
import { errorMessage } from './lib/errors.ts';
import { isRecord, parseJson } from './lib/json.ts';
import { signalsOf } from './run/stop.ts';

/** The version that the package states of itself. */
function readVersion(): string {
  const manifest = parseJson(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : 'unknown';
}

/** The exit code of what ended a run, told on stderr. */
function tell(error: unknown): number {
  const known = error instanceof UsageError || error instanceof DiskError;
  const stack = error instanceof Error ? error.stack : undefined;
  process.stderr.write(`sluice: ${known ? error.message : (stack ?? errorMessage(error))}\n`);
  if (!known) return 1;
  return error instanceof UsageError ? 2 : 6;
}

// By itself the heap grows to four times of what lives before it is collected: with 100,000 documents in the inbox, to
// 400 MB of which 70 live. Collecting at half as much again costs a few per cent of processor time.
setFlagsFromString('--heap-growing-percent=50');

// Until a run listens: a SIGHUP that comes this early has nothing to reload, and must not end the process.
process.on('SIGHUP', () => undefined);

// Who reads our output may leave at any time (a pipe, a terminal, a full disk): no reason to lose what is in flight.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  currentFolder: process.cwd(),
  signals: signalsOf(process).pipe(share()),
  exit: (code) => process.exit(code),
  secrets: new Set(),
  version: readVersion(),
  commandLine: ['sluice', ...process.argv.slice(2)],
  clock: monotonicClock,
}).catch(tell);
