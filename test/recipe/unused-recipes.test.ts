import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { nearDefault, unusedRecipes } from '../../src/recipe/recipes.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-unused-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (name: string): void => {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'Sum it up.');
};

const near = () => nearDefault({ inbox: join(root, 'inbox'), recipes: join(root, 'recipes') });

const unused = (): readonly string[] => unusedRecipes({ inbox: join(root, 'inbox'), recipes: join(root, 'recipes') });

test('without recipes, none is unused', () => {
  expect(unused()).toEqual([]);
});

test('those of folders that are there are used, and so are the default, partials and what is no recipe', () => {
  mkdirSync(join(root, 'inbox/q1/deep'), { recursive: true });
  for (const name of ['default.md', 'q1.prompt', 'q1/deep.txt', '_letterhead.prompt', 'q1/_note.md', '.q1.prompt'])
    write(`recipes/${name}`);
  write('recipes/notes.json');
  expect(unused()).toEqual([]);
});

test.each([
  ['of a folder with another name', 'Q1.prompt'],
  ['of a folder that is not there', 'q1/deeper.md'],
  ['with an ending too many', 'default.prompt.txt'],
  ['with an ending in capitals', 'q1.PROMPT'],
  ['behind a better one', 'default.txt'],
  ['of a file of the inbox', 'a.txt.md'],
  ['of a link in the inbox', 'link.md'],
])('one %s is unused', (_, name) => {
  mkdirSync(join(root, 'inbox/q1'), { recursive: true });
  write('inbox/a.txt');
  symlinkSync(join(root, 'inbox/q1'), join(root, 'inbox/link'));
  write('recipes/default.prompt');
  write(`recipes/${name}`);
  expect(unused()).toEqual([`recipes/${name}`]);
});

test.each([
  ['defualt.prompt', 'default.prompt'],
  ['Default.md', 'default.md'],
  ['default.prompt.txt', 'default.prompt'],
  ['default.PROMPT', 'default.prompt'],
  ['defaults.txt', 'default.txt'],
  ['default', 'default.prompt'],
])('%s is nearly the default recipe: %s', (name, meant) => {
  write(`recipes/${name}`);
  expect(near()).toEqual({ name: `recipes/${name}`, meant });
  // A folder of that name makes it that folder's, and a default recipe is not misspelt.
  write(`inbox/${name.split('.')[0]}/a.txt`);
  expect(near()).toBeNull();
});

test('what is nearly the default does not count where there is one, and others are not near', () => {
  for (const name of ['details.md', '_default.prompt', 'q1.prompt']) write(`recipes/${name}`);
  expect(near()).toBeNull();
  write('recipes/defualt.md');
  expect(near()).toMatchObject({ name: 'recipes/defualt.md' });
  write('recipes/default.txt');
  expect(near()).toBeNull();
});
