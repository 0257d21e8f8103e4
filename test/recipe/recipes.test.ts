import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import type { Recipe, Recipes } from '../../src/domain/recipe.ts';
import { createRecipes, type RecipesSettings } from '../../src/recipe/recipes.ts';
import { messagesOf, promptOf } from './support.ts';

let root: string;
let now: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-recipes-'));
  now = 5000;
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (name: string, content: string | Uint8Array): string => {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};

const open = (changes: Partial<RecipesSettings> = {}): Recipes =>
  createRecipes({
    prompt: null,
    file: null,
    inbox: join(root, 'inbox'),
    recipes: join(root, 'recipes'),
    inboxRecipes: true,
    model: 'acme/one',
    api: 'https://openrouter.ai/api/v1',
    apiNames: ['openrouter.ai'],
    parameters: {},
    maxTokens: 64_000,
    truncate: null,
    whyNotWithout: null,
    now: () => now,
    ...changes,
  });

const prompt = (header: string): string => `---\n${header}\n---\n{{document}}`;

const aSecondLater = (): void => {
  now += 1000;
};

const secondsLater = (seconds: number): void => {
  now += seconds * 1000;
};

const nameFor = (id: string, recipes: Recipes = open()): string => recipes.choose({ id }).name;

const systemOf = async (recipes: Recipes, id = 'a.txt') =>
  (await messagesOf(recipes.choose({ id }), 'text'))[0]?.content;

const barredIn = (id = 'a.txt') => open().choose({ id }).barred;

/** A recipe of the inbox, below one of the owner's. */
const dropped = (owners: string, own: string | null): Recipe => {
  write('recipes/q1.prompt', prompt(owners));
  write('inbox/q1/sub/_recipe.prompt', own === null ? '{{document}}' : prompt(own));
  return open().choose({ id: 'q1/sub/deeper/b.md' });
};

describe('the recipe of a document is', () => {
  test('none if there is none: the document itself is the prompt', async () => {
    expect(nameFor('q1/a.txt')).toBe('');
    expect(await messagesOf(open().choose({ id: 'a.txt' }), 'Why?')).toEqual([{ role: 'user', content: 'Why?' }]);
  });

  test('none, which is barred where documents without one are not to be asked', () => {
    write('inbox/q1/_recipe.md', 'Translate.');
    const recipes = open({ whyNotWithout: 'There is none.' });
    expect(recipes.choose({ id: 'a.txt' })).toMatchObject({ name: '', barred: 'There is none.' });
    expect(recipes.choose({ id: 'q1/a.txt' })).toMatchObject({ name: 'inbox/q1/_recipe.md', barred: null });
    write('recipes/default.md', 'Summarize.');
    aSecondLater();
    expect(recipes.choose({ id: 'a.txt' })).toMatchObject({ name: 'recipes/default.md', barred: null });
  });

  test('the default', () => {
    write('recipes/default.md', 'Default.');
    expect(nameFor('q1/deep/a.txt')).toBe('recipes/default.md');
  });

  test('the nearest of the folders above', () => {
    write('recipes/default.md', 'Default.');
    write('inbox/_recipe.md', 'All.');
    write('inbox/q1/deep/_recipe.prompt', '{{document}}');
    const recipes = open();
    expect(nameFor('a.txt', recipes)).toBe('inbox/_recipe.md');
    expect(nameFor('q1/a.txt', recipes)).toBe('inbox/_recipe.md');
    expect(nameFor('q1/deep/a.txt', recipes)).toBe('inbox/q1/deep/_recipe.prompt');
    expect(nameFor('q1/deep/deeper/a.txt', recipes)).toBe('inbox/q1/deep/_recipe.prompt');
    expect(nameFor('q1/deeper/a.txt', recipes)).toBe('inbox/_recipe.md');
  });

  test("the owner's, before the one that lies in the same folder, but not before a nearer one", () => {
    write('recipes/q1.prompt', '{{document}}');
    write('recipes/q1/deep.txt', 'Deep.');
    write('inbox/q1/_recipe.prompt', '{{document}}');
    write('inbox/q1/near/_recipe.txt', 'Near.');
    const recipes = open();
    expect(nameFor('q1/a.txt', recipes)).toBe('recipes/q1.prompt');
    expect(nameFor('q1/deep/a.txt', recipes)).toBe('recipes/q1/deep.txt');
    expect(nameFor('q1/near/a.txt', recipes)).toBe('inbox/q1/near/_recipe.txt');
  });

  test('.prompt before .md before .txt', () => {
    write('inbox/_recipe.txt', 'Text.');
    expect(nameFor('a')).toBe('inbox/_recipe.txt');
    write('inbox/_recipe.md', 'Markdown.');
    expect(nameFor('a')).toBe('inbox/_recipe.md');
    write('inbox/_recipe.prompt', '{{document}}');
    expect(nameFor('a')).toBe('inbox/_recipe.prompt');
  });

  test('for a folder that is a document that of the folder in which it lies', () => {
    write('inbox/q1/case.doc/_recipe.md', 'Inside.');
    write('inbox/q1/_recipe.md', 'Beside.');
    expect(nameFor('q1/case.doc')).toBe('inbox/q1/_recipe.md');
  });

  test('none of the inbox if these do not count', () => {
    write('inbox/_recipe.md', 'Dropped.');
    write('recipes/q1.md', 'Owned.');
    const recipes = open({ inboxRecipes: false });
    expect(nameFor('a.txt', recipes)).toBe('');
    expect(nameFor('q1/a.txt', recipes)).toBe('recipes/q1.md');
  });

  test('the one for all, wherever it is', async () => {
    write('inbox/_recipe.md', 'Dropped.');
    const recipes = open({ file: write('mine.md', '\ufeffMine.') });
    expect(nameFor('q1/a.txt', recipes)).toBe('mine.md');
    expect(await systemOf(recipes)).toBe('Mine.');
  });

  test('what the command line asks in words, before any file; the same words in a file ask the same', async () => {
    write('recipes/default.md', 'Summarize.');
    write('inbox/q1/_recipe.md', 'Translate.');
    const recipes = open({ prompt: 'Summarize.' });
    const chosen = recipes.choose({ id: 'q1/a.txt' });
    expect(chosen.name).toBe('--prompt');
    expect(await systemOf(recipes, 'q1/a.txt')).toBe('Summarize.');
    expect(chosen.hash).toBe(open().choose({ id: 'a.txt' }).hash);
    expect(chosen.hash).not.toBe(open({ prompt: 'Translate.' }).choose({ id: 'a.txt' }).hash);
  });

  test('found by the id alone, even if that is no path', () => {
    const recipes = open();
    for (const id of ['', '/', `${'x'.repeat(300)}/a.txt`, `${'deep/'.repeat(2000)}a.txt`, 'nul\0/a.txt'])
      expect(recipes.choose({ id }).name).toEqual(expect.any(String));
  });
});

describe('a change holds from the next document on:', () => {
  test('of the recipe', async () => {
    write('inbox/_recipe.md', 'One.');
    const recipes = open();
    const before = recipes.choose({ id: 'a' });
    aSecondLater();
    expect(recipes.choose({ id: 'a' })).toBe(before);
    write('inbox/_recipe.md', 'Other.');
    expect(recipes.choose({ id: 'a' })).toBe(before);
    aSecondLater();
    expect(recipes.choose({ id: 'a' }).hash).not.toBe(before.hash);
    expect(await systemOf(recipes)).toBe('Other.');
  });

  test('within milliseconds, for a document that is about to be asked', () => {
    write('inbox/_recipe.md', 'One.');
    const recipes = open();
    const { hash } = recipes.choose({ id: 'a' });
    write('inbox/_recipe.md', 'Other.');
    now += 5;
    expect(recipes.choose({ id: 'a' }).hash).toBe(hash);
    expect(recipes.choose({ id: 'a' }, 'current').hash).not.toBe(hash);
    expect(recipes.choose({ id: 'a' }).hash).not.toBe(hash);
  });

  test('after 50 ms and not before, in all folders at once: until then the disk is not looked at', () => {
    write('inbox/_recipe.md', 'One.');
    const recipes = open();
    const ids = ['a', 'q1/a', 'q1/deep/a', 'q2/a'];
    const hashes = (): ReadonlySet<string> => new Set(ids.map((id) => recipes.choose({ id }).hash));
    const before = hashes();
    write('inbox/_recipe.md', 'Other.');
    now += 49;
    expect(hashes()).toEqual(before);
    now += 1;
    const after = hashes();
    expect(after.size).toBe(1);
    expect(after).not.toEqual(before);
  });

  test('of a partial, also of one in a partial', async () => {
    write('recipes/default.prompt', '{{> outer}}{{document}}');
    write('recipes/_outer.prompt', '{{> inner}}');
    write('recipes/_inner.prompt', 'One ');
    const recipes = open();
    const { hash } = recipes.choose({ id: 'a' });
    write('recipes/_inner.prompt', 'Another ');
    aSecondLater();
    expect(recipes.choose({ id: 'a' }).hash).not.toBe(hash);
    expect(await systemOf(recipes)).toBe('Another text');
  });

  test('that it is there, and that it is gone', () => {
    const recipes = open();
    expect(nameFor('q1/a', recipes)).toBe('');
    const file = write('inbox/q1/_recipe.md', 'New.');
    aSecondLater();
    expect(nameFor('q1/a', recipes)).toBe('inbox/q1/_recipe.md');
    rmSync(file);
    aSecondLater();
    expect(recipes.choose({ id: 'q1/a' }).barred).toMatch(/^The recipe inbox\/q1\/_recipe.md is gone/);
    secondsLater(2);
    expect(nameFor('q1/a', recipes)).toBe('');
  });

  test('that another file took its place', async () => {
    write('inbox/_recipe.md', 'One.');
    const recipes = open();
    expect(await systemOf(recipes)).toBe('One.');
    renameSync(write('new', 'Two.'), join(root, 'inbox/_recipe.md'));
    aSecondLater();
    expect(await systemOf(recipes)).toBe('Two.');
  });
});

describe('a recipe that cannot be used is barred', () => {
  test.each<[string, string, string | Uint8Array, RegExp]>([
    ['a broken template', '_recipe.prompt', '{{#if name}}', /inbox\/_recipe.prompt cannot be used/],
    [
      'broken front matter',
      '_recipe.prompt',
      '---\nmodel: [\n---\n{{document}}',
      /inbox\/_recipe.prompt cannot be used/,
    ],
    ['an image of the web', '_recipe.prompt', '{{media url="https://x.example/"}}', /Images of the web/],
    ['a missing partial', '_recipe.prompt', '{{> gone}}', /no _gone.prompt in recipes/],
    ['no text', '_recipe.md', ' \n', /is empty/],
    ['what is no UTF-8', '_recipe.md', Buffer.from('grün', 'latin1'), /is not UTF-8 text/],
    ['more than a megabyte', '_recipe.md', 'x'.repeat(1024 * 1024 + 1), /larger than 1 MB/],
  ])('for %s', (_, name, content, reason) => {
    write(`inbox/${name}`, content);
    expect(barredIn()).toMatch(reason);
  });

  test('for a link, a folder and a pipe', () => {
    write('secret.md', 'Secret.');
    for (const folder of ['link', 'folder/_recipe.md', 'pipe'])
      mkdirSync(join(root, 'inbox', folder), { recursive: true });
    symlinkSync(join(root, 'secret.md'), join(root, 'inbox/link/_recipe.md'));
    execFileSync('mkfifo', [join(root, 'inbox/pipe/_recipe.md')]);
    expect(barredIn('link/a')).toMatch(/is a link/);
    expect(barredIn('folder/a')).toMatch(/is not a file/);
    expect(barredIn('pipe/a')).toMatch(/is not a file/);
  });

  test("but the owner's may be a link", async () => {
    write('settings/default.md', 'Linked.');
    mkdirSync(join(root, 'recipes'));
    symlinkSync(join(root, 'settings/default.md'), join(root, 'recipes/default.md'));
    expect(await systemOf(open())).toBe('Linked.');
  });

  test('alone: others go on', () => {
    write('inbox/q1/_recipe.prompt', '{{broken');
    write('inbox/q2/_recipe.prompt', '{{document}}');
    const recipes = open();
    expect(recipes.choose({ id: 'q1/a' }).barred).not.toBeNull();
    expect(recipes.choose({ id: 'q2/a' }).barred).toBeNull();
  });

  test('and otherwise as it was before, until it is corrected', () => {
    write('inbox/_recipe.prompt', '---\noutput:\n  format: json\n---\n{{> p}}{{document}}');
    const partial = write('recipes/_p.prompt', 'One');
    const recipes = open();
    const well = recipes.choose({ id: 'a' });
    expect(well).toMatchObject({ barred: null });
    rmSync(partial);
    aSecondLater();
    const broken = recipes.choose({ id: 'a' });
    expect(broken).toMatchObject({ hash: well.hash, barred: expect.stringContaining('no _p.prompt') });
    expect(broken.place({ id: 'a' })).toEqual({ name: 'a', ending: '.json' });
    write('recipes/_p.prompt', 'One');
    aSecondLater();
    expect(recipes.choose({ id: 'a' })).toMatchObject({ hash: well.hash, barred: null });
  });

  test('if its documents may not go to the API of the run', () => {
    write('recipes/private.prompt', '---\nsluice.api: localhost\n---\n{{document}}');
    expect(open().choose({ id: 'private/a' }).barred).toMatch(
      /lets its documents go to localhost only, and this run asks openrouter.ai/,
    );
    expect(open({ apiNames: ['simulator', 'localhost'] }).choose({ id: 'private/a' }).barred).toBeNull();
  });
});

const refusal = (file: string) => () => open({ file: join(root, file) });

describe('the start is refused', () => {
  test.each<[string, string, RegExp]>([
    ['mine.prompt', '{{broken', /mine.prompt cannot be used/],
    ['mine.json', '{}', /must be a text file that ends in .prompt, .md or .txt/],
    ['mine.md', '', /mine.md is empty/],
    ['mine.prompt', '---\nsluice.api: localhost\n---\n{{document}}', /mine.prompt lets its documents go to/],
  ])('if the recipe for all is %s of %j', (name, content, problem) => {
    const file = write(name, content);
    expect(() => open({ file })).toThrow(UsageError);
    expect(() => open({ file })).toThrow(problem);
  });

  test('if the recipe for all does not exist', () => {
    expect(() => open({ file: join(root, 'gone.md') })).toThrow(`The recipe ${join(root, 'gone.md')} does not exist.`);
  });

  test('if it is no file but the prompt itself: that is -p', () => {
    expect(refusal('Summarize in five lines.')).toThrow('-p "Summarize in five lines."');
    expect(refusal('Either this/or that please')).toThrow(/There is no recipe file .*: -p "\.\.\."/);
    expect(refusal('nope.docx')).toThrow(/must be a text file that ends in/);
    expect(refusal('no such file.md')).toThrow('does not exist');
  });

  test('with the mistakes of front matter and template at once', () => {
    write('recipes/default.prompt', '---\nmodle: acme/one\n---\n{{#if name}}{{summary}}');
    expect(() => open()).toThrow(
      'modle is not known: did you mean model?; Line 1 of the template: {{#if name}} is not closed: {{/if}} is missing.',
    );
  });

  test('if the default cannot be used', () => {
    write('recipes/default.prompt', '{{broken');
    expect(() => open()).toThrow(/recipes\/default.prompt cannot be used/);
  });

  test('but not if it breaks later: it is barred until it is corrected', () => {
    const file = write('mine.md', 'Mine.');
    const recipes = open({ file });
    rmSync(file);
    aSecondLater();
    expect(recipes.choose({ id: 'a' }).barred).toBe(`The recipe ${file} does not exist.`);
    write('mine.md', 'Mine.');
    aSecondLater();
    expect(recipes.choose({ id: 'a' }).barred).toBeNull();
  });
});

describe('one that vanished', () => {
  const BEFORE = '---\nsluice.api: openrouter.ai\n---\nBefore {{document}}';

  test.each<[string, string]>([
    ["of the owner's keeps its documents waiting for 10 s", 'recipes/q1.prompt'],
    ['by default does so, too', 'recipes/default.prompt'],
  ])('%s', (_, name) => {
    const file = write(name, BEFORE);
    const recipes = open();
    expect(recipes.choose({ id: 'q1/a' })).toMatchObject({ name, barred: null });
    renameSync(file, join(root, 'away'));
    for (const seconds of [60, 5, 4]) {
      secondsLater(seconds);
      expect(recipes.choose({ id: 'q1/a' })).toMatchObject({
        name,
        barred:
          `The recipe ${name} is gone: its documents wait for it. If it is not back within 10 s, they are asked with the ` +
          'recipe that comes next; if there is none, they are asked as they are.',
      });
    }
    aSecondLater();
    expect(recipes.choose({ id: 'q1/a' })).toMatchObject({ name: '', barred: null });
  });

  test('says that its documents wait on where nothing is asked without a recipe', () => {
    const file = write('recipes/default.md', 'Sum up.');
    const recipes = open({ whyNotWithout: 'No recipe says what to ask.' });
    rmSync(file);
    aSecondLater();
    expect(recipes.choose({ id: 'a' }).barred).toMatch(/comes next; if there is none, they wait until there is one\.$/);
  });

  test('is used as soon as it is back, and awaited again when it goes again', () => {
    const file = write('recipes/q1.prompt', BEFORE);
    const recipes = open();
    for (let turn = 0; turn < 3; turn += 1) {
      renameSync(file, join(root, 'away'));
      secondsLater(8);
      expect(recipes.choose({ id: 'q1/a' }).barred).toMatch(/is gone/);
      renameSync(join(root, 'away'), file);
      aSecondLater();
      expect(recipes.choose({ id: 'q1/a' })).toMatchObject({ name: 'recipes/q1.prompt', barred: null });
    }
  });

  test('is missed also if none of its documents came before', () => {
    const file = write('recipes/q1/deep.prompt', BEFORE);
    const recipes = open();
    rmSync(file);
    aSecondLater();
    expect(recipes.choose({ id: 'q1/deep/a' }).barred).toMatch(/recipes\/q1\/deep.prompt is gone/);
  });

  test('gives way to a better one at once, and to a lesser one after the wait', () => {
    write('recipes/q1.txt', 'Text.');
    const file = write('recipes/q1.md', 'Markdown.');
    const recipes = open();
    rmSync(file);
    aSecondLater();
    expect(recipes.choose({ id: 'q1/a' })).toMatchObject({ name: 'recipes/q1.md', barred: expect.any(String) });
    secondsLater(10);
    expect(recipes.choose({ id: 'q1/a' })).toMatchObject({ name: 'recipes/q1.txt', barred: null });
    renameSync(join(root, 'recipes/q1.txt'), join(root, 'recipes/q1.prompt'));
    aSecondLater();
    expect(recipes.choose({ id: 'q1/a' })).toMatchObject({ name: 'recipes/q1.prompt', barred: null });
  });

  test('bars what lies in the inbox below it, too', () => {
    const file = write('recipes/q1.prompt', BEFORE);
    write('inbox/q1/sub/_recipe.md', 'Dropped.');
    const recipes = open();
    expect(recipes.choose({ id: 'q1/sub/a' }).barred).toBeNull();
    rmSync(file);
    aSecondLater();
    expect(recipes.choose({ id: 'q1/sub/a' }).barred).toMatch(/recipes\/q1.prompt is gone/);
    secondsLater(10);
    expect(recipes.choose({ id: 'q1/sub/a' }).barred).toBeNull();
  });
});

describe("a recipe of the inbox holds to the owner's limits:", () => {
  test.each<[string, string | null]>([
    ['which says nothing of it', null],
    ['which names another', 'sluice.api: openrouter.ai'],
  ])('the APIs that may be asked, of one %s', (_, own) => {
    expect(dropped('sluice.api: localhost', own)).toMatchObject({
      name: 'inbox/q1/sub/_recipe.prompt',
      barred: expect.stringMatching(/recipes\/q1.prompt lets its documents go to localhost only/),
    });
  });

  test.each<[string, string, string | null, Partial<Recipe['handling']>]>([
    ['money', 'sluice.max_cost: 0.03', null, { maxCostUsd: 0.03 }],
    ['less money than it asks for', 'sluice.max_cost: 0.03', 'sluice.max_cost: 5', { maxCostUsd: 0.03 }],
    ['not more than it asks for', 'sluice.max_cost: 0.03', 'sluice.max_cost: 0.01', { maxCostUsd: 0.01 }],
    ['its own if the owner says none', 'sluice.concurrency: 2', 'sluice.max_cost: 3', { maxCostUsd: 3 }],
    ['calls at once', 'sluice.concurrency: 2', 'sluice.concurrency: 9', { concurrency: 2 }],
    ['that inputs are kept', 'sluice.after: keep', 'sluice.after: archive', { after: 'keep' }],
    ['that they are not deleted', 'sluice.after: archive', null, { after: 'archive' }],
    ['that no document is asked in part', 'sluice.left_out: fail', 'sluice.left_out: note', { leftOut: 'fail' }],
    ['but may take only whole ones', 'sluice.left_out: note', 'sluice.left_out: fail', { leftOut: 'fail' }],
    ['and may be more careful', 'sluice.after: delete', 'sluice.after: archive', { after: 'archive' }],
  ])('%s', (_, owners, own, handling) => {
    expect(dropped(owners, own)).toMatchObject({ barred: null, handling });
  });

  test.each<[string, string, string | null, number]>([
    ['the length of answers', 'config: {max_tokens: 400}', null, 400],
    ['a greater length than it asks for', 'config: {max_tokens: 400}', 'config: {max_tokens: 900}', 400],
    ['no greater length than it asks for', 'config: {max_tokens: 400}', 'config: {max_tokens: 90}', 90],
  ])('%s', async (_, owners, own, maxTokens) => {
    expect((await promptOf(dropped(owners, own), [])).maxTokens).toBe(maxTokens);
  });

  test('the providers that may have the document', async () => {
    const recipe = dropped(
      'config: {provider: {zdr: true, only: [acme], sort: null}}',
      'config: {seed: 1, provider: {only: [other], ignore: [b], sort: price}}',
    );
    expect((await promptOf(recipe, [])).fields).toEqual({
      seed: 1,
      provider: { zdr: true, only: ['acme'], ignore: ['b'], sort: 'price' },
    });
  });

  test('a plain one of the default, too; and what shapes answers makes results stale', async () => {
    write('inbox/_recipe.md', 'Dropped.');
    const { hash } = open().choose({ id: 'a' });
    const owners = 'sluice.max_cost: 0.03\nconfig: {provider: {zdr: true}}';
    write('recipes/default.prompt', prompt(owners));
    const recipe = open().choose({ id: 'a' });
    expect(recipe).toMatchObject({ name: 'inbox/_recipe.md', handling: { maxCostUsd: 0.03 } });
    expect((await promptOf(recipe, [])).fields).toEqual({ provider: { zdr: true } });
    expect(recipe.hash).not.toBe(hash);
  });

  test("as the owner's is at the moment", () => {
    write('inbox/q1/sub/_recipe.md', 'Dropped.');
    const recipes = open();
    const before = recipes.choose({ id: 'q1/sub/a' });
    expect(before).toMatchObject({ barred: null, handling: { concurrency: null } });
    write('recipes/q1.prompt', prompt('sluice.concurrency: 2'));
    now += 50;
    expect(recipes.choose({ id: 'q1/sub/a' }, 'current')).toMatchObject({
      hash: before.hash,
      handling: { concurrency: 2 },
    });
    write('recipes/q1.prompt', '{{broken');
    aSecondLater();
    expect(recipes.choose({ id: 'q1/sub/a' }).barred).toMatch(/recipes\/q1.prompt cannot be used/);
  });

  test('not to those of a recipe that it is not below', () => {
    write('recipes/q1/sub.prompt', prompt('sluice.concurrency: 2'));
    write('inbox/q1/_recipe.md', 'Dropped.');
    write('inbox/_recipe.prompt', prompt('sluice.concurrency: 1'));
    expect(open().choose({ id: 'q1/a' }).handling.concurrency).toBeNull();
  });
});

test('many folders are looked at and forgotten', () => {
  write('inbox/_recipe.md', 'All.');
  const recipes = open();
  for (let folder = 0; folder < 12_000; folder += 1)
    expect(recipes.choose({ id: `f${folder}/a` }).name).toBe('inbox/_recipe.md');
  write('inbox/f0/_recipe.md', 'Own.');
  aSecondLater();
  expect(nameFor('f0/a', recipes)).toBe('inbox/f0/_recipe.md');
});
