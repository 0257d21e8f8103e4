import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { prompt, put } from './recipe-files.ts';
import { filesIn, scenes } from './scene.ts';

jest.setTimeout(60_000);

const scene = scenes();

describe('--after', () => {
  test('keep leaves documents where they are, and is the default', async () => {
    const { workspace, once } = await setUp();
    await workspace.drop('a.txt');
    expect((await once()).code).toBe(0);
    expect(await filesIn(workspace.inbox())).toEqual(['a.txt']);
  });

  test('archive moves them to the archive, with their folders', async () => {
    const { workspace, once } = await setUp();
    for (const name of ['a.txt', 'q1/b.txt']) await workspace.drop(name);
    const program = await once('--after', 'archive');
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ documents: 2, succeeded: 2 });
    expect(await filesIn(workspace.inbox())).toEqual([]);
    expect(await filesIn(join(workspace.root, 'archive'))).toEqual(['a.txt', 'q1/b.txt']);
    expect(await filesIn(workspace.outbox())).toEqual(['a.txt.md', 'q1/b.txt.md']);
  });

  test('delete removes them', async () => {
    const { workspace, once } = await setUp();
    await workspace.drop('q1/a.txt');
    expect((await once('--after', 'delete')).code).toBe(0);
    expect(await filesIn(workspace.inbox())).toEqual([]);
    expect(await filesIn(workspace.outbox())).toEqual(['q1/a.txt.md']);
  });

  test('leaves what failed in the inbox', async () => {
    const { workspace, once } = await setUp();
    await workspace.drop('empty.txt', '');
    expect((await once('--after', 'delete')).code).toBe(3);
    expect(await filesIn(workspace.inbox())).toEqual(['empty.txt']);
  });

  test('of a daemon takes each version of a name, and loses none', async () => {
    const { workspace, watch } = await setUp();
    const program = await watch('--after', 'archive');
    const archive = join(workspace.root, 'archive');
    for (const text of ['The first version.', 'The second version.']) {
      await workspace.drop('a.txt', text);
      await until('it left', async () => (await filesIn(workspace.inbox())).length === 0);
    }
    await until('both are archived', async () => (await filesIn(archive)).length === 2);
    expect(await filesIn(archive)).toEqual([expect.stringMatching(/^a-[0-9a-f]{8}\.txt$/), 'a.txt']);
    program.kill('SIGTERM');
    expect(await program.exited).toBe(143);
  });

  test('takes back first what a killed run had taken aside', async () => {
    const { workspace, once } = await setUp();
    const claim = workspace.inbox('q1', `.sluice-leaving-${randomUUID()}`);
    await mkdir(claim, { recursive: true });
    await writeFile(join(claim, 'a.txt'), 'It was about to leave.');
    await mkdir(join(workspace.root, '.sluice'));
    await writeFile(join(workspace.root, '.sluice', 'holder.json'), '{}');
    expect((await once('--settle', '0')).summary).toMatchObject({ documents: 1, succeeded: 1 });
    expect(await filesIn(workspace.inbox())).toEqual(['q1/a.txt']);
  });

  test('takes back what could not be archived as a recipe says, at the next start', async () => {
    const { workspace, once } = await setUp();
    await put(workspace, 'recipes/default.prompt', prompt('sluice: {after: archive}', 'Sum it up: {{document}}'));
    const claim = workspace.inbox(`.sluice-leaving-${randomUUID()}`);
    await mkdir(claim, { recursive: true });
    await writeFile(join(claim, 'a.txt'), 'It could not leave.');
    expect((await once('--settle', '0')).summary).toMatchObject({ documents: 1, succeeded: 1 });
    expect(await filesIn(join(workspace.root, 'archive'))).toEqual(['a.txt']);
  });

  test('anything else is refused', async () => {
    const { once } = await setUp();
    const program = await once('--after', 'burn');
    expect(program.code).toBe(2);
    expect(program.stderr).toContain('archive');
  });
});

async function setUp() {
  const set = await scene();
  return {
    workspace: set.workspace,
    once: (...args: readonly string[]) => set.once(args),
    watch: (...args: readonly string[]) => set.watch(args),
  };
}
