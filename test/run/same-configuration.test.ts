import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sameConfiguration } from '../../src/run/same-configuration.ts';
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

  test('are the same where they were read twice and nothing changed, whatever was noted', async () => {
    const flags = await recipe('Summarise.');
    expect(sameConfiguration(await preparedOf(flags), await preparedOf(flags, { notes: ['It was made.'] }))).toBe(true);
  });

  test.each([
    ['model', { model: 'openai/gpt-5' }],
    ['concurrency', { concurrency: '9' }],
    ['API', { api: 'http://127.0.0.1:4010/api/v1' }],
    ['outbox', { outbox: '/elsewhere' }],
  ])('differ where the %s does', async (_, flags) => {
    expect(sameConfiguration(await preparedOf(), await preparedOf(flags))).toBe(false);
  });

  test('differ where the key does', async () => {
    expect(sameConfiguration(await preparedOf({}, { key: 'old' }), await preparedOf({}, { key: 'new' }))).toBe(false);
  });

  test('differ where the recipe of the same name says something else', async () => {
    const before = await preparedOf(await recipe('Summarise.'));
    const after = await preparedOf(await recipe('Translate.'));
    expect(sameConfiguration(before, after)).toBe(false);
  });
});
