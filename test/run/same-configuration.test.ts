import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sameConfiguration } from '../../src/run/reload.ts';
import { preparedOf } from './support.ts';

describe('two configurations', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-run-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const recipe = async (text: string) => {
    const file = join(folder, 'recipe.md');
    await writeFile(file, text);
    return { recipe: file };
  };

  test('are the same if they were read twice and nothing changed, whatever was noted', async () => {
    const flags = await recipe('Summarise.');
    expect(sameConfiguration(preparedOf(flags), preparedOf(flags, { notes: ['It was made.'] }))).toBe(true);
  });

  test.each([
    ['model', { model: 'openai/gpt-5' }],
    ['concurrency', { concurrency: '9' }],
    ['API', { api: 'http://127.0.0.1:4010/api/v1' }],
    ['outbox', { outbox: '/elsewhere' }],
  ])('differ where the %s does', async (_, flags) => {
    expect(sameConfiguration(preparedOf(), preparedOf(flags))).toBe(false);
  });

  test('differ if the key does', async () => {
    expect(
      sameConfiguration(
        preparedOf({}, { access: { key: 'old', headers: [], proxy: null } }),
        preparedOf({}, { access: { key: 'new', headers: [], proxy: null } }),
      ),
    ).toBe(false);
  });

  test('are the same if the recipe of that name says something else: it is looked at while it is used', async () => {
    const before = preparedOf(await recipe('Summarise.'));
    const after = preparedOf(await recipe('Translate.'));
    expect(sameConfiguration(before, after)).toBe(true);
  });
});
