import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { asked, askedOnce, filesIn, type Scene, scenes } from './scene.ts';
import { SlowWriter } from './slow-writer.ts';

jest.setTimeout(60_000);

const openScene = scenes();

const FIRST = 'The first document. It is about bread.';
const SECOND = 'The second document. It is about cheese.';
const THIRD = 'The third document. It is about wine.';

async function dropThree({ workspace }: Scene): Promise<void> {
  await workspace.drop('a.md', FIRST);
  await workspace.drop('b.txt', SECOND);
  await workspace.drop('c.html', THIRD);
}

describe('a run over an inbox', () => {
  test('answers every document once, each in the same place below the outbox, and leaves it where it is', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.md', FIRST);
    await scene.workspace.drop('q1/report.txt', SECOND);
    await scene.workspace.drop('q1/a/b/c/d/e/f/report.txt', THIRD);

    const { code, summary } = await scene.once();

    expect(code).toBe(0);
    expect(summary).toMatchObject({ documents: 3, succeeded: 3, failed: 0, pending: 0, attempts: 3, retries: 0 });
    expect(scene.calls()).toEqual(askedOnce(FIRST, SECOND, THIRD));
    const documents = ['a.md', 'q1/a/b/c/d/e/f/report.txt', 'q1/report.txt'];
    expect(await filesIn(scene.workspace.outbox())).toEqual(documents.map((id) => `${id}.md`));
    expect(await filesIn(scene.workspace.inbox())).toEqual(documents);
    expect(await scene.workspace.result('a.md')).toContain('It is about bread.');
  });

  test('ends with 0 where the inbox is empty', async () => {
    const scene = await openScene();

    const { code, summary } = await scene.once();

    expect(code).toBe(0);
    expect(summary).toMatchObject({ documents: 0, attempts: 0, stopped: null });
  });

  test('takes names of every kind, and knows them again', async () => {
    const scene = await openScene();
    const names = [
      'first\nsecond.txt',
      '📄 Übersicht.txt',
      'a "quoted" \\ name.txt',
      `${'x'.repeat(246)}.txt`,
      `${'ü'.repeat(125)}.txtx`,
      `${'ü'.repeat(125)}.txty`,
      `${'folder '.repeat(36)}/${'y'.repeat(255)}`,
    ];
    for (const name of names) await scene.workspace.drop(name);

    const first = await scene.once();
    const second = await scene.once();

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.summary).toMatchObject({ documents: names.length, skipped: names.length, attempts: 0 });
    expect(scene.calls()).toEqual(askedOnce(...names.map((name) => `This is ${name}. It says something.`)));
    expect(await filesIn(scene.workspace.outbox())).toHaveLength(names.length);
  });
});

describe('the next run', () => {
  test('makes no call where everything is done, not even where .sluice was deleted', async () => {
    const scene = await openScene();
    await dropThree(scene);
    await scene.once();

    const second = await scene.once();
    await rm(join(scene.workspace.root, '.sluice'), { recursive: true });
    const third = await scene.once();

    expect([second.code, third.code]).toEqual([0, 0]);
    expect(second.summary).toMatchObject({ documents: 3, skipped: 3, attempts: 0, costUsd: 0 });
    expect(third.summary).toMatchObject({ documents: 3, skipped: 3, attempts: 0, costUsd: 0 });
    expect(scene.calls()).toEqual(askedOnce(FIRST, SECOND, THIRD));
    expect(await filesIn(scene.workspace.outbox())).toEqual(['a.md.md', 'b.txt.md', 'c.html.md']);
  });

  test('asks for a document that changed, has a lost result back free, and leaves alone what was only touched', async () => {
    const scene = await openScene();
    await dropThree(scene);
    await scene.once();
    await writeFile(scene.workspace.inbox('a.md'), 'Now it is about honey.');
    await rm(scene.workspace.outbox('b.txt.md'));
    await utimes(scene.workspace.inbox('c.html'), new Date(), new Date());

    const { code, summary } = await scene.once();

    expect(code).toBe(0);
    expect(summary).toMatchObject({ documents: 3, succeeded: 1, reused: 1, skipped: 1, attempts: 1 });
    expect(scene.calls()).toEqual(askedOnce(FIRST, SECOND, THIRD, 'Now it is about honey.'));
    expect(await scene.workspace.result('a.md')).toContain('honey');
    expect(await scene.workspace.result('b.txt')).toContain('cheese');
  });

  test('asks again where a result came from another API, or from the simulator', async () => {
    const here = await openScene();
    const elsewhere = await openScene();
    await here.workspace.drop('a.md', FIRST);

    const simulated = await here.once(['--api', 'simulator']);
    const simulatedAgain = await here.once(['--api', 'simulator']);
    const first = await here.once();
    const second = await here.once(['--api', elsewhere.simulator.url]);

    expect(simulated.stderr).toContain('The answers come from a simulator');
    expect(simulated.summary).toMatchObject({ succeeded: 1 });
    expect(simulatedAgain.summary).toMatchObject({ skipped: 1, attempts: 0 });
    expect([first.summary['succeeded'], second.summary['succeeded']]).toEqual([1, 1]);
    expect(here.calls()).toEqual(askedOnce(FIRST));
    expect(elsewhere.calls()).toEqual(askedOnce(FIRST));
  });

  test('does not let made-up answers take the place of answers that were paid for', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.md', FIRST);
    await scene.once();
    const paid = await scene.workspace.result('a.md');

    const program = await scene.once(['--api', 'simulator']);

    expect(program.code).toBe(2);
    expect(program.stderr).toMatch(/holds answers of http.*name another folder for them.*--test/);
    expect(await scene.workspace.result('a.md')).toBe(paid);
  });

  test('asks for no document that has a result with --redo never, and for every one with --redo all', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.md', FIRST);
    await scene.workspace.drop('b.txt', SECOND);
    await scene.once();
    await writeFile(scene.workspace.inbox('b.txt'), THIRD);

    const never = await scene.once(['--redo', 'never']);
    const all = await scene.once(['--redo', 'all']);

    expect([never.code, all.code]).toEqual([0, 0]);
    expect(never.summary).toMatchObject({ skipped: 2, attempts: 0 });
    expect(all.summary).toMatchObject({ succeeded: 2, skipped: 0, attempts: 2 });
    expect(scene.calls()).toEqual(asked({ [FIRST]: 2, [SECOND]: 1, [THIRD]: 1 }));
  });
});

describe('a document that fails', () => {
  const refusesTwo = {
    faults: [
      { kind: 'refusal', document: 'cheese' },
      { kind: 'length', document: 'wine' },
    ],
  } as const;

  test('gets a report, with the text of a cut answer beside it, and ends the run with 3', async () => {
    const scene = await openScene(refusesTwo);
    await dropThree(scene);

    const { code, summary } = await scene.once();

    expect(code).toBe(3);
    expect(summary).toMatchObject({ documents: 3, succeeded: 1, failed: 2, attempts: 3 });
    expect(await scene.workspace.report('b.txt')).toMatchObject({
      document: { id: 'b.txt', size: SECOND.length },
      attempts: [{ number: 1, status: 200, billing: 'known' }],
    });
    const reports = ['b.txt.error.json', 'b.txt.partial.md', 'c.html.error.json', 'c.html.partial.md'];
    expect(await filesIn(scene.workspace.failed())).toEqual(reports);
    expect(await filesIn(scene.workspace.outbox())).toEqual(['a.md.md']);
  });

  test('is tried again only where it changed or its report was deleted', async () => {
    const scene = await openScene(refusesTwo);
    await dropThree(scene);
    await scene.once();
    const calls = scene.calls();

    const second = await scene.once();
    await rm(join(scene.workspace.root, '.sluice'), { recursive: true });
    const third = await scene.once();

    expect([second.code, third.code]).toEqual([3, 3]);
    expect(second.summary).toMatchObject({ documents: 3, failed: 2, skipped: 1, attempts: 0 });
    expect(third.summary).toMatchObject({ documents: 3, failed: 2, skipped: 1, attempts: 0 });
    expect(scene.calls()).toEqual(calls);

    scene.simulator.setPlan({});
    await rm(scene.workspace.failed('b.txt.error.json'));
    await writeFile(scene.workspace.inbox('c.html'), 'Now it is about honey.');
    const fourth = await scene.once();

    expect(fourth.code).toBe(0);
    expect(fourth.summary).toMatchObject({ succeeded: 2, skipped: 1, attempts: 2 });
    expect(await scene.workspace.result('b.txt')).toContain('cheese');
    expect(await scene.workspace.result('c.html')).toContain('honey');
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });
});

describe('retries', () => {
  test('that still wait are waited for; used up, they fail the document with every attempt in its report', async () => {
    const scene = await openScene({
      faults: [
        { kind: 'status', status: 503, document: 'bread', attempts: [1, 2] },
        { kind: 'status', status: 503, document: 'cheese' },
      ],
    });
    await dropThree(scene);

    const { code, summary } = await scene.once(['--retries', '2']);

    expect(code).toBe(3);
    expect(summary).toMatchObject({ succeeded: 2, failed: 1, attempts: 7, retries: 4 });
    expect(await scene.workspace.result('a.md')).toContain('bread');
    expect(await scene.workspace.report('b.txt')).toMatchObject({
      code: 'retries-used-up',
      attempts: [
        { number: 1, status: 503, billing: 'none' },
        { number: 2, status: 503 },
        { number: 3, status: 503 },
      ],
    });
  });

  test('hold no permit while they wait', async () => {
    const scene = await openScene({ faults: [{ kind: 'status', status: 503, attempts: [1], document: 'bread' }] });
    await dropThree(scene);

    // A trial takes its documents in name order.
    const { code, log } = await scene.once(['--test', '--concurrency', '1', '--retry-delay', '2']);

    const done = log.filter(({ event }) => event === 'document-succeeded').map(({ document }) => String(document));
    expect(code).toBe(0);
    expect(new Set(done)).toEqual(new Set(['a.md', 'b.txt', 'c.html']));
    expect(done.at(-1)).toBe('a.md');
  });
});

describe('a hint of the server', () => {
  test('is waited for, and does not count as a retry', async () => {
    const scene = await openScene({ faults: [{ kind: 'status', status: 429, retryAfter: 1, attempts: [1] }] });
    await scene.workspace.drop('a.md', FIRST);

    const { code, summary } = await scene.once(['--retries', '0']);

    const [first, second] = (await scene.requests()).map(({ at }) => at);
    expect(code).toBe(0);
    expect(summary).toMatchObject({ succeeded: 1, attempts: 2 });
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  test('that is longer than a quarter of an hour leaves the documents pending, with exit code 7', async () => {
    const scene = await openScene({ faults: [{ kind: 'status', status: 429, retryAfter: 3600 }] });
    await dropThree(scene);

    const { code, summary } = await scene.once(['--concurrency', '1']);

    expect(code).toBe(7);
    expect(summary).toMatchObject({ documents: 3, failed: 0, pending: 3, attempts: 1, stopped: null });
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });
});

describe('a run that cannot go on', () => {
  test.each([['refused'], ['no-credit']] as const)(
    'ends with 5 where the account is %s, and leaves everything to the next run',
    async (account) => {
      const scene = await openScene({ account });
      await dropThree(scene);

      const refused = await scene.once(['--concurrency', '1']);
      scene.simulator.setPlan({});
      const accepted = await scene.once();

      expect([refused.code, accepted.code]).toEqual([5, 0]);
      expect(refused.summary).toMatchObject({ documents: 3, failed: 0, pending: 3, attempts: 1, stopped: 'account' });
      expect(accepted.summary).toMatchObject({ succeeded: 3 });
    },
  );

  test('ends with 2 where the model does not exist, and fails no document for it', async () => {
    const scene = await openScene();
    await dropThree(scene);

    const { code, summary, stderr } = await scene.once(['--model', 'nobody/nothing', '--concurrency', '1']);

    expect(code).toBe(2);
    expect(summary).toMatchObject({ documents: 3, failed: 0, pending: 3, attempts: 1 });
    expect(stderr).toContain('nobody/nothing');
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });
});

describe('a file that is too young', () => {
  test('is waited for; one that does not stand still is left pending, with exit code 7', async () => {
    const scene = await openScene();
    await writeFile(scene.workspace.inbox('young.txt'), FIRST);
    const writer = new SlowWriter(scene.workspace.inbox('growing.txt'));

    const { code, summary } = await scene.once(['--settle', '2']);
    await writer.finish();

    expect(code).toBe(7);
    expect(summary).toMatchObject({ documents: 2, succeeded: 1, pending: 1, failed: 0 });
    expect(scene.calls()).toEqual(askedOnce(FIRST));
  });
});

describe('--limit', () => {
  test('takes so many documents, and the next run takes others', async () => {
    const scene = await openScene();
    await dropThree(scene);

    const first = await scene.once(['--limit', '2']);
    const second = await scene.once(['--limit', '2']);

    expect(first.code).toBe(0);
    expect(first.summary).toMatchObject({ documents: 3, succeeded: 2, pending: 1, leftByLimit: 1, attempts: 2 });
    expect(second.summary).toMatchObject({ succeeded: 1, skipped: 2, attempts: 1 });
    expect(scene.calls()).toEqual(askedOnce(FIRST, SECOND, THIRD));
  });
});

describe('--test', () => {
  const LONG = `${'A long sentence about bread and wine. '.repeat(40)}The end.`;

  test('asks the first 5 documents in name order, cut to 500 characters, and says so', async () => {
    const scene = await openScene();
    const texts = Array.from({ length: 7 }, (_, index) => `${index} ${LONG}`);
    for (const [index, text] of texts.entries()) await scene.workspace.drop(`${6 - index}.txt`, text);

    const { code, stderr } = await scene.once(['--test']);

    expect(code).toBe(0);
    expect(scene.calls()).toEqual(askedOnce(...texts.slice(2).map((text) => text.slice(0, 500))));
    expect(await filesIn(join(scene.workspace.root, 'outbox-test'))).toEqual(
      ['0', '1', '2', '3', '4'].map((name) => `${name}.txt.md`),
    );
    expect(stderr).toContain(
      'This is a trial: 5 documents, of all folders and types. Text is cut to 500 characters, all else is sent',
    );
  });

  test('never counts as done or failed, neither for a trial nor for a run', async () => {
    const scene = await openScene({ faults: [{ kind: 'refusal', attempts: [1], document: 'bread' }] });
    await scene.workspace.drop('a.md', FIRST);
    await scene.workspace.drop('b.txt', SECOND);

    const first = await scene.once(['--test']);
    const second = await scene.once(['--test']);
    const real = await scene.once();

    expect([first.code, second.code, real.code]).toEqual([3, 0, 0]);
    expect(first.summary).toMatchObject({ succeeded: 1, failed: 1 });
    expect(second.summary).toMatchObject({ succeeded: 2, skipped: 0 });
    expect(real.summary).toMatchObject({ succeeded: 2, skipped: 0, failed: 0 });
    expect(await filesIn(scene.workspace.failed())).toEqual([]);
  });

  test('takes its limit and its length from --limit and --truncate, counting an emoji as one', async () => {
    const scene = await openScene();
    await scene.workspace.drop('a.md', '🍞🧀🍷 and more');
    await scene.workspace.drop('b.txt', SECOND);

    await scene.once(['--test', '--limit', '1', '--truncate', '2']);

    expect(scene.calls()).toEqual(askedOnce('🍞🧀'));
  });
});

describe('--json', () => {
  test('prints one object with the fields of the contract, alone on stdout', async () => {
    const scene = await openScene({ faults: [{ kind: 'refusal', document: 'wine' }] });
    await dropThree(scene);
    await scene.workspace.drop('.hidden', 'Nobody reads this.');

    const { stdout, summary } = await scene.once();

    const billed = scene.simulator.billing().reduce((sum, { costUsd }) => sum + costUsd, 0);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(summary).toEqual({
      documents: 3,
      succeeded: 2,
      failed: 1,
      skipped: 0,
      reused: 0,
      held: 0,
      pending: 0,
      attempts: 3,
      retries: 0,
      inDoubt: 0,
      inDoubtBefore: 0,
      stale: 0,
      failedEarlier: 0,
      awaitingRecipe: 0,
      leftByLimit: 0,
      overBudget: 0,
      barredRecipes: {},
      promptTokens: expect.any(Number),
      cachedTokens: 0,
      completionTokens: expect.any(Number),
      costUsd: expect.closeTo(billed, 8),
      costUnknownAttempts: 0,
      costFrom: { told: 3 },
      limits: {},
      dropped: [],
      budgetUsd: null,
      seconds: expect.any(Number),
      stopped: null,
      stopCause: null,
      pendingReasons: [],
      leftOut: { documents: 0, kinds: {} },
      ignored: { 'hidden names': 1 },
    });
  });

  test('is for programs: without it, stdout has a summary for people', async () => {
    const scene = await openScene();
    await dropThree(scene);
    const program = scene.start(['--once', ...scene.flags]);

    const code = await program.exited;

    expect(code).toBe(0);
    expect(program.stdout).toContain('3 documents');
    expect(program.stdout).toContain('3 answered');
    expect(program.stdout).toContain(scene.workspace.outbox());
  });
});
