import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseConfig, readConfigFile } from '../../../src/cli/options/sources.ts';
import { UsageError } from '../../../src/domain/errors.ts';

function refuse(mistake: string): never {
  throw new UsageError(mistake);
}

describe('the text of a configuration', () => {
  test('gives every value as it stands there', () => {
    const text = '# ours\nmodel: 1.10\nonce: yes\nmax-tokens: 0x10\nrecipe:\n"redo": "all" # quoted\n';
    expect(Object.fromEntries(parseConfig(text, 'FILE', refuse))).toEqual({
      model: '1.10',
      once: 'yes',
      'max-tokens': '0x10',
      recipe: '',
      redo: 'all',
    });
  });

  test('gives a list as its values', () => {
    expect(parseConfig("include: ['*.pdf', 1.10]", 'FILE', refuse).get('include')).toEqual(['*.pdf', '1.10']);
  });

  test.each(['', '# nothing yet\n', '---\n'])('may be empty: %j', (text) => {
    expect(parseConfig(text, 'FILE', refuse).size).toBe(0);
  });

  test.each([
    ['a: 1\nb: [1, 2', /^FILE is no valid YAML: .* at line 2, column \d+$/],
    ['a: 1\na: 2', /^FILE is no valid YAML: Map keys must be unique at line 2, column 1$/],
    ['- concurrency', /^FILE must be a list of settings/],
    ['concurrency', /^FILE must be a list of settings/],
    ['model: { a: b }', /^model in FILE takes a value, not a map$/],
    ['include: [a, [b]]', /^include in FILE takes a value, not a map$/],
  ])('%j is refused', (text, message) => {
    expect(() => parseConfig(text, 'FILE', refuse)).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringMatching(message) }),
    );
  });
});

describe('the file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-config-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is read', async () => {
    const path = join(folder, 'sluice.config.yaml');
    await writeFile(path, 'retries: 1\n');
    expect(readConfigFile(path)).toBe('retries: 1\n');
  });

  test('may be absent', () => {
    expect(readConfigFile(join(folder, 'sluice.config.yaml'))).toBeNull();
  });

  test('that cannot be read is refused', () => {
    expect(() => readConfigFile(folder)).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(`${folder} cannot be read`) }),
    );
  });
});
