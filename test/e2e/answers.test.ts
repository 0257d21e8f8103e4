import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import type { FaultKind } from '../../src/simulator/fault-kinds.ts';
import type { Fault, FaultPlan } from '../../src/simulator/fault-plan.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import { until } from '../support/until.ts';
import { prompt, put, receiptOf, valueOf } from './recipe-files.ts';
import { filesIn, type Scene, scenes } from './scene.ts';
import { chargedBy } from './stage.ts';

jest.setTimeout(60_000);

const scene = scenes();

async function setUp(recipe: string, plan: FaultPlan = {}): Promise<Scene> {
  const set = await scene(plan);
  await put(set.workspace, 'recipes/default.prompt', recipe);
  await set.workspace.drop('a.txt', 'The bridge was built in 1890.\n\nIt is long.');
  return set;
}

const always = (kind: FaultKind): Fault => ({ kind });
const first = (kind: FaultKind): Fault => ({ kind, attempts: [1] });

describe('JSON with a schema', () => {
  const JSON_RECIPE = prompt('output:\n  schema:\n    title: string\n    year: integer');
  const VALUE = { title: expect.any(String), year: expect.any(Number) };

  test.each<[string, readonly Fault[], number]>([
    ['valid', [], 1],
    ['in a fence', [always('json-fenced')], 1],
    ['among prose', [always('json-prose')], 1],
    ['broken, then mended', [first('json-invalid')], 2],
    ['of another form, then mended', [first('json-wrong')], 2],
    ['not at all, then after all', [first('json-ignored')], 2],
    ['broken, then mended within a fence', [first('json-invalid'), always('json-fenced')], 2],
  ])('comes %s: the result is JSON that holds, and every call is booked', async (_, faults, calls) => {
    const set = await setUp(JSON_RECIPE, { faults });
    const program = await set.once(['--receipts']);
    expect(program.code).toBe(0);
    expect(await valueOf(set.workspace, 'a.txt.json')).toEqual(VALUE);
    expect(program.summary).toMatchObject({ succeeded: 1, attempts: calls, retries: 0, costUnknownAttempts: 0 });
    const charged = await chargedBy(set.simulator);
    expect(charged).toBeGreaterThan(0);
    expect(program.summary['costUsd']).toBeCloseTo(charged, 9);
    const receipt = await receiptOf(set.workspace, 'a.txt.json');
    expect(receipt.costUsd).toBeCloseTo(charged, 9);
    expect(receipt.attempts).toBe(calls);
    expect(receipt.notes.filter((note) => note.includes('corrected its first answer'))).toHaveLength(calls - 1);
  });

  test.each<[string, FaultKind, string]>([
    ['broken', 'json-invalid', 'invalid-json'],
    ['of another form', 'json-wrong', 'schema-broken'],
    ['as prose, whatever was asked for', 'json-ignored', 'invalid-json'],
  ])('comes %s, twice: a report, with what the model said beside it, and no result', async (_, kind, code) => {
    const set = await setUp(JSON_RECIPE, { faults: [always(kind)] });
    const { workspace } = set;
    const program = await set.once();
    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ failed: 1, attempts: 2, retries: 0 });
    expect(program.summary['costUsd']).toBeCloseTo(await chargedBy(set.simulator), 9);
    expect(await filesIn(workspace.outbox())).toEqual([]);
    expect(await workspace.report('a.txt')).toMatchObject({
      code,
      reason: expect.stringContaining('could not correct it'),
      attempts: [{ costUsd: expect.any(Number) }, { costUsd: expect.any(Number) }],
    });
    expect(await readFile(workspace.failed('a.txt.partial.md'), 'utf8')).not.toBe('');
    expect((await set.once()).summary).toMatchObject({ failed: 1, attempts: 0 });
  });

  test('from a model that knows no schemas is asked for in words, and looked at all the same', async () => {
    const set = await setUp(
      JSON_RECIPE.replace('output:', 'model: microsoft/phi-4\nconfig:\n  max_tokens: 2000\noutput:'),
    );
    const program = await set.once();
    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ failed: 1, attempts: 2 });
    expect(await filesIn(set.workspace.outbox())).toEqual([]);
  });
});

describe('an answer that is cut at the limit of tokens', () => {
  const LONG = { answerTokens: 200 };

  test('is gone on with where the recipe says so', async () => {
    const whole = await setUp(prompt('config:\n  max_tokens: 4000'), LONG);
    await whole.once();
    const set = await setUp(prompt('config:\n  max_tokens: 60\nsluice:\n  on_length: continue'), LONG);
    const program = await set.once(['--receipts']);
    expect(program.code).toBe(0);
    const text = await set.workspace.result('a.txt');
    expect(text).toBe(await whole.workspace.result('a.txt'));
    const receipt = await receiptOf(set.workspace, 'a.txt.md');
    expect(receipt.attempts).toBeGreaterThan(2);
    expect(receipt.notes).toEqual([expect.stringContaining('its pieces are joined')]);
    expect(program.summary).toMatchObject({ succeeded: 1, attempts: receipt.attempts, retries: 0 });
    expect(program.summary['costUsd']).toBeCloseTo(await chargedBy(set.simulator), 9);
  });

  test('is asked for once more, with twice as many, where the recipe says so', async () => {
    const set = await setUp(prompt('config:\n  max_tokens: 150\nsluice:\n  on_length: retry'), LONG);
    const program = await set.once(['--receipts']);
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 1, attempts: 2, retries: 0 });
    expect((await set.workspace.result('a.txt')).length).toBeGreaterThan(700);
    const { notes, completionTokens } = await receiptOf(set.workspace, 'a.txt.md');
    expect(notes).toEqual([expect.stringContaining('twice as many')]);
    expect(completionTokens).toBeGreaterThan(150);
  });

  test('fails where twice as many do not do either', async () => {
    const set = await setUp(prompt('config:\n  max_tokens: 60\nsluice:\n  on_length: retry'), LONG);
    expect((await set.once()).summary).toMatchObject({ failed: 1, attempts: 2, retries: 0 });
    expect(await set.workspace.report('a.txt')).toMatchObject({ code: 'length' });
  });

  test('fails otherwise, and what there is of it lies beside the report', async () => {
    const set = await setUp(prompt('config:\n  max_tokens: 60'), LONG);
    const program = await set.once();
    expect(program.code).toBe(3);
    expect(program.summary).toMatchObject({ failed: 1, attempts: 1 });
    expect(await set.workspace.report('a.txt')).toMatchObject({
      code: 'length',
      reason: expect.stringContaining('sluice.on_length'),
    });
    const partial = await readFile(set.workspace.failed('a.txt.partial.md'), 'utf8');
    expect(partial).toContain('The bridge was built in 1890.');
    expect(partial.length).toBeLessThanOrEqual(240);
  });

  test('says where thinking took all of them', async () => {
    const set = await setUp(prompt('{}'), { faults: [{ kind: 'length-empty' }] });
    expect((await set.once()).summary).toMatchObject({ failed: 1, attempts: 1 });
    expect(await set.workspace.report('a.txt')).toMatchObject({
      code: 'length',
      reason: expect.stringMatching(/on reasoning, and wrote no answer.*max_tokens.*reasoning\.effort/),
    });
    expect(existsSync(set.workspace.failed('a.txt.partial.md'))).toBe(false);
  });
});

describe('text', () => {
  test('is what stands in the fence alone, where the recipe says so', async () => {
    const set = await setUp(prompt('output:\n  extract: fenced\n  extension: srt'), {
      faults: [{ kind: 'json-fenced' }],
    });
    expect((await set.once()).code).toBe(0);
    expect(await filesIn(set.workspace.outbox())).toEqual(['a.txt.srt']);
    const text = await readFile(set.workspace.outbox('a.txt.srt'), 'utf8');
    expect(text).toContain('The bridge was built in 1890.');
    expect(text).not.toContain('```');
  });

  test('is called as the recipe says', async () => {
    const set = await setUp(prompt('output:\n  name: "{{folder}}/{{stem}}-en"\n  extension: srt'));
    await set.workspace.drop('films/b.srt', 'It rains.');
    expect((await set.once(['--receipts'])).code).toBe(0);
    expect(await filesIn(set.workspace.outbox())).toEqual([
      'a-en.srt',
      'a-en.srt.receipt.json',
      'films/b-en.srt',
      'films/b-en.srt.receipt.json',
    ]);
    const again = await set.once();
    expect(again.summary).toMatchObject({ documents: 2, skipped: 2, attempts: 0 });
  });

  test('refuses a start where two documents would have the same result, and sends nothing', async () => {
    const set = await setUp(prompt('output:\n  name: "{{stem}}"'));
    await set.workspace.drop('q1/a.md');
    const program = await set.once();
    expect(program.code).toBe(2);
    expect(program.stderr).toContain('a.txt and q1/a.md would both have the result a.md');
    expect(set.simulator.billing()).toEqual([]);
  });

  test('of a document that comes later and would take the place of another does not: it fails', async () => {
    const set = await setUp(prompt('output:\n  name: "{{stem}}"'));
    const { workspace } = set;
    const daemon = await set.watch();
    await until('the first is answered', () => existsSync(workspace.outbox('a.md')));
    const before = await readFile(workspace.outbox('a.md'), 'utf8');
    await workspace.drop('q1/a.md', 'Something else.');
    await until('the second failed', () => existsSync(workspace.failed('q1/a.md.error.json')));
    daemon.kill('SIGTERM');
    await daemon.exited;
    expect(await workspace.report('q1/a.md')).toMatchObject({ reason: expect.stringContaining('a.txt') });
    expect(await readFile(workspace.outbox('a.md'), 'utf8')).toBe(before);
    expect(await filesIn(workspace.outbox())).toEqual(['a.md']);
    expect(set.simulator.billing()).toHaveLength(1);
  });
});

describe('what comes with an answer', () => {
  test('is filed beside it where the recipe asks for it', async () => {
    const set = await setUp(
      prompt(
        [
          'model: google/gemini-2.5-flash-image',
          'config:',
          '  max_tokens: 2000',
          '  modalities: [image, text]',
          'sluice:',
          '  pdf: cloudflare-ai',
          '  keep: [reasoning, images, annotations]',
        ].join('\n'),
      ),
      { reasoning: true },
    );
    await set.workspace.drop('b.pdf', pdfFile(['On bridges']));
    const program = await set.once();
    expect(program.code).toBe(0);
    const files = await filesIn(set.workspace.outbox());
    expect(files).toEqual([
      'a.txt.md',
      'a.txt.md.image-1.png',
      'a.txt.md.reasoning.md',
      'b.pdf.md',
      'b.pdf.md.annotations.json',
      'b.pdf.md.image-1.png',
      'b.pdf.md.reasoning.md',
    ]);
    const image = await readFile(set.workspace.outbox('a.txt.md.image-1.png'));
    expect(image.subarray(1, 4).toString()).toBe('PNG');
    expect(await valueOf(set.workspace, 'b.pdf.md.annotations.json')).toMatchObject([
      { type: 'file', file: { name: 'b.pdf' } },
    ]);
    expect(await readFile(set.workspace.outbox('a.txt.md.reasoning.md'), 'utf8')).not.toBe('');
  });

  test('stands in the receipt: of files, what was read in them, only where the recipe keeps it', async () => {
    const set = await setUp(prompt('sluice:\n  pdf: cloudflare-ai\n  keep: [annotations]'), { reasoning: true });
    await set.workspace.drop('b.pdf', pdfFile(['On bridges']));
    expect((await set.once(['--receipts'])).code).toBe(0);
    expect(await receiptOf(set.workspace, 'b.pdf.md')).toMatchObject({
      reasoning: expect.stringContaining('its beginning'),
      reasoningTokens: expect.any(Number),
      cachedTokens: 0,
      notes: [],
      annotations: [{ type: 'file', file: { name: 'b.pdf' } }],
    });
    expect(await receiptOf(set.workspace, 'a.txt.md')).toMatchObject({ annotations: [], refusal: null });
  });
});
