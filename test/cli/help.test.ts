import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { flagOf, optionKeys, optionTable } from '../../src/cli/options/table.ts';
import { runProgram } from '../../src/cli/program.ts';
import { settingsOf } from './support.ts';

async function help(argv: readonly string[], columns = 80): Promise<string> {
  const settings = settingsOf('/');
  Object.assign(settings.stderr, { columns });
  const printed = text(settings.stdout);
  expect(await runProgram(argv, settings)).toBe(0);
  settings.stdout.end();
  return printed;
}

test('the first screen fits into one of 80 columns and 24 lines', async () => {
  const lines = (await help(['--help'])).trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(lines.join('\n')).toMatch(/^ {2}sluice --once --root papers +all that is there now$/m);
  expect(lines).toContain('  -j, --concurrency N|auto  Calls in flight, at most [5]');
  expect(lines.at(-1)).toBe('More: sluice help COMMAND, sluice help all');
});

test.each([40, 80, 120])('all of it, in %d columns, breaks between words', async (columns) => {
  const all = await help(['help', 'all'], columns);
  for (const key of optionKeys) expect(all).toContain(`--${flagOf(key)}`);
  expect(all.replaceAll(/\s+/g, ' ')).toContain('-n, --dry-run watch, run: Send nothing: ');
  expect(all.replaceAll(/\s+/g, ' ')).toContain('--out DIR ask: A folder for the answers');
  expect(Math.max(...all.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(columns);
  expect(all.replaceAll(/\s+/g, ' ')).toContain('8 another process works on the workspace');
  expect(all.replaceAll(/\s+/g, ' ')).toContain(optionTable.after.help);
});

test.each([[['-h']], [['help']], [['--root', 'x', '--help']]])('%j is the first screen', async (argv) => {
  expect(await help(argv)).toBe(await help(['--help']));
});

test('of a command: how it is called, what it takes, an example', async () => {
  const status = await help(['status', '--help']);
  expect(await help(['help', 'status'])).toBe(status);
  expect(status).toMatch(/^sluice status \[options\]\n/);
  expect(status).toContain('\n  sluice status --root papers\n');
  expect(status).not.toContain('--rpm');
  const show = await help(['show', '-h']);
  expect(show).toMatch(/^sluice show DOCUMENT \[options\]\n/);
  expect(show).toMatch(/^ {2}DOCUMENT {2}\S/m);
  expect(show).not.toContain('[string]');
  // Of a flag that has another meaning here, its own.
  expect((await help(['help', 'init'])).replaceAll(/\s+/g, ' ')).toContain(
    ' --recipe RECIPE What recipes/default.prompt asks of documents: summarize, ',
  );
});
