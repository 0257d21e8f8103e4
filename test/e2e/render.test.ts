import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { STARTER_RECIPES } from '../../src/cli/init/starter-recipes.ts';
import { parseJson } from '../../src/lib/json.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import { type RecordingServer, startRecordingServer } from '../wire/recording-server.ts';
import { type Scene, scenes } from './scene.ts';
import { setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const setScene = scenes();
const stage = setTheStage();

async function record({ simulator }: Scene): Promise<RecordingServer> {
  const server = await startRecordingServer(simulator.url);
  stage.afterwards(() => server.close());
  return server;
}

async function useRecipe({ workspace }: Scene, recipe: string): Promise<void> {
  await mkdir(join(workspace.root, 'recipes'));
  await writeFile(join(workspace.root, 'recipes', 'default.prompt'), recipe);
}

/** No two parts of it are the same: then one reply would do for both. */
const PAGES = Array.from({ length: 2000 }, (_, day) => `Day ${day}: more was said than on the day before.`).join(
  '\n\n',
);

const EMAIL = [
  'From: a@example.com',
  'Subject: Chairs',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Twelve, please.',
  '',
].join('\r\n');

interface Example {
  readonly what: string;
  readonly id: string;
  readonly content: string | Buffer;
  readonly recipe: string;
  readonly args: readonly string[];
}

const { summarize, extract, classify, translate } = STARTER_RECIPES;

const FRUGAL = '---\nsluice:\n  max_cost: 5\n---\nSummarise.';

const EXAMPLES: readonly Example[] = [
  { what: 'a text', id: 'a.txt', content: 'Grüße', recipe: summarize, args: [] },
  { what: 'a PDF, held to a schema', id: 'q1/a.pdf', content: pdfFile(['Total 12']), recipe: extract, args: [] },
  { what: 'an e-mail', id: 'a.eml', content: EMAIL, recipe: classify, args: ['--no-stream'] },
  { what: 'a long text, in parts', id: 'a.txt', content: PAGES, recipe: translate, args: ['--reasoning', 'low'] },
  { what: 'a text, within a budget', id: 'a.txt', content: 'hello', recipe: classify, args: ['--max-cost', '5'] },
  { what: 'a text, within the budget of its recipe', id: 'a.txt', content: 'hello', recipe: FRUGAL, args: [] },
];

describe('sluice render', () => {
  test.each(EXAMPLES)('prints what a run sends: $what', async ({ id, content, recipe, args }) => {
    const scene = await setScene();
    const server = await record(scene);
    await scene.workspace.drop(id, content);
    await useRecipe(scene, recipe);
    const flags = ['--root', scene.workspace.root, '--api', server.url, ...args];
    const rendered = await stage.run(['render', id, ...flags]);
    expect(rendered).toMatchObject({ code: 0 });
    expect(server.bodies).toEqual([]);
    const { requests, bodySha256 } = (await stage.run(['render', id, '--json', ...flags])).summary;

    expect(await stage.run(['--once', '--settle', '0', ...flags])).toMatchObject({ code: 0 });
    const sent = JSON.stringify(server.bodies[0]);
    expect(JSON.stringify(parseJson(rendered.stdout))).toBe(sent);
    expect(createHash('sha256').update(sent).digest('hex')).toBe(bodySha256);
    expect(server.bodies).toHaveLength(Number(requests));
  });

  test('works beside a daemon, and with a key that it never prints', async () => {
    const scene = await setScene();
    await scene.watch();
    await scene.workspace.drop('a.txt');
    const environment = { SLUICE_API_KEY: 'sk-very-secret' };
    const rendered = await stage.run(['render', 'a.txt', ...scene.flags], {
      environment,
    });
    expect(rendered).toMatchObject({ code: 0, stderr: expect.stringContaining('Context: ') });
    expect(rendered.stdout + rendered.stderr).not.toContain('very-secret');
  });

  test('a document that would fail and a recipe that is wrong end in their own ways', async () => {
    const scene = await setScene();
    await scene.workspace.drop('empty.txt', '');
    expect(await stage.run(['render', 'empty.txt', ...scene.flags])).toMatchObject({ code: 3, stdout: '' });
    await scene.workspace.drop('_recipe.prompt', '---\nmodle: x\n---\n');
    const refused = await stage.run(['render', 'empty.txt', ...scene.flags]);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('did you mean model?') });
  });
});
