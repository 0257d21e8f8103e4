import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { png } from '../inbox/convert/media-files.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { paragraphs, prompt, put, receiptOf, valueOf } from './recipe-files.ts';
import { filesIn, type Scene, scenes } from './scene.ts';

jest.setTimeout(90_000);

const scene = scenes();

const MINI = 'openai/gpt-5-mini';
const FLASH = 'google/gemini-2.5-flash';
const HAIKU = 'anthropic/claude-haiku-4.5';

const asking = (model: string) => prompt(`model: ${model}`);

/** Who was asked, in the order of the calls. */
async function modelsAsked(set: Scene): Promise<readonly string[]> {
  return (await set.requests()).map(({ model }) => model);
}

async function stop(program: Program): Promise<void> {
  program.kill('SIGTERM');
  expect(await program.exited).toBe(143);
}

interface Status {
  readonly documents: Readonly<Record<'done' | 'failed' | 'pending' | 'stale', number>>;
  readonly recipes: readonly { readonly name: string; readonly reason: string; readonly documents: number }[];
}

async function statusOf(set: Scene): Promise<Status> {
  const program = set.start(['status', '--json', ...set.flags]);
  await program.exited;
  return program.summary as unknown as Status;
}

describe('five folders with five recipes', () => {
  const INVOICE = prompt('model: openai/gpt-5-mini\noutput:\n  schema:\n    supplier: string\n    total: number');
  const SPLIT = 'sluice:\n  on_too_long: split\n  split:\n    tokens: 200';

  async function setUp(): Promise<Scene> {
    const set = await scene();
    const { workspace } = set;
    await put(workspace, 'inbox/letters/_recipe.md', 'Summarise the letter in one sentence.');
    await put(workspace, 'inbox/invoices/_recipe.prompt', INVOICE);
    await put(workspace, 'inbox/papers/_recipe.prompt', prompt('sluice:\n  pdf: cloudflare-ai'));
    await put(workspace, 'inbox/pictures/_recipe.prompt', prompt(`model: ${FLASH}`));
    await put(workspace, 'inbox/books/_recipe.prompt', prompt(SPLIT));
    await workspace.drop('letters/a.txt', 'Dear Ada, the engine works.');
    await workspace.drop('invoices/a.txt', 'Invoice of Miller & Sons: 12.50');
    await workspace.drop('papers/a.pdf', pdfFile(['On engines', 'The second page']));
    await workspace.drop('pictures/a.png', png(8));
    await workspace.drop('books/a.txt', paragraphs(20));
    return set;
  }

  const RESULTS = ['books/a.txt.md', 'invoices/a.txt.json', 'letters/a.txt.md', 'papers/a.pdf.md', 'pictures/a.png.md'];

  test('answer each document as its folder says', async () => {
    const set = await setUp();
    const { workspace } = set;
    const daemon = await set.watch(['--receipts', '--concurrency', '5']);
    await until('all are answered', async () => {
      const there = await filesIn(workspace.outbox());
      return RESULTS.every((result) => there.includes(`${result}.receipt.json`));
    });
    await stop(daemon);
    expect(daemon.summary).toMatchObject({ documents: 5, succeeded: 5, failed: 0, pending: 0, retries: 0 });
    expect(await valueOf(workspace, 'invoices/a.txt.json')).toEqual({
      supplier: expect.any(String),
      total: expect.any(Number),
    });
    const text = (result: string) => readFile(workspace.outbox(result), 'utf8');
    expect(await text('letters/a.txt.md')).toContain('Dear Ada, the engine works.');
    expect(await text('papers/a.pdf.md')).toContain('a.pdf: application/pdf');
    expect(await text('pictures/a.png.md')).toContain('image/png');
    const receipts = await Promise.all(RESULTS.map((result) => receiptOf(workspace, result)));
    expect(receipts.map(({ recipe, servedModel }) => [recipe, servedModel])).toEqual([
      ['inbox/books/_recipe.prompt', 'anthropic/claude-sonnet-4.5'],
      ['inbox/invoices/_recipe.prompt', MINI],
      ['inbox/letters/_recipe.md', 'anthropic/claude-sonnet-4.5'],
      ['inbox/papers/_recipe.prompt', 'anthropic/claude-sonnet-4.5'],
      ['inbox/pictures/_recipe.prompt', FLASH],
    ]);
    expect(receipts[0]?.attempts).toBeGreaterThan(1);
    expect(receipts[0]?.notes).toEqual([expect.stringMatching(/asked in \d+ parts/)]);
    expect(await parsesOf(set)).toEqual([expect.objectContaining({ engine: 'cloudflare-ai', pages: 2, parsed: 1 })]);
  });

  test('a recipe that is edited holds from the next document on, and what was made with the old one is stale', async () => {
    const set = await setUp();
    const { workspace } = set;
    await workspace.drop('invoices/b.txt', 'Invoice of Smith: 3.00');
    const daemon = await set.watch();
    await until('all are answered', async () => (await filesIn(workspace.outbox())).length === 6);
    const asked = set.simulator.billing().length;

    await put(workspace, 'inbox/invoices/_recipe.prompt', INVOICE.replace('supplier: string', 'seller: string'));
    await workspace.drop('invoices/c.txt', 'Invoice of Jones: 7.00');
    await until('the new one is answered', async () => existsSync(workspace.outbox('invoices/c.txt.json')));
    expect(await valueOf(workspace, 'invoices/c.txt.json')).toHaveProperty('seller');
    expect(await valueOf(workspace, 'invoices/a.txt.json')).toHaveProperty('supplier');
    expect(set.simulator.billing()).toHaveLength(asked + 1);
    expect((await statusOf(set)).documents).toMatchObject({ done: 7, stale: 2, pending: 0 });
    await stop(daemon);

    const redone = await set.once(['--redo', 'stale']);
    expect(redone.code).toBe(0);
    expect(redone.summary).toMatchObject({ documents: 7, succeeded: 2, skipped: 5, attempts: 2 });
    for (const name of ['a', 'b'])
      expect(await valueOf(workspace, `invoices/${name}.txt.json`)).toHaveProperty('seller');
    expect((await statusOf(set)).documents).toMatchObject({ done: 7, stale: 0 });
  });

  test('a mistake in a recipe bars its folder alone, says so, and once it is mended its documents go on', async () => {
    const set = await setUp();
    const { workspace } = set;
    const daemon = await set.watch(['--rescan', '60']);
    await until('all are answered', async () => (await filesIn(workspace.outbox())).length === 5);

    await put(workspace, 'inbox/invoices/_recipe.prompt', INVOICE.replace('output:', 'outptu:'));
    await workspace.drop('invoices/b.txt', 'Invoice of Smith: 3.00');
    await workspace.drop('letters/b.txt', 'Dear Charles, it does not.');
    const told = await daemon.logged('recipe-barred');
    expect(told).toMatchObject({
      name: 'inbox/invoices/_recipe.prompt',
      reason: expect.stringMatching(/outptu.*output/),
    });
    await until('the letter is answered', () => workspace.hasResult('letters/b.txt'));
    await daemon.logged('document-pending', ({ document }) => document === 'invoices/b.txt');
    expect(existsSync(workspace.outbox('invoices/b.txt.json'))).toBe(false);
    expect(await statusOf(set)).toMatchObject({
      documents: { done: 6, pending: 1, failed: 0, stale: 0 },
      recipes: [{ name: 'inbox/invoices/_recipe.prompt', documents: 1, reason: expect.stringContaining('outptu') }],
    });

    await put(workspace, 'inbox/invoices/_recipe.prompt', INVOICE);
    await until('the invoice is answered', () => existsSync(workspace.outbox('invoices/b.txt.json')));
    await stop(daemon);
    expect(daemon.summary).toMatchObject({ documents: 7, succeeded: 7, failed: 0, pending: 0 });
  });
});

async function parsesOf({ simulator }: Scene): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${simulator.port}/admin/parses`)).json();
}

/** A recipe of one folder, and one of all, with a document each. */
async function tree(): Promise<Scene> {
  const set = await scene();
  const { workspace } = set;
  await put(workspace, 'recipes/default.prompt', asking(HAIKU));
  await put(workspace, 'inbox/q1/_recipe.prompt', asking(MINI));
  await workspace.drop('a.txt');
  await workspace.drop('q1/deep/b.txt');
  return set;
}

describe('which recipe counts', () => {
  test('one that appears or vanishes does so for the next document', async () => {
    const set = await scene();
    const { workspace } = set;
    const daemon = await set.watch();
    const ask = async (id: string) => {
      await workspace.drop(id);
      await until(`${id} is answered`, () => workspace.hasResult(id));
    };
    await ask('q1/a.txt');
    await put(workspace, 'inbox/q1/_recipe.prompt', asking(MINI));
    await ask('q1/b.txt');
    await put(workspace, 'recipes/q1.prompt', asking(FLASH));
    await ask('q1/c.txt');
    await rm(join(workspace.root, 'recipes/q1.prompt'));
    await ask('q1/d.txt');
    await rm(workspace.inbox('q1/_recipe.prompt'));
    await ask('q1/e.txt');
    await put(workspace, 'recipes/default.prompt', asking(HAIKU));
    await ask('q1/f.txt');
    await stop(daemon);
    const standard = 'anthropic/claude-sonnet-4.5';
    expect(await modelsAsked(set)).toEqual([standard, MINI, FLASH, MINI, standard, HAIKU]);
  });

  test('one that changes while documents wait in line does so for them, too', async () => {
    const set = await scene({ faults: [{ kind: 'slow-headers', seconds: 3, document: 'This is a' }] });
    const { workspace } = set;
    await put(workspace, 'recipes/default.prompt', asking(MINI));
    for (const id of ['a.txt', 'b.txt', 'c.txt']) await workspace.drop(id);
    const running = set.once(['--concurrency', '1']);
    await until('the first is in flight', () => set.simulator.billing().length === 1);
    await put(workspace, 'recipes/default.prompt', asking(FLASH));
    expect((await running).summary).toMatchObject({ succeeded: 3, attempts: 3 });
    expect(await modelsAsked(set)).toEqual([MINI, FLASH, FLASH]);
  });

  test('the nearest above a document, before the default of all', async () => {
    const set = await tree();
    expect((await set.once(['--concurrency', '1'])).code).toBe(0);
    expect((await modelsAsked(set)).toSorted()).toEqual([HAIKU, MINI]);
  });

  test('the default alone where the inbox may hold none', async () => {
    const set = await tree();
    expect((await set.once(['--no-inbox-recipes'])).code).toBe(0);
    expect(await modelsAsked(set)).toEqual([HAIKU, HAIKU]);
  });

  test('the one that the command line names, before all others', async () => {
    const set = await tree();
    await put(set.workspace, 'mine.prompt', asking(FLASH));
    expect((await set.once(['--recipe', join(set.workspace.root, 'mine.prompt')])).code).toBe(0);
    expect(await modelsAsked(set)).toEqual([FLASH, FLASH]);
  });
});

describe('a recipe that cannot be used', () => {
  test('ends a run with exit code 2, its documents pending and all others answered', async () => {
    const set = await scene();
    const { workspace } = set;
    await put(workspace, 'inbox/q1/_recipe.prompt', prompt('config:\n  temprature: 0.5'));
    for (const id of ['a.txt', 'q1/b.txt', 'q1/c.txt']) await workspace.drop(id);
    const program = await set.once();
    expect(program.code).toBe(2);
    expect(program.summary).toMatchObject({ documents: 3, succeeded: 1, pending: 2, failed: 0, stopped: null });
    expect(program.stderr).toMatch(/temprature.*temperature/);
    expect(await filesIn(workspace.outbox())).toEqual(['a.txt.md']);
    expect(set.simulator.billing()).toHaveLength(1);

    await put(workspace, 'inbox/q1/_recipe.prompt', prompt('config:\n  temperature: 0.5'));
    const mended = await set.once();
    expect(mended.code).toBe(0);
    expect(mended.summary).toMatchObject({ documents: 3, succeeded: 2, skipped: 1 });
  });

  test.each([
    ['recipes/default.prompt', []],
    ['mine.prompt', ['--recipe']],
  ])('refuses the start where it is the one of all documents: %s', async (path, flags) => {
    const set = await scene();
    const { workspace } = set;
    await workspace.drop('a.txt');
    await put(workspace, path, prompt('modle: openai/gpt-5'));
    const program = await set.once([...flags, ...flags.map(() => join(workspace.root, path))]);
    expect(program.code).toBe(2);
    expect(program.stderr).toMatch(/modle.*model/);
    expect(set.simulator.billing()).toEqual([]);
    expect(existsSync(workspace.outbox('a.txt.md'))).toBe(false);
  });

  test('refuses the start where it does not exist', async () => {
    const set = await scene();
    await set.workspace.drop('a.txt');
    const program = await set.once(['--recipe', join(set.workspace.root, 'nowhere.prompt')]);
    expect(program.code).toBe(2);
    expect(program.stderr).toContain('nowhere.prompt');
    expect(set.simulator.billing()).toEqual([]);
  });
});

describe('a recipe of the inbox that takes a liberty', () => {
  test.each([
    ['deleting documents', 'sluice:\n  after: delete', 'sluice.after'],
    ['naming results', 'output:\n  name: "all/{{name}}"', 'output.name'],
    ['choosing their ending', 'output:\n  extension: html', 'output.extension'],
    ['the paid engine for PDFs', 'sluice:\n  pdf: mistral-ocr', 'sluice.pdf'],
    ['a paid plugin', 'config:\n  plugins:\n    - id: web', 'config.plugins'],
    ['a model that searches the web', 'model: "openai/gpt-5:online"', 'model'],
    ['a longer answer', 'config:\n  max_tokens: 64001', 'config.max_tokens'],
    ['a field that nobody knows', 'config:\n  x_invention: true', 'config.x_invention'],
  ])('sends nothing and says why: %s', async (_, header, place) => {
    const set = await scene();
    const { workspace } = set;
    await workspace.drop('q1/a.txt');
    await put(workspace, 'inbox/q1/_recipe.prompt', prompt(header));
    const program = await set.once();
    expect(program.code).toBe(2);
    const told = await program.logged('recipe-barred');
    expect(told['reason']).toContain(`${place} `);
    expect(told['reason']).toContain('a recipe in the inbox may not do that');
    expect(set.simulator.billing()).toEqual([]);
    expect(await filesIn(workspace.inbox())).toEqual(['q1/_recipe.prompt', 'q1/a.txt']);
    expect(await filesIn(workspace.outbox())).toEqual([]);
  });

  test('is used where it does no more than it may', async () => {
    const set = await scene();
    const { workspace } = set;
    await put(workspace, 'inbox/q1/_recipe.prompt', prompt('model: openai/gpt-5-mini\nsluice:\n  after: archive'));
    await workspace.drop('q1/a.txt');
    expect((await set.once()).code).toBe(0);
    expect(await modelsAsked(set)).toEqual([MINI]);
    expect(await filesIn(join(workspace.root, 'archive'))).toEqual(['q1/a.txt']);
  });
});
