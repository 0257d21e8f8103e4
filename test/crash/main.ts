// Kills the built program, lets its calls to the system fail, starts several at once; prints what came of it.
//
//   npm run crash -- [PART ...] [--trials N] [--seed N] [--trial NUMBER] [--every N]
//
// PART      kills, files, sqlite, locks (default: all)
// --trials  workspaces to kill in (default 200)
// --seed    of what is drawn (default 1)
// --trial   the kills of this trial alone
// --every   of the calls of files and sqlite, each so-manieth (default 1)
//
// Ends with 1 where something was lost, billed twice and not reported, or wrong otherwise.
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { errorMessage } from '../../src/lib/errors.ts';
import { fileCalls } from './parts/file-calls.ts';
import { kills } from './parts/kills.ts';
import { locks } from './parts/locks.ts';
import type { Part, PartSettings, Row } from './parts/part.ts';
import { sqliteCalls } from './parts/sqlite-calls.ts';

const PARTS = new Map<string, Part>([
  ['kills', kills],
  ['files', fileCalls],
  ['sqlite', sqliteCalls],
  ['locks', locks],
]);

const OPTIONS = {
  trials: { type: 'string', default: '200' },
  seed: { type: 'string', default: '1' },
  trial: { type: 'string' },
  every: { type: 'string', default: '1' },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  let findings = 0;
  const settings: PartSettings = {
    trials: wholeNumber(values.trials),
    trial: values.trial === undefined ? null : wholeNumber(values.trial),
    seed: wholeNumber(values.seed),
    every: wholeNumber(values.every),
    say: (what) => process.stderr.write(`${what}\n`),
    tell: (found, where) => {
      findings += found.length;
      for (const { kind, what } of found) process.stderr.write(`${kind}: ${what} (${where})\n`);
    },
  };
  const rows: Row[] = [];
  for (const part of chosenParts(positionals)) rows.push(...(await part(settings)));
  process.stdout.write(tableOf(rows));
  return findings === 0 ? 0 : 1;
}

function chosenParts(names: readonly string[]): readonly Part[] {
  const unknown = names.find((name) => !PARTS.has(name));
  if (unknown !== undefined) throw new Error(`No part is called ${unknown}; there are ${[...PARTS.keys()].join(', ')}`);
  return [...PARTS].flatMap(([name, part]) => (names.length === 0 || names.includes(name) ? [part] : []));
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`${text} is not a whole number`);
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| ${row.join(' | ')} |`);
  return ['| what | figure | must be |', '|---|---|---|', ...lines, ''].join('\n');
}

// What was started is killed as this process exits.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(128 + constants.signals[signal]));

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${errorMessage(error)}\n`);
  return 2;
});
