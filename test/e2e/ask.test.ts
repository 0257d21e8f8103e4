import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { pdfForReading } from '../inbox/convert/pdf-file.ts';
import { requestsOf, type Stage, setTheStage } from './stage.ts';

jest.setTimeout(60_000);

const stage: Stage = setTheStage();

const KEY = 'sk-or-v1-CANARY0123456789abcdef';
const SENTENCE = 'The canary "Aurelia" sang of brass in the old lighthouse at noon.';
const environment = { OPENROUTER_API_KEY: KEY };

async function folderOf(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await stage.folder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const over = (simulator: Simulator, ...more: readonly string[]) => [
  '--api',
  simulator.url,
  '-m',
  'openai/gpt-5',
  ...more,
];

describe('sluice ask', () => {
  test('prints each answer under the name of its file, tells all else on stderr, and leaves everything as it was', async () => {
    const simulator = await stage.simulator();
    const folder = await folderOf({
      'docs/a.txt': `Apples are red. ${SENTENCE}`,
      'docs/sub/b.md': 'Pears are green.',
      'docs/.hidden': 'Not found.',
      'docs/_c.txt': 'Not found either.',
      '.named.tmp': 'Named by hand.',
      'watch/sluice.config.yaml': 'model: of-a-workspace\nbogus: 1\n',
    });
    const before = (await readdir(folder, { recursive: true })).toSorted();
    const args = ['ask', 'List three facts.', 'docs', '.named.tmp', ...over(simulator, '--log-level', 'debug')];
    const { code, stdout, stderr, log } = await stage.run(args, { environment, currentFolder: folder });

    expect(code).toBe(0);
    const headings = stdout.split('\n').filter((line) => line.startsWith('==> '));
    expect(headings.toSorted()).toEqual(['==> .named.tmp <==', '==> docs/a.txt <==', '==> docs/sub/b.md <==']);
    expect(stdout).toMatch(/==> docs\/sub\/b\.md <==\n[^=]*Pears are green\./);
    expect(stdout).toMatch(/\n\n==> /);
    expect(log[0]).toMatchObject({ event: 'run-started', recipe: '"List three facts."', model: 'openai/gpt-5' });
    expect(stderr.match(/--out DIR/g)).toHaveLength(1);
    expect(stderr).toContain('3 documents in');
    expect(stderr).toContain('Ignored: hidden names (1), names that begin with _ (1)');
    expect(stderr).not.toMatch(/CANARY|Aurelia|Pears/);
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(before);
    expect((await requestsOf(simulator)).map(({ model, hasKey }) => [model, hasKey])).toEqual(
      Array.from({ length: 3 }, () => ['openai/gpt-5', true]),
    );
  });

  test('prints the answer alone where there is one file, so that it can be piped on; with -r its first word is a path', async () => {
    const simulator = await stage.simulator();
    const schema = 'output: {format: json, schema: {name: string, sum: number}}';
    const folder = await folderOf({
      'my/ask.prompt': `---\n${schema}\nsluice: {after: delete}\n---\n{{role "system"}}{{>tone}} Extract.\n`,
      'my/_tone.prompt': 'Politely.',
      'bill.txt': 'Acme, 12 Euro.',
    });
    const args = ['ask', '-r', 'my/ask.prompt', 'bill.txt', ...over(simulator)];
    const { code, stdout } = await stage.run(args, { environment, currentFolder: folder });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ name: expect.any(String), sum: expect.any(Number) });
    expect(existsSync(join(folder, 'bill.txt'))).toBe(true);
  });

  test('asks about what comes from stdin, by its bytes; also beside files, as -', async () => {
    const simulator = await stage.simulator();
    const folder = await folderOf({ 'a.txt': 'Apples are red.' });
    const settings = { environment, currentFolder: folder };
    const alone = stage.start(['ask', 'List facts.', ...over(simulator)], settings);
    const beside = stage.start(['ask', 'List facts.', '-', 'a.txt', ...over(simulator)], settings);
    const nothing = stage.start(['ask', 'List facts.', ...over(simulator)], settings);
    alone.child.stdin?.end(pdfForReading('Plums are blue, says the file.'));
    beside.child.stdin?.end('Pears are green.');
    nothing.child.stdin?.end();

    expect([await alone.exited, await beside.exited, await nothing.exited]).toEqual([0, 0, 2]);
    expect(alone.stdout).toContain('Seen: stdin: application/pdf');
    expect(alone.stdout).not.toContain('==>');
    expect(beside.stdout).toMatch(/==> stdin <==\n[^=]*Pears are green\./);
    expect(beside.stdout).toMatch(/==> a\.txt <==\n[^=]*Apples are red\./);
    expect(nothing.stderr).toContain('Nothing came from stdin');
  });

  test('with --out it goes on after a SIGKILL, pays for nothing twice, and does not ask about its own answers', async () => {
    const simulator = await stage.simulator({ latency: 0.15 });
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const folder = await folderOf(Object.fromEntries(names.map((name) => [`${name}.txt`, `Text of ${name}.`])));
    const args = ['ask', 'List facts.', '.', '--out', 'answers', '-j', '1', '--json', ...over(simulator)];
    const settings = { environment, currentFolder: folder };
    const killed = stage.start(args, settings);
    await killed.logged('document-succeeded', ({ document }) => document === 'b.txt');
    killed.kill('SIGKILL');
    await killed.exited;
    const resumed = await stage.run(args, settings);
    const { length: paid } = await requestsOf(simulator);
    const again = await stage.run([...args, '--log-level', 'silent'], settings);

    expect(resumed.code).toBe(0);
    expect(resumed.summary).toMatchObject({ documents: 6, skipped: 2, failed: 0, pending: 0 });
    // The call that was in flight when it was killed is the only one that may be made again.
    expect(
      simulator
        .billing()
        .map(({ billed }) => billed)
        .filter((times) => times > 1).length,
    ).toBeLessThanOrEqual(1);
    expect(paid).toBeLessThanOrEqual(7);
    expect(again.code).toBe(0);
    expect(again.summary).toMatchObject({ documents: 6, skipped: 6, attempts: 0, ignored: {} });
    expect(again.stderr).toBe('');
    expect(await requestsOf(simulator)).toHaveLength(paid);
    expect(await readFile(join(folder, 'answers/f.txt.md'), 'utf8')).toContain('Text of f.');
    expect((await readdir(join(folder, 'answers'))).toSorted()).toEqual([
      '.sluice',
      ...names.map((name) => `${name}.txt.md`),
    ]);
    expect((await readdir(folder)).toSorted()).toEqual([...names.map((name) => `${name}.txt`), 'answers'].toSorted());
  });

  test('ends without further calls when nobody reads on, and drains on Ctrl-C', async () => {
    const simulator = await stage.simulator({ latency: 0.1 });
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`docs/${index}.txt`, `Text ${index}.`]));
    const folder = await folderOf(many);
    const settings = { environment, currentFolder: folder };
    const cut = stage.start(['ask', 'q', 'docs', '-j', '1', ...over(simulator)], settings);
    await cut.logged('document-succeeded');
    cut.child.stdout?.destroy();
    expect(await cut.exited).toBe(7);
    const { length: made } = await requestsOf(simulator);
    expect(made).toBeLessThan(6);
    expect(cut.stderr).toContain('"reason":"request"');

    const stopped = stage.start(['ask', 'q', 'docs', '-j', '1', ...over(simulator)], settings);
    await stopped.logged('document-succeeded');
    stopped.kill('SIGINT');
    expect(await stopped.exited).toBe(130);
    expect(stopped.stdout.match(/==> /g)?.length).toBe(
      stopped.log.filter(({ event }) => event === 'document-succeeded').length,
    );
  });
});
