import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { png } from '../inbox/convert/media-files.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import { until } from '../support/until.ts';
import { paragraphs, prompt, put, receiptOf } from './recipe-files.ts';
import { filesIn, type Scene, scenes } from './scene.ts';
import { chargedBy } from './stage.ts';

jest.setTimeout(60_000);

const scene = scenes();

const SONNET = 'anthropic/claude-sonnet-4.5';
const MINI = 'openai/gpt-5-mini';

async function setUp(recipe: string, plan: FaultPlan = {}): Promise<Scene> {
  const set = await scene(plan);
  await put(set.workspace, 'recipes/default.prompt', recipe);
  return set;
}

/** What became of the files that had to be parsed. */
async function parses({ port }: Simulator): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${port}/admin/parses`)).json();
}

describe('a document in parts', () => {
  const SPLIT = 'sluice:\n  on_too_long: split\n  split:\n    tokens: 200';
  const DAYS = 20;

  test('has the answers to its parts, joined in order', async () => {
    const set = await setUp(prompt(SPLIT));
    await set.workspace.drop('a.txt', paragraphs(DAYS));
    const program = await set.once(['--receipts']);
    expect(program.code).toBe(0);
    const { attempts, notes } = await receiptOf(set.workspace, 'a.txt.md');
    expect(notes).toEqual([`The document was asked in ${attempts} parts.`]);
    expect(program.summary).toMatchObject({ succeeded: 1, attempts, retries: 0 });
    const begun = (await set.workspace.result('a.txt')).match(/(?<=^# Paragraph )\d+/gm)?.map(Number) ?? [];
    expect(begun).toHaveLength(attempts);
    expect(begun[0]).toBe(1);
    expect(begun).toEqual(begun.toSorted((one, other) => one - other));
    expect(program.summary['costUsd']).toBeCloseTo(await chargedBy(set.simulator), 9);
  });

  test('has the answer that a second prompt makes of them', async () => {
    const set = await setUp(prompt(`${SPLIT}\n    combine: Make one summary of these.`));
    await set.workspace.drop('a.txt', paragraphs(DAYS));
    expect((await set.once(['--receipts'])).code).toBe(0);
    const { attempts, notes } = await receiptOf(set.workspace, 'a.txt.md');
    expect(notes).toEqual([
      `The document was asked in ${attempts - 1} parts.`,
      'A last request made one answer of those to the parts.',
    ]);
    expect((await set.workspace.result('a.txt')).match(/^# /gm)).toHaveLength(1);
  });

  test('that is killed goes on where it was: what was answered is not sent again', async () => {
    const whole = await setUp(prompt(SPLIT));
    await whole.workspace.drop('a.txt', paragraphs(DAYS));
    await whole.once();
    const asked = whole.simulator.billing().map(({ document }) => document);
    expect(asked.length).toBeGreaterThan(3);

    const set = await setUp(prompt(SPLIT));
    await set.workspace.drop('a.txt', paragraphs(DAYS));
    const killed = await set.once([], { environment: { SLUICE_CRASH_AT: 'ledger.end:after#2' } });
    expect(killed.child.signalCode).toBe('SIGKILL');
    expect(set.simulator.billing()).toHaveLength(2);
    expect(await filesIn(join(set.workspace.root, 'outbox'))).toEqual([]);

    const program = await set.once();
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 1, attempts: asked.length - 2 });
    expect(set.simulator.billing().map(({ document, requests }) => [document, requests])).toEqual(
      asked.map((document) => [document, 1]),
    );
    expect(await set.workspace.result('a.txt')).toBe(await whole.workspace.result('a.txt'));
  });

  test('that is killed while a part is in flight sends that one again, and no other', async () => {
    const set = await setUp(prompt(SPLIT));
    await set.workspace.drop('a.txt', paragraphs(DAYS));
    const killed = await set.once([], { environment: { SLUICE_CRASH_AT: 'llm.head#3' } });
    expect(killed.child.signalCode).toBe('SIGKILL');
    const program = await set.once();
    expect(program.code).toBe(0);
    const requests = set.simulator.billing().map((document) => document.requests);
    expect(requests.filter((count) => count > 1)).toEqual([2]);
    expect(requests[2]).toBe(2);
  });

  test('that fails in one of them keeps what was answered for another try', async () => {
    const set = await setUp(prompt(SPLIT), { faults: [{ kind: 'refusal', document: 'Paragraph 12 tells' }] });
    await set.workspace.drop('a.txt', paragraphs(DAYS));
    expect((await set.once()).summary).toMatchObject({ failed: 1 });
    const sent = set.simulator.billing().length;
    set.simulator.setPlan({});
    expect(await set.start(['retry', ...set.flags.slice(0, 2)]).exited).toBe(0);
    expect((await set.once()).code).toBe(0);
    const requests = set.simulator.billing().map((document) => document.requests);
    expect(requests.filter((count) => count > 1)).toEqual([2]);
    expect(requests[sent - 1]).toBe(2);
    expect(existsSync(set.workspace.failed('a.txt.error.json'))).toBe(false);
  });
});

describe('models that stand in for another', () => {
  const FALLBACK = prompt(`model: ${SONNET}\nconfig:\n  models: [${MINI}]`);

  test('are named in the receipt, and paid for as themselves', async () => {
    const set = await setUp(FALLBACK, { unavailable: [SONNET] });
    await set.workspace.drop('a.txt');
    const program = await set.once(['--receipts']);
    expect(program.code).toBe(0);
    const receipt = await receiptOf(set.workspace, 'a.txt.md');
    expect(receipt).toMatchObject({ requestedModel: SONNET, servedModel: MINI });
    expect(receipt.costUsd).toBe(await chargedBy(set.simulator));
    expect(program.summary['costUsd']).toBe(receipt.costUsd);
  });

  test('are not needed where the first answers', async () => {
    const set = await setUp(FALLBACK);
    await set.workspace.drop('a.txt');
    expect((await set.once(['--receipts'])).code).toBe(0);
    expect(await receiptOf(set.workspace, 'a.txt.md')).toMatchObject({ servedModel: SONNET });
  });

  test('that do not tell what they cost leave it unknown', async () => {
    const set = await setUp(FALLBACK, { unavailable: [SONNET], faults: [{ kind: 'no-usage' }] });
    await set.workspace.drop('a.txt');
    const program = await set.once(['--receipts']);
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 1, costUnknownAttempts: 1 });
    expect(await receiptOf(set.workspace, 'a.txt.md')).toMatchObject({ costUsd: null, servedModel: MINI });
  });
});

describe('a PDF whose call fails', () => {
  test('is parsed once: what the API told of it goes along with the next attempt', async () => {
    const set = await setUp(prompt('model: google/gemini-2.5-flash\nsluice:\n  pdf: mistral-ocr'), {
      faults: [{ kind: 'file-error', attempts: [1, 2] }],
    });
    await set.workspace.drop('a.pdf', pdfFile(['On bridges', 'and tunnels']));
    const program = await set.once(['--receipts']);
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: 1, attempts: 3, retries: 2 });
    expect(await parses(set.simulator)).toMatchObject([{ engine: 'mistral-ocr', pages: 2, parsed: 1, spared: 2 }]);
    expect(await set.workspace.result('a.pdf')).toContain('On bridges');
  });
});

describe('a folder that is one document', () => {
  test('is asked in one request, its files in their order, and leaves as one', async () => {
    const set = await setUp(prompt('{}'));
    const { workspace } = set;
    await workspace.drop('claim.doc/2-letter.txt', 'The second file is a letter.');
    await workspace.drop('claim.doc/10-photo.png', png(8));
    await workspace.drop('claim.doc/1-form.pdf', pdfFile(['The first file is a form']));
    const program = await set.once(['--after', 'archive']);
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ documents: 1, succeeded: 1, attempts: 1 });
    const result = await readFile(workspace.outbox('claim.doc.md'), 'utf8');
    expect(result).toMatch(/Seen: .*1-form\.pdf: application\/pdf.*; .*image\/png/);
    expect(set.simulator.billing()).toHaveLength(1);
    expect(await filesIn(workspace.inbox())).toEqual([]);
    expect(await filesIn(join(workspace.root, 'archive'))).toEqual([
      'claim.doc/1-form.pdf',
      'claim.doc/10-photo.png',
      'claim.doc/2-letter.txt',
    ]);
  });

  test('is asked again when one of its files changes', async () => {
    const set = await setUp(prompt('{}'));
    const { workspace } = set;
    await workspace.drop('claim.doc/1.txt', 'The first file.');
    await workspace.drop('claim.doc/2.txt', 'The second file.');
    const daemon = await set.watch();
    await until('it is answered', () => workspace.hasResult('claim.doc'));
    await workspace.drop('claim.doc/2.txt', 'The second file, mended.');
    await until('it was asked again', () => set.simulator.billing().length === 2);
    daemon.kill('SIGTERM');
    expect(await daemon.exited).toBe(143);
    expect(daemon.summary).toMatchObject({ succeeded: 2, failed: 0, attempts: 2 });
  });
});
