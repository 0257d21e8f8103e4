import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { resolveApi } from '../../src/llm/api.ts';
import { findKey, missingKeyMessage } from '../../src/llm/key.ts';

const ALL = { OPENROUTER_API_KEY: 'or-key', OPENAI_API_KEY: 'oa-key' };

describe('the key for an API', () => {
  test.each([
    ['openrouter', 'or-key'],
    ['openai', 'oa-key'],
    ['ollama', 'or-key'],
    ['http://127.0.0.1:4010/api/v1', 'or-key'],
    ['http://[::1]:4010/api/v1', 'or-key'],
    ['https://openrouter.ai/api/v2', 'or-key'],
    ['http://openrouter.ai/api/v1', null],
    ['https://openrouter.ai.example.org/api/v1', null],
    ['https://evil.example.org/openrouter.ai', null],
    ['https://openrouter.ai:8443/api/v1', null],
    ['http://10.0.0.5:4010/api/v1', null],
    ['http://api.openai.com/v1', null],
  ])('%s gets, of the keys of vendors, %j', (name, key) => {
    expect(findKey(resolveApi(name), ALL, null)).toBe(key);
  });

  test('is SLUICE_API_KEY for any API, before that of a vendor', () => {
    const environment = { ...ALL, SLUICE_API_KEY: ' own-key\n' };
    expect(findKey(resolveApi('openrouter'), environment, null)).toBe('own-key');
    expect(findKey(resolveApi('https://llm.example.org/v1'), environment, null)).toBe('own-key');
  });

  test('is missing where the variables are not set or blank', () => {
    expect(findKey(resolveApi('openrouter'), {}, null)).toBeNull();
    expect(findKey(resolveApi('openrouter'), { SLUICE_API_KEY: '', OPENROUTER_API_KEY: '  ' }, null)).toBeNull();
  });

  test.each(['sk-or v1', 'sk-or\u0000', 'sk-or\nx', 'sk-ör'])(
    'that cannot stand in a header (%j) is refused unseen',
    (key) => {
      expect(() => findKey(resolveApi('openrouter'), { OPENROUTER_API_KEY: key }, null)).toThrow(UsageError);
      expect(() => findKey(resolveApi('openrouter'), { OPENROUTER_API_KEY: key }, null)).toThrow(
        /^(?!.*sk-)[^]*OPENROUTER_API_KEY/,
      );
    },
  );
});

describe('the key file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-key-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const fileWith = (content: string) => {
    const path = join(folder, 'key');
    writeFileSync(path, content);
    return path;
  };

  test('goes before every variable, trimmed', () => {
    const environment = { ...ALL, SLUICE_API_KEY: 'own-key' };
    expect(findKey(resolveApi('openai'), environment, fileWith('\n file-key \r\n'))).toBe('file-key');
  });

  test.each([
    ['is empty', ' \n'],
    ['has several lines', 'sk-secret-1\nsk-secret-2\n'],
    ['has characters', 'sk-secret ä'],
  ])('that %s is refused without its content', (complaint, content) => {
    const path = fileWith(content);
    expect(() => findKey(resolveApi('openai'), {}, path)).toThrow(UsageError);
    expect(() => findKey(resolveApi('openai'), {}, path)).toThrow(new RegExp(`^(?!.*secret)[^]*${complaint}`));
  });

  test('that does not exist or is a folder is refused with its name', () => {
    expect(() => findKey(resolveApi('openai'), {}, join(folder, 'none'))).toThrow(
      /none cannot be read: it does not exist/,
    );
    expect(() => findKey(resolveApi('openai'), {}, folder)).toThrow(/cannot be read: EISDIR/);
  });
});

test.each([
  ['openrouter', 'OPENROUTER_API_KEY'],
  ['openai', 'OPENAI_API_KEY'],
  ['https://llm.example.org/v1', 'SLUICE_API_KEY'],
])('a missing key for %s is told with the three ways on', (name, variable) => {
  const message = missingKeyMessage(resolveApi(name));
  for (const way of [variable, '--api simulator', '--api ollama']) expect(message).toContain(way);
});
