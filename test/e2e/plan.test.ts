import { readdir } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { docx, docxParagraph } from '../inbox/convert/office-files.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import { until } from '../support/until.ts';
import { scenes } from './scene.ts';

jest.setTimeout(60_000);

interface Told {
  readonly documents: Readonly<Record<'asked' | 'skipped', number>>;
  readonly requests: number;
  readonly tokens: Readonly<Record<'prompt' | 'media', { readonly likely: number }>>;
  readonly budget: { readonly documents: number } | null;
  readonly pilot: {
    readonly succeeded: number;
    readonly costUsd: number;
    readonly estimate: { readonly costUsd: { readonly low: number; readonly likely: number; readonly high: number } };
  } | null;
}

describe('sluice plan', () => {
  const scene = scenes();

  test('sends nothing and writes nothing', async () => {
    const { workspace, simulator, ...here } = await sceneWith(scene, 3);
    const { code, plan } = await here.plan();
    expect({ code, asked: plan.documents.asked, pilot: plan.pilot }).toEqual({ code: 0, asked: 3, pilot: null });
    expect(simulator.billing()).toEqual([]);
    expect(workspace.hasResult('0.txt')).toBe(false);
  });

  test('converts what a run would convert, and tells what it would refuse or leave', async () => {
    const { workspace, simulator, ...here } = await sceneWith(scene, 1);
    await workspace.drop('letter.docx', docx(docxParagraph('It is a letter. '.repeat(500))));
    await workspace.drop('scan.pdf', pdfFile(['It is a page.']));
    await workspace.drop('zeros.bin', Buffer.alloc(100));
    await workspace.drop('book/long.txt', 'It says something. '.repeat(5000));
    const recipe = '---\nsluice:\n  on_too_long: split\n  split:\n    tokens: 4000\n---\nSummarise it.';
    await workspace.drop('book/_recipe.prompt', recipe);
    await workspace.drop('broken/a.txt');
    await workspace.drop('broken/_recipe.prompt', '---\nmodle: x\n---\nSummarise it.');
    const before = await readdir(workspace.root, { recursive: true });
    const { code, plan } = await here.plan();
    expect({ code, plan }).toMatchObject({
      code: 0,
      plan: {
        documents: { asked: 4, refused: 1, pending: 1 },
        refusals: { 'not-text': 1 },
        recipes: [{ name: 'inbox/broken/_recipe.prompt', documents: 1 }],
      },
    });
    expect(plan.requests).toBeGreaterThan(4 + 3);
    expect(plan.tokens.media.likely).toBeGreaterThan(2500);
    expect(plan.tokens.prompt.likely).toBeGreaterThan(plan.tokens.media.likely + 500 * 5 + 5000 * 4);
    expect(simulator.billing()).toEqual([]);
    expect(await readdir(workspace.root, { recursive: true })).toEqual(before);
  });

  test('a pilot asks so many of all sizes, for good, and its estimate holds for the others', async () => {
    const { workspace, simulator, ...here } = await sceneWith(scene, 40);
    const { code, plan } = await here.plan('--pilot', '8');
    expect(code).toBe(0);
    expect(plan).toMatchObject({ documents: { asked: 32, skipped: 8 }, pilot: { documents: 8, succeeded: 8 } });
    expect(simulator.billing()).toHaveLength(8);
    const sizes = Array.from({ length: 40 }, (_, index) => index).filter((index) =>
      workspace.hasResult(`${index}.txt`),
    );
    expect(sizes).toEqual([2, 7, 12, 17, 22, 27, 32, 37]);

    const { summary } = await here.once();
    expect(summary).toMatchObject({ succeeded: 32, skipped: 8 });
    const { low, high } = plan.pilot?.estimate.costUsd ?? { low: 0, high: 0 };
    expect(summary['costUsd']).toBeGreaterThanOrEqual(low);
    expect(summary['costUsd']).toBeLessThanOrEqual(high);
  });

  test('a pilot that the account stops tells its plan, and ends as its run does', async () => {
    const { plan } = await sceneWith(scene, 3, { faults: [{ kind: 'status', status: 401 }] });
    expect(await plan('--pilot', '2')).toMatchObject({
      code: 5,
      plan: { documents: { asked: 3 }, pilot: { documents: 2, succeeded: 0, stopped: true, estimate: null } },
    });
  });

  test('a pilot that the budget stops tells what it brought so far', async () => {
    const here = await sceneWith(scene, 40);
    const { code, plan } = await here.plan('--pilot', '20', '--max-tokens', '200', '--max-cost', '0.02');
    expect(code).toBe(4);
    const succeeded = plan.pilot?.succeeded ?? 0;
    expect(succeeded).toBeGreaterThan(0);
    expect(plan).toMatchObject({ documents: { asked: 40 - succeeded, skipped: succeeded }, pilot: { stopped: true } });
    expect(plan.budget?.documents).toBeGreaterThan(0);
    expect(plan.budget?.documents).toBeLessThan(40 - succeeded);
  });

  test('a pilot that a signal stops tells its plan in words, too', async () => {
    const { flags, start, simulator } = await sceneWith(scene, 3, { latency: 30 });
    const program = start(['plan', '--pilot', '2', '--settle', '0', '--grace', '0', ...flags]);
    await until('it is asked', () => simulator.billing().length > 0);
    program.kill('SIGINT');
    expect(await program.exited).toBe(130);
    expect(program.stdout).toContain('Pilot, stopped before its end: 0 of 2 documents were answered');
    expect(program.stdout).toContain('Tokens, cost and time: unknown');
  });

  test('a pilot whose answers were all cut says that the others would be', async () => {
    const { flags, start } = await sceneWith(scene, 5, { faults: [{ kind: 'length' }] });
    const program = start(['plan', '--pilot', '3', '--settle', '0', ...flags]);
    expect(await program.exited).toBe(0);
    expect(program.stdout).toContain('3 of 3 failed: length (3). The answers to the others would probably be cut, too');
  });
});

type Scenes = ReturnType<typeof scenes>;

/** A scene with documents `0.txt` and so on, each longer than the one before. */
async function sceneWith(scene: Scenes, documents: number, plan: Parameters<Scenes>[0] = {}) {
  const set = await scene(plan);
  for (let index = 0; index < documents; index += 1) {
    const says = 'It says something. '.repeat(10 + index * 5);
    await set.workspace.drop(`${index}.txt`, `This is document ${index}. ${says}`);
  }
  return {
    workspace: set.workspace,
    simulator: set.simulator,
    flags: set.flags,
    start: (args: readonly string[]) => set.start(args),
    once: () => set.once(),
    plan: async (...args: readonly string[]) => {
      const program = set.start(['plan', '--json', '--settle', '0', ...set.flags, ...args]);
      const code = await program.exited;
      return { code, plan: JSON.parse(program.stdout) as Told };
    },
  };
}
