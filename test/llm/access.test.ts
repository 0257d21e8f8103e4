import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { type Access, findAccess, missingKeyMessage, secretsOf } from '../../src/llm/access.ts';
import { type Api, resolveApi } from '../../src/llm/api.ts';

const accessOf = (
  api: Api,
  environment: NodeJS.ProcessEnv,
  apiKeyFile: string | null = null,
  apiHeadersFile: string | null = null,
): Access => findAccess(api, environment, { apiKeyFile, apiHeadersFile, proxy: null });

const findKey = (...args: Parameters<typeof accessOf>) => accessOf(...args).key;

const ALL = {
  OPENROUTER_API_KEY: 'or-key',
  OPENAI_API_KEY: 'oa-key',
  GOOGLE_API_KEY: 'go-key',
  GROQ_API_KEY: 'gq-key',
  AZURE_OPENAI_API_KEY: 'az-key',
};

describe('the key for an API', () => {
  test.each([
    ['openrouter', 'or-key'],
    ['openai', 'oa-key'],
    ['ollama', 'or-key'],
    ['gemini', 'go-key'],
    ['groq', 'gq-key'],
    ['mistral', null],
    ['https://mine.openai.azure.com/openai/v1', 'az-key'],
    ['https://mine.openai.azure.com.example.org/v1', null],
    ['http://mine.openai.azure.com/openai/v1', null],
    ['https://api.groq.com.example.org/openai/v1', null],
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

const telling = (script: string, rest: NodeJS.ProcessEnv = {}) => ({
  ...ALL,
  SLUICE_API_KEY_COMMAND: `"${process.execPath}" -e '${script}' two "three words"`,
  ...rest,
});

describe('a program that tells the key', () => {
  const api = resolveApi('https://llm.example.org/v1');

  test('says it in its first line, for any API, and gets its arguments as they are', () => {
    const script = 'console.log(process.argv.slice(1).length + "-$HOME-" + process.argv[2].length + "\\nmore")';
    expect(findKey(api, telling(script))).toBe('2-$HOME-11');
    expect(findKey(resolveApi('openai'), telling('console.log(process.env.OPENAI_API_KEY)'))).toBe('oa-key');
  });

  test('goes before the variable of a provider, and behind the key itself', () => {
    const environment = telling('console.log("told")');
    expect(findKey(resolveApi('openrouter'), environment)).toBe('told');
    expect(findKey(api, { ...environment, SLUICE_API_KEY: 'own-key' })).toBe('own-key');
    expect(findKey(resolveApi('simulator'), environment)).toBeNull();
  });

  test.each([
    ['ended with 3', 'console.log("secret"); process.exit(3)'],
    ['wrote nothing', 'console.log(" ")'],
    ['has characters', 'console.log("secret ä")'],
  ])('and fails is named, with why, and without what it wrote: %s', (why, script) => {
    expect(() => findKey(api, telling(script))).toThrow(UsageError);
    expect(() => findKey(api, telling(script))).toThrow(
      new RegExp(`^(?!.*secret)[^]*SLUICE_API_KEY_COMMAND[^]*${why}`),
    );
  });

  test('and is not there is named', () => {
    expect(() => findKey(api, { SLUICE_API_KEY_COMMAND: '/no/such/program' })).toThrow(/\/no\/such\/program .*ENOENT/);
  });

  test('is run without a shell', () => {
    expect(() => findKey(api, { SLUICE_API_KEY_COMMAND: 'echo key; echo other' })).toThrow('no key has');
  });
});

describe('the proxy', () => {
  const VARIABLES = [
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
    'NO_PROXY',
    'no_proxy',
    'ALL_PROXY',
    'all_proxy',
  ];
  const before = { ...process.env };
  beforeEach(() => {
    for (const name of VARIABLES) delete process.env[name];
    Object.assign(process.env, {
      HTTPS_PROXY: 'http://one:1',
      HTTP_PROXY: 'http://two:2',
      NO_PROXY: 'api.x.ai,.example.org',
    });
  });
  afterEach(() => {
    for (const name of VARIABLES) delete process.env[name];
    Object.assign(process.env, before);
  });

  test.each([
    ['openai', null, null],
    ['openai', 'http://me:p@host:3128', 'http://me:p@host:3128'],
    ['openai', 'env', 'http://one:1'],
    ['http://llm.example.com/v1', 'env', 'http://two:2'],
    ['xai', 'env', null],
    ['https://llm.example.org/v1', 'env', null],
    ['ollama', 'env', null],
    ['simulator', 'http://host:3128', null],
  ])('to %s with --proxy %s is %s', (name, proxy, expected) => {
    expect(findAccess(resolveApi(name), {}, { apiKeyFile: null, apiHeadersFile: null, proxy }).proxy).toBe(expected);
  });

  test('is refused unseen where a variable holds none', () => {
    process.env['HTTPS_PROXY'] = 'socks5://me:secret@host';
    const options = { apiKeyFile: null, apiHeadersFile: null, proxy: 'env' };
    expect(() => findAccess(resolveApi('openai'), {}, options)).toThrow(
      /^(?!.*secret)--proxy env: the variable for https:/,
    );
  });
});

describe('further headers', () => {
  const api = resolveApi('https://llm.example.org/v1');
  const headersOf = (text: string) => accessOf(api, { SLUICE_API_HEADERS: text }).headers;

  test('stand one a line', () => {
    expect(headersOf('X-Portkey-Provider: openai\r\n\n  cf-aig-authorization:Bearer abc:def  \n')).toEqual([
      ['X-Portkey-Provider', 'openai'],
      ['cf-aig-authorization', 'Bearer abc:def'],
    ]);
    expect(accessOf(api, {})).toEqual({ key: null, headers: [], proxy: null });
  });

  test('of the file go before those of the variable', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-headers-'));
    const path = join(folder, 'headers');
    writeFileSync(path, 'X-Of: file\n');
    expect(accessOf(api, { SLUICE_API_HEADERS: 'X-Of: variable' }, null, path).headers).toEqual([['X-Of', 'file']]);
    expect(() => accessOf(api, {}, null, folder)).toThrow(/--api-headers-file .* cannot be read: EISDIR/);
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['secret', 'Line 1 of SLUICE_API_HEADERS is no header'],
    ['X-A: 1\nsecret words: secret', 'Line 2 of SLUICE_API_HEADERS is no header'],
    [': secret', 'is no header'],
    ['X-A:', 'is no header'],
    ['X-A: secret\u0000', 'is no header'],
    ['X-A: secrét', 'is no header'],
    ['Host: secret', 'sets Host, which sluice sets itself'],
    ['content-length: 0', 'sets content-length, which'],
    ['Accept-Encoding: gzip', 'sets Accept-Encoding, which'],
    ['X-A: 1\nx-a: secret', 'sets x-a again'],
  ])('%j are refused without their values', (text, complaint) => {
    expect(() => headersOf(text)).toThrow(UsageError);
    expect(() => headersOf(text)).toThrow(new RegExp(`^(?!.*: secret)[^]*${complaint}`));
  });

  test('are as secret as the key, also without the word before them', () => {
    const headers = [['X-A', 'Bearer abcdefgh'] as const, ['X-B', 'ijklmnop'] as const];
    expect(secretsOf({ key: 'the-key', headers, proxy: 'http://me:p%40ss@host:3128' })).toEqual([
      'the-key',
      'Bearer abcdefgh',
      'abcdefgh',
      'ijklmnop',
      'p%40ss',
      'p@ss',
    ]);
    expect(secretsOf({ key: null, headers: [], proxy: null })).toEqual([]);
  });

  test('are not sent to the simulator', () => {
    expect(accessOf(resolveApi('simulator'), { SLUICE_API_HEADERS: 'X-A: 1' }).headers).toEqual([]);
  });
});

test.each([
  ['openrouter', 'OPENROUTER_API_KEY'],
  ['gemini', 'GEMINI_API_KEY'],
  ['openai', 'OPENAI_API_KEY'],
  ['https://llm.example.org/v1', 'SLUICE_API_KEY'],
])('a missing key for %s is told with the three ways on', (name, variable) => {
  const message = missingKeyMessage(resolveApi(name));
  for (const way of [variable, '--api simulator', '--api ollama']) expect(message).toContain(way);
});
