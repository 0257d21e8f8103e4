import { copyFileSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import type { Program } from '../support/program.ts';
import { prompt, put } from './recipe-files.ts';
import { type Scene, scenes } from './scene.ts';

jest.setTimeout(60_000);

const scene = scenes();

/** A workspace with a PDF that the program read itself, and a text, both answered; and what `readers` the ledger has of them. */
async function answered(readers: string | null): Promise<Scene> {
  const here = await scene();
  await put(here.workspace, 'recipes/default.prompt', prompt('sluice: {pdf: text}'));
  await here.workspace.drop('report.pdf', pdfFile(['total 100']));
  await here.workspace.drop('notes.txt', 'Some notes.');
  expect((await here.once()).summary).toMatchObject({ succeeded: 2 });
  const database = openDatabase(join(here.workspace.root, '.sluice/ledger.db'));
  const recorded = 'SELECT document, calls.readers FROM calls JOIN versions USING (version_id) ORDER BY document';
  expect(database.prepare(recorded).all()).toEqual([
    { document: 'notes.txt', readers: '' },
    { document: 'report.pdf', readers: expect.stringMatching(/^pdf\/\d+$/) },
  ]);
  const value = readers === null ? 'NULL' : `'${readers}'`;
  for (const table of ['versions', 'calls'])
    database.exec(`UPDATE ${table} SET readers = ${value} WHERE readers <> ''`);
  if (readers === null) for (const table of ['versions', 'calls']) database.exec(`UPDATE ${table} SET readers = NULL`);
  database.close();
  return here;
}

async function status(here: Scene): Promise<Readonly<Record<string, unknown>>> {
  const program = here.start(['status', '--json', ...here.flags]);
  expect(await program.exited).toBe(0);
  return JSON.parse(program.stdout) as Readonly<Record<string, unknown>>;
}

const reasonOf = ({ log }: Program, id: string) =>
  log.find(({ event, document }) => event === 'document-skipped' && document === id)?.['reason'];

describe.each([
  ['of another revision', 'pdf/1'],
  ['that an older version did not record', null],
])('a document that was read by a reader %s', (_, readers) => {
  test('is stale: told by format, and asked again with --redo stale alone', async () => {
    const here = await answered(readers);
    expect(await status(here)).toMatchObject({
      documents: { done: 2, pending: 0, stale: 1 },
      outdatedReaders: { pdf: 1 },
    });
    const plain = await here.once();
    expect(plain.summary).toMatchObject({ skipped: 2, stale: 1, attempts: 0 });
    expect(reasonOf(plain, 'report.pdf')).toBe('done, as another version of sluice read it (pdf)');
    expect((await here.once(['--redo', 'stale'])).summary).toMatchObject({ succeeded: 1, skipped: 1, stale: 0 });
    expect(await status(here)).toMatchObject({ documents: { done: 2, stale: 0 }, outdatedReaders: {} });
    expect((await here.once(['--redo', 'stale'])).summary).toMatchObject({ skipped: 2, attempts: 0 });
  });

  test('gives its answer to no other: neither a copy nor a new name of it; a text does', async () => {
    const here = await answered(readers);
    copyFileSync(here.workspace.inbox('report.pdf'), here.workspace.inbox('copy.pdf'));
    renameSync(here.workspace.inbox('notes.txt'), here.workspace.inbox('renamed.txt'));
    expect((await here.once()).summary).toMatchObject({ succeeded: 1, reused: 1, skipped: 1 });
    // The copy was read anew: from here on it answers for the bytes.
    renameSync(here.workspace.inbox('copy.pdf'), here.workspace.inbox('again.pdf'));
    expect((await here.once()).summary).toMatchObject({ succeeded: 0, reused: 1, skipped: 2, attempts: 0 });
  });

  test('has its result filed again, free, where that was deleted', async () => {
    const here = await answered(readers);
    const result = await here.workspace.result('report.pdf');
    await rm(here.workspace.outbox('report.pdf.md'));
    expect((await here.once()).summary).toMatchObject({ reused: 1, attempts: 0 });
    expect(await here.workspace.result('report.pdf')).toBe(result);
    expect(await status(here)).toMatchObject({ outdatedReaders: { pdf: 1 } });
  });
});
