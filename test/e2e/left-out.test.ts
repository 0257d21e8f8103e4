import { copyFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { docx, docxParagraph } from '../inbox/convert/office-files.ts';
import type { LogLine, Program } from '../support/program.ts';
import { prompt, put, receiptOf } from './recipe-files.ts';
import { type Scene, scenes } from './scene.ts';

jest.setTimeout(60_000);

const scene = scenes();

/** A Word document with so many pictures of which nothing is said. */
function withPictures(count: number): Buffer {
  const picture =
    '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata/></v:shape></w:pict></w:r>';
  return docx(`${docxParagraph('See the pictures.')}${`<w:p>${picture}</w:p>`.repeat(count)}`);
}

/** A workspace with two Word documents, of three pictures together, and a text. */
async function withDocuments(recipe = 'sluice: {}'): Promise<Scene> {
  const here = await scene();
  await put(here.workspace, 'recipes/default.prompt', prompt(recipe));
  await here.workspace.drop('one.docx', withPictures(1));
  await here.workspace.drop('two.docx', withPictures(2));
  await here.workspace.drop('notes.txt', 'Some notes.');
  return here;
}

const told = ({ log }: Program): readonly LogLine[] => log.filter(({ event }) => event === 'document-read-in-part');

const ALL = { documents: 2, kinds: { picture: 3 } };

describe('what of documents the model cannot be given', () => {
  test('is told to it where it stood, in the log once for each document, in the summary, receipts and show', async () => {
    const here = await withDocuments();
    const run = await here.once(['--receipts']);
    expect(run.summary).toMatchObject({ succeeded: 3, leftOut: ALL });
    expect(told(run)).toHaveLength(2);
    expect(told(run)).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        document: 'two.docx',
        leftOut: { picture: 2 },
        msg: 'read in part; the model was told that this was left out: 2 pictures',
      }),
    );
    expect(await receiptOf(here.workspace, 'two.docx.md')).toMatchObject({
      leftOut: { picture: 2 },
      readers: [expect.stringMatching(/^docx\/\d+$/)],
    });
    expect(await receiptOf(here.workspace, 'notes.txt.md')).toMatchObject({ leftOut: {}, readers: [] });
    expect(await outputOf(here, 'show', 'one.docx')).toContain('Left out: 1 picture');
    // What is done is told once, by the run that did it.
    expect((await here.once()).summary).toMatchObject({ skipped: 3, leftOut: { documents: 0, kinds: {} } });
  });

  test('is told for people at the end', async () => {
    const here = await withDocuments();
    const run = here.start(['--once', ...here.flags]);
    await run.exited;
    expect(run.stdout).toContain('2 documents were read in part; left out of them: 3 pictures.');
  });

  test('is told before anything is sent, by render and plan', async () => {
    const here = await withDocuments();
    const body = await outputOf(here, 'render', 'two.docx');
    expect(body.match(/\[Left out: 1 picture\]/g)).toHaveLength(2);
    expect(body).toContain('Left out of the document: 2 pictures.');
    const plan = JSON.parse(await outputOf(here, 'plan', '--json')) as Readonly<Record<string, unknown>>;
    expect(plan).toMatchObject({ leftOut: ALL, documents: { asked: 3 } });
    expect(await outputOf(here, 'plan')).toContain('Read in part: 2 documents; left out of them: 3 pictures.');
    expect(here.calls()).toEqual({});
  });

  test('is told of an answer that is used again: for a deleted result, and for the same bytes under another name', async () => {
    const here = await withDocuments();
    await here.once();
    await rm(here.workspace.outbox('one.docx.md'));
    copyFileSync(here.workspace.inbox('two.docx'), here.workspace.inbox('copy.docx'));
    const run = await here.once(['--receipts']);
    expect(run.summary).toMatchObject({ reused: 2, attempts: 0, leftOut: ALL });
    expect(
      told(run)
        .map(({ document }) => String(document))
        .toSorted(),
    ).toEqual(['copy.docx', 'one.docx']);
    expect(await receiptOf(here.workspace, 'copy.docx.md')).toMatchObject({ leftOut: { picture: 2 } });
  });

  test('is told of an answer whose result a killed run did not file', async () => {
    const here = await withDocuments();
    const killed = await here.once(['--concurrency', '1'], {
      environment: { SLUICE_CRASH_AT: 'outbox.fileResult:before' },
    });
    expect(killed.code).not.toBe(0);
    const run = await here.once();
    expect(run.summary).toMatchObject({ reused: 1, succeeded: 2, leftOut: ALL });
    expect(told(run)).toHaveLength(2);
  });
});

describe('sluice.left_out: fail', () => {
  test('refuses such documents before the call, and says what they hold and what to do', async () => {
    const here = await withDocuments('sluice: {left_out: fail}');
    const run = await here.once();
    expect(run.code).toBe(3);
    expect(run.summary).toMatchObject({ succeeded: 1, failed: 2, attempts: 1, leftOut: { documents: 0, kinds: {} } });
    const { code, reason } = await here.workspace.report('two.docx');
    expect(code).toBe('left-out');
    expect(reason).toMatch(/2 pictures.*sluice\.left_out: fail/);
    const plan = JSON.parse(await outputOf(here, 'plan', '--json')) as Readonly<Record<string, unknown>>;
    expect(plan).toMatchObject({ documents: { failed: 2, skipped: 1 } });
  });

  test('leaves what is answered as it is, and holds for what is used again', async () => {
    const here = await withDocuments();
    await here.once();
    await put(here.workspace, 'recipes/default.prompt', prompt('sluice: {left_out: fail}'));
    expect((await here.once(['--redo', 'stale'])).summary).toMatchObject({ skipped: 3, stale: 0 });
    copyFileSync(here.workspace.inbox('two.docx'), here.workspace.inbox('copy.docx'));
    expect((await here.once()).summary).toMatchObject({ skipped: 3, failed: 1, attempts: 0 });
    expect(await here.workspace.report('copy.docx')).toMatchObject({ code: 'left-out' });
    await put(here.workspace, 'recipes/default.prompt', prompt('sluice: {left_out: note}'));
    expect(await here.start(['retry', '--reason', 'left-out', '--root', here.workspace.root]).exited).toBe(0);
    expect((await here.once()).summary).toMatchObject({ skipped: 3, reused: 1, attempts: 0 });
  });
});

/** What a command says, for programs and for people. */
async function outputOf(here: Scene, command: string, ...args: readonly string[]): Promise<string> {
  const root = command === 'show' ? here.flags.slice(0, 2) : here.flags;
  const program = here.start([command, ...args, ...root]);
  expect(await program.exited).toBe(0);
  return program.stderr + program.stdout;
}
