import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/domain/errors.ts';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import { Workspace } from '../support/workspace.ts';
import { settingsOf } from './support.ts';

let workspace: Workspace;
let currentFolder: string;
beforeEach(async () => {
  workspace = await Workspace.make();
  currentFolder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
});
afterEach(async () => {
  await workspace.remove();
  await rm(currentFolder, { recursive: true });
});

interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function render(document: string, ...args: readonly string[]): Promise<Printed> {
  const settings = settingsOf(currentFolder);
  const [stdout, stderr] = [text(settings.stdout), text(settings.stderr)];
  const code = await runProgram(
    ['render', document, '--root', workspace.root, '--api', 'simulator', ...args],
    settings,
  );
  settings.stdout.end();
  settings.stderr.end();
  return { code, stdout: await stdout, stderr: await stderr };
}

async function recipe(name: string, ...lines: readonly string[]): Promise<void> {
  const path = join(workspace.root, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, lines.join('\n'));
}

describe('sluice render', () => {
  test('prints the request, and describes it', async () => {
    await workspace.drop('q1/a.txt', 'hello world');
    await recipe('recipes/default.md', 'Be brief.');
    const { code, stdout, stderr } = await render('q1/a.txt');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      model: 'anthropic/claude-sonnet-4.5',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hello world' },
      ],
      max_tokens: 64_000,
      reasoning: { effort: 'high' },
      stream: true,
    });
    expect(stderr.split('\n')).toEqual([
      'Document: q1/a.txt.',
      'Recipe: recipes/default.md.',
      'Asked: anthropic/claude-sonnet-4.5 at simulator.',
      'Prompt: about 5 tokens of text (by o200k_base, not the tokenizer of this model); the request has 195 bytes.',
      'Answer: 64,000 tokens at most.',
      'Context: 1,000,000 tokens; prompt and answer fit.',
      'Cost: nothing; a model of this price would cost $0.0120 with an answer of 800 tokens, $0.9606 at most.',
      '',
    ]);
  });

  test('prints one object with --json', async () => {
    await workspace.drop('a.pdf', pdfFile(['hello']));
    const { stdout } = await render('a.pdf', '--json', '--model', 'openai/gpt-4o-mini');
    expect(JSON.parse(stdout)).toMatchObject({
      document: 'a.pdf',
      recipe: '',
      model: 'openai/gpt-4o-mini',
      api: 'simulator',
      refusal: null,
      requests: 1,
      promptTokens: { text: 0, media: expect.any(Number), tokenizerFits: true },
      bodySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      body: { messages: [{ role: 'user', content: [{ type: 'file' }] }] },
    });
    expect((JSON.parse(stdout) as { promptTokens: { media: number } }).promptTokens.media).toBeGreaterThan(1000);
  });

  test('writes nothing', async () => {
    await workspace.drop('a.txt');
    await render('a.txt');
    expect(await readdir(workspace.root, { recursive: true })).toEqual(['inbox', 'inbox/a.txt']);
  });

  test('takes a path as well as an id, and a file of a folder that is one document', async () => {
    await workspace.drop('case.doc/1.txt', 'one');
    await workspace.drop('case.doc/2.txt', 'two');
    const ids = [
      'case.doc',
      'case.doc/2.txt',
      workspace.inbox('case.doc'),
      relative(currentFolder, workspace.inbox('case.doc', '1.txt')),
    ];
    for (const id of ids) expect((await render(id)).stderr).toMatch(/^Document: case\.doc\.$/m);
  });

  test('says in how many requests a long document is asked', async () => {
    await workspace.drop('a.txt', 'A paragraph of some words.\n\n'.repeat(200));
    const head = [
      '---',
      'sluice:',
      '  on_too_long: split',
      '  split: { tokens: 500, combine: Make one of them. }',
      '---',
    ];
    await recipe('recipes/default.prompt', ...head, '{{document}}');
    const { stdout } = await render('a.txt', '--json');
    const { requests, notes } = JSON.parse(stdout) as { requests: number; notes: readonly string[] };
    expect(notes).toEqual([`The document was asked in ${requests - 1} parts.`]);
    expect(requests).toBeGreaterThan(2);
    expect((await render('a.txt')).stderr).toContain(`Requests: ${requests}; this is the first.\n`);
  });

  test('shows the cost at a price that was given, and that an unknown one is unknown', async () => {
    await workspace.drop('a.txt', 'hello world');
    const prices = ['--price-prompt', '10', '--price-completion', '100', '--max-tokens', '500'];
    expect((await render('a.txt', ...prices)).stderr).toMatch(
      /\$0\.0500 with an answer of 500 tokens, \$0\.05\d* at most/,
    );
    const { stderr } = await render('a.txt', '--model', 'nobody/knows');
    expect(stderr).toContain('Context: unknown');
    expect(stderr).toContain('Cost: unknown');
  });

  test.each([
    ['an empty document', 'a.txt', '', 'It is empty', 'empty'],
    ['a document of no known type', 'a.bin', Buffer.from([0, 1, 2, 0xff, 0xfe, 0, 0, 7]), 'text', 'not-text'],
    ['a document that is too long', 'a.txt', 'word '.repeat(1_200_000), 'Set sluice.on_too_long', 'too-long'],
  ])('%s would fail, and that is said', async (_, name, content, words, code) => {
    await workspace.drop(name, content);
    const printed = await render(name);
    expect(printed).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(words) });
    expect(printed.stderr).toMatch(/^It cannot be sent, and would fail: .* \([\w-]+\)$/m);
    const asJson = await render(name, '--json');
    expect(JSON.parse(asJson.stdout)).toMatchObject({ refusal: { code } });
  });

  test.each([
    ['no such file', 'b.txt', /"b\.txt" is no document of .*: its id is its path below the inbox/],
    ['a file outside the inbox', '../outside.txt', /is no document of/],
    ['a folder', 'q1', /is a folder/],
    ['a recipe', 'q2/_recipe.md', /is a recipe/],
    ['a hidden file', '.a.txt', /is never read: it is of the kind "hidden names"/],
    [
      'a file in a folder that is left alone',
      '_old/a.txt',
      /is never read: it is of the kind "names that begin with _"/,
    ],
    ['a file taken for a folder', 'q1/a.txt/b.txt', /is no document of/],
    ['a recipe that is wrong', 'q2/a.txt', /The recipe inbox\/q2\/_recipe\.prompt cannot be used: .*tempertaure/],
    [
      'a recipe for another API',
      'q3/a.txt',
      /The recipe recipes\/q3\.prompt lets its documents go to localhost\.example only/,
    ],
  ])('refuses %s', async (_, document, message) => {
    await recipe('outside.txt', 'x');
    for (const id of ['q1/a.txt', '.a.txt', '_old/a.txt', 'q2/a.txt', 'q3/a.txt']) await workspace.drop(id);
    await workspace.drop('q2/_recipe.md');
    if (document === 'q2/a.txt')
      await workspace.drop('q2/_recipe.prompt', '---\nconfig: { tempertaure: 1 }\n---\n{{document}}');
    await recipe('recipes/q3.prompt', '---', 'sluice: { api: localhost.example }', '---', '{{document}}');
    const refused = render(document);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
  });
});
