import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { of } from 'rxjs';
import { DiskError } from '../../src/domain/errors.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { filesIn } from '../e2e/scene.ts';
import { png } from '../inbox/convert/media-files.ts';
import { Workspace } from '../support/workspace.ts';
import { preparedIn, processContext, runOnce } from './support.ts';

/** Runs to the end; with `--json`. */
async function run(workspace: Workspace, flags: Readonly<Record<string, unknown>>) {
  const context = processContext();
  const code = await runOnce(await preparedIn(workspace, { json: true, ...flags }), context);
  const { stdout, stderr } = context.printed;
  return { code, summary: JSON.parse(stdout) as unknown, stderr };
}

/** On one line: a terminal's are wrapped. */
function said({ stderr }: { readonly stderr: string }): string {
  return stderr.replaceAll(/\s+/g, ' ');
}

describe('a run that ends by itself, with the simulator in the same process', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
    await workspace.drop('a.txt');
    await workspace.drop('q1/b.txt');
  });
  afterEach(() => workspace.remove());

  test('answers what is there and resolves to 0, and the next run knows it though the simulator has another port', async () => {
    const first = await run(workspace, { once: true });
    const second = await run(workspace, { once: true });

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.summary).toMatchObject({ documents: 2, succeeded: 2, attempts: 2 });
    expect(second.summary).toMatchObject({ documents: 2, skipped: 2, attempts: 0 });
    expect(await workspace.result('q1/b.txt')).toContain('q1/b.txt');
    expect(first.stderr).toContain('The answers come from a simulator');
  });

  test('remembers nothing of a trial', async () => {
    const trial = await run(workspace, { test: true });
    const real = await run(workspace, { once: true });

    expect(trial.summary).toMatchObject({ succeeded: 2 });
    expect(real.summary).toMatchObject({ succeeded: 2, skipped: 0 });
  });

  test('sends nothing where no document has a recipe, says the ways on and ends with 2; --no-recipe, -p and a recipe are such', async () => {
    const simulator = await startSimulator({});
    const flags = { once: true, api: simulator.url };
    const refused = await run(workspace, flags);
    const trial = await run(workspace, { test: true, api: simulator.url });
    const sent = simulator.billing().length;
    await workspace.drop('q1/_recipe.md', 'Translate.');
    const some = await run(workspace, flags);
    const again = await run(workspace, { ...flags, prompt: 'List three facts.' });
    await workspace.drop('c.txt');
    const asIs = await run(workspace, { ...flags, 'no-recipe': true });
    await simulator.close();

    expect([refused.code, trial.code, sent]).toEqual([2, 2, 0]);
    expect(refused.summary).toMatchObject({ documents: 2, pending: 2, awaitingRecipe: 2, attempts: 0, stopped: null });
    expect(said(refused)).toMatch(/No recipe says what to ask\. Give -p .*sluice init.*--no-recipe\./);
    expect(some.code).toBe(7);
    expect(some.summary).toMatchObject({ succeeded: 1, pending: 1, awaitingRecipe: 1, attempts: 1 });
    expect(said(some)).toContain('a.txt is not sent. No recipe says what to ask.');
    expect([again.code, asIs.code]).toEqual([0, 0]);
    expect(again.summary).toMatchObject({ succeeded: 1, skipped: 1, attempts: 1 });
    expect(said(again)).toMatch(
      /^Working off .* with "List three facts\.": .*, each at most \$0\.9600 for an answer of 64,000 tokens/,
    );
    expect(asIs.summary).toMatchObject({ succeeded: 1, skipped: 2, attempts: 1 });
  });

  test('sends nothing after a signal that came first', async () => {
    const context = processContext();
    const prepared = await preparedIn(workspace, { once: true, json: true });
    const running = runOnce(prepared, { ...context, signals: of('SIGTERM') });

    expect(await running).toBe(143);
    expect(JSON.parse(context.printed.stdout)).toMatchObject({ attempts: 0, stopped: 'signal' });
  });

  test('stops when --max-duration is over, and leaves for the next run what it did not come to', async () => {
    const { code, summary } = await run(workspace, { once: true, 'max-duration': '0.1', rpm: '1' });

    expect(code).toBe(7);
    expect(summary).toMatchObject({ documents: 2, failed: 0, stopped: 'duration' });
  });

  test('takes what --include and --exclude leave, and counts the others as ignored', async () => {
    await workspace.drop('q1/b.pdf', 'no PDF: it would fail');
    await workspace.drop('c.log');
    await mkdir(workspace.inbox('z.doc'));
    const { code, summary } = await run(workspace, { once: true, include: ['*.txt', 'q1/'], exclude: '*.pdf' });

    expect(code).toBe(0);
    expect(summary).toMatchObject({
      documents: 2,
      succeeded: 2,
      ignored: { 'left out by --include or --exclude': 2, 'folders x.doc without a file': 1 },
    });
  });

  test('says so where no document is chosen', async () => {
    const { code, summary, stderr } = await run(workspace, { once: true, include: '*.md' });

    expect({ code, summary }).toMatchObject({ code: 0, summary: { documents: 0 } });
    expect(stderr).toContain('No document is chosen: all 2 in the inbox are left out by --include or --exclude');
  });

  test('tries documents of all folders and types, and says which were sent whole', async () => {
    await workspace.drop('a2.txt');
    await workspace.drop('a3.txt');
    await workspace.drop('scans/p.png', png(1));
    const { summary, stderr } = await run(workspace, { test: true, limit: '3' });

    expect(summary).toMatchObject({ documents: 3, succeeded: 3 });
    expect(await filesIn(`${workspace.outbox()}-test`)).toEqual(['a.txt.md', 'q1/b.txt.md', 'scans/p.png.md']);
    expect(stderr).toContain('scans/p.png: sent whole: a trial cuts only what is text');
  });

  test('ends with 7 and a hint where no server listens on this machine', async () => {
    const { code, summary } = await run(workspace, {
      once: true,
      'no-recipe': true,
      api: 'http://127.0.0.1:9/v1',
      'retry-delay': '0.1',
    });

    expect({ code, summary }).toMatchObject({ code: 7, summary: { pending: 2, failed: 0 } });
    expect(JSON.stringify(summary)).toContain('Nothing listens at the address of --api (ECONNREFUSED). Is it running?');
  });

  test('leaves nothing open if the ledger cannot be used', async () => {
    await mkdir(join(workspace.root, '.sluice', 'ledger.db'), { recursive: true });
    const running = runOnce(await preparedIn(workspace, { once: true }), processContext());
    await expect(running).rejects.toBeInstanceOf(DiskError);
  });
});
