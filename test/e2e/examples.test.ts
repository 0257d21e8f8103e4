import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { filesIn } from './scene.ts';
import { setTheStage } from './stage.ts';

jest.setTimeout(120_000);

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(REPOSITORY, 'examples');
const stage = setTheStage();
const run = promisify(execFile);

/** The commands of an example's README, which are all that is indented by four. */
function commandsOf(example: string): readonly string[] {
  const readme = readFileSync(join(EXAMPLES, example, 'README.md'), 'utf8');
  return Array.from(readme.matchAll(/^ {4}(\S.*)$/gm), ([, command = '']) => command);
}

/** A copy of the examples as they are in a fresh clone, beside the program. */
async function freshClone(): Promise<string> {
  const folder = await stage.folder();
  const ofRuns = /^[^/]+\/(?:outbox|failed|archive|\.sluice|[^/]*-test)$/;
  const isOfClone = (source: string): boolean => !ofRuns.test(source.slice(EXAMPLES.length + 1));
  cpSync(EXAMPLES, join(folder, 'examples'), { recursive: true, filter: isOfClone });
  for (const name of ['dist', 'node_modules', 'package.json'])
    await symlink(join(REPOSITORY, name), join(folder, name));
  return folder;
}

/** What the commands of each example leave in the outbox. Quickstart is tried with the README of the repository. */
const RESULTS: Readonly<Record<string, readonly string[]>> = {
  'classify-tickets': ['0481.txt.json', '0482.txt.json', '0483.txt.json', '0484.txt.json', '0485.eml.json'],
  'summarize-folder': [
    'board-minutes.md.md',
    'lab-notes.txt.md',
    'sites/harbour-visit.md.md',
    'sites/mill-visit.md.md',
  ],
  'tables-from-pdfs': ['bakery.pdf.json', 'joinery.pdf.json', 'print-shop.pdf.json'],
  'translate-subtitles': ['episode-1.en.srt', 'episode-2/teaser.en.srt'],
};

test('every example is tried', () => {
  const others = readdirSync(EXAMPLES).filter((name) => name !== 'quickstart');
  expect(Object.keys(RESULTS)).toEqual(others.toSorted());
});

describe.each(Object.entries(RESULTS))('the example %s', (example, results) => {
  const root = (clone: string, ...path: readonly string[]): string => join(clone, 'examples', example, ...path);

  test('does what its README says, command by command', async () => {
    const clone = await freshClone();
    const { url } = await stage.simulator();
    // Commands that name no API meet a simulator of the test.
    const environment = { SLUICE_API: url, SLUICE_SETTLE: '0' };
    const commands = commandsOf(example);
    expect(commands.length).toBeGreaterThan(2);
    for (const command of commands) await inShell(command, clone, environment);
    expect(await filesIn(root(clone, 'outbox'))).toEqual(results);
    expect(await filesIn(root(clone, 'failed'))).toEqual([]);
  });

  test('leaves what belongs to a clone as it is', async () => {
    const clone = await freshClone();
    const [first = ''] = commandsOf(example);
    const before = await filesIn(root(clone));
    await inShell(first, clone, { SLUICE_SETTLE: '0' });
    const ignored = /^(?:outbox|failed|\.sluice)\//;
    expect((await filesIn(root(clone))).filter((file) => !ignored.test(file))).toEqual(before);
  });
});

test('the table of the PDFs has a row for each of their lines, with what the schema names', async () => {
  const table = await tableOf('tables-from-pdfs', 'lines.csv');
  const ofInvoice = ['number', 'date', 'supplier', 'currency', 'net', 'tax', 'total'];
  const ofLine = ['article', 'quantity', 'unit_price', 'amount'].map((field) => `lines.${field}`);
  const fields = [...ofInvoice, ...ofLine].map((field) => `answer.${field}`);
  expect(table[0]?.split(',').slice(0, fields.length + 2)).toEqual(['document', ...fields, 'model']);
  expect(table.slice(1).map((row) => row.slice(0, row.indexOf(',')))).toEqual([
    'bakery.pdf',
    'joinery.pdf',
    'print-shop.pdf',
  ]);
});

test('the table of the tickets has the classes as a column', async () => {
  const table = await tableOf('classify-tickets', 'tickets.csv');
  expect(table[0]).toMatch(/^document,answer\.reason,answer\.category,answer\.urgency,answer\.confidence,model,/);
  expect(table).toHaveLength(6);
});

test('the visits to sites are asked by the recipe that has the name of their folder', async () => {
  const clone = await freshClone();
  const [, render = ''] = commandsOf('summarize-folder');
  const { stdout, stderr } = await inShell(render, clone, {});
  expect(stderr).toContain('Recipe: recipes/sites.prompt.\n');
  expect(stdout).toContain('The report mill-visit.md:');
});

/** The lines of the table that the first two commands of an example make. */
async function tableOf(example: string, file: string): Promise<readonly string[]> {
  const clone = await freshClone();
  for (const command of commandsOf(example).slice(0, 2)) await inShell(command, clone, { SLUICE_SETTLE: '0' });
  return (await readFile(join(clone, 'examples', example, file), 'utf8')).trimEnd().split('\r\n');
}

/** Rejects where it ends with another exit code than 0. */
function inShell(command: string, folder: string, environment: Readonly<Record<string, string>>) {
  const { PATH = '', HOME = '' } = process.env;
  return run('bash', ['-c', command], { cwd: folder, env: { PATH, HOME, ...environment } });
}
