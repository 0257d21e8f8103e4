import { describe, expect, test } from '@jest/globals';
import { globs } from '../../../src/cli/options/value-kind.ts';
import { UsageError } from '../../../src/domain/errors.ts';
import { resolved } from './support.ts';

test('without anything given every option has its default', () => {
  const { options, given } = resolved();
  expect(options).toEqual({
    root: '/srv/watch',
    inbox: '/srv/watch/inbox',
    outbox: '/srv/watch/outbox',
    failed: '/srv/watch/failed',
    after: 'keep',
    receipts: false,
    once: false,
    api: 'openrouter',
    model: 'anthropic/claude-sonnet-4.5',
    prompt: null,
    recipe: null,
    reasoning: null,
    maxTokens: 64_000,
    concurrency: 5,
    concurrencyMax: 256,
    rpm: null,
    tpm: null,
    maxCostUsd: null,
    pricePrompt: null,
    priceCompletion: null,
    priceList: null,
    retries: 5,
    retryDelaySeconds: 2,
    timeoutSeconds: 900,
    idleTimeoutSeconds: 120,
    stream: true,
    replayCache: false,
    settleSeconds: 2,
    rescanSeconds: 60,
    lookAgainSeconds: 60,
    maxDurationSeconds: null,
    graceSeconds: 60,
    include: [],
    exclude: [],
    redo: 'changed',
    inDoubt: 'resend',
    noRecipe: false,
    inboxRecipes: true,
    test: false,
    limit: null,
    truncateCharacters: null,
    maxBytes: 10_000_000,
    json: false,
    logFile: null,
    logFormat: null,
    logLevel: 'info',
    quiet: false,
    verbose: false,
    apiKeyFile: null,
    apiHeadersFile: null,
    proxy: null,
  });
  expect(given).toEqual({});
});

describe('precedence', () => {
  const flags = { concurrency: '1' };
  const environment = { SLUICE_CONCURRENCY: '2' };
  const config = 'concurrency: 3';

  test.each([
    ['a flag beats all', { flags, environment, config }, 1, 'flag'],
    ['a variable beats the configuration', { environment, config }, 2, 'environment'],
    ['the configuration beats the default', { config }, 3, 'config'],
  ])('%s', (_, sources, concurrency, origin) => {
    const { options, given } = resolved(sources);
    expect(options.concurrency).toBe(concurrency);
    expect(given).toEqual({ concurrency: origin });
  });

  test('a switch that is turned off by a flag beats one that is turned on by a variable', () => {
    expect(resolved({ flags: { once: false }, environment: { SLUICE_ONCE: 'true' } }).options.once).toBe(false);
  });
});

describe('paths', () => {
  test('of flags and variables are relative to the current folder, those of the configuration to the workspace', () => {
    const { options } = resolved({
      flags: { root: 'here', inbox: 'in' },
      environment: { SLUICE_OUTBOX: 'out' },
      config: 'failed: bad\nrecipe: recipes/ask.md',
    });
    expect(options).toMatchObject({
      root: '/srv/here',
      inbox: '/srv/in',
      outbox: '/srv/out',
      failed: '/srv/here/bad',
      recipe: '/srv/here/recipes/ask.md',
    });
  });

  test('may be a word instead, where the option takes one', () => {
    expect(resolved({ flags: { 'price-list': 'off' } }).options.priceList).toBe('off');
    expect(resolved({ flags: { 'price-list': './off' } }).options.priceList).toBe('/srv/off');
    expect(resolved({ config: 'price-list: prices.json' }).options.priceList).toBe('/srv/watch/prices.json');
    expect(resolved({ flags: { inbox: 'off' } }).options.inbox).toBe('/srv/off');
  });

  test('the configuration is looked for in the workspace that a variable names', () => {
    const asked: string[] = [];
    const readConfig = (path: string) => {
      asked.push(path);
      return null;
    };
    resolved({ environment: { SLUICE_ROOT: '/elsewhere' }, readConfig });
    expect(asked).toEqual(['/elsewhere/sluice.config.yaml']);
  });
});

describe('--test', () => {
  test('makes a small trial whose results and reports go to folders of their own', () => {
    const { options, given } = resolved({ flags: { test: true, outbox: '/results' } });
    expect(options).toMatchObject({
      outbox: '/results-test',
      failed: '/srv/watch/failed-test',
      limit: 5,
      truncateCharacters: 500,
    });
    expect(given).toEqual({ test: 'flag' });
  });

  test.each(['keep', 'archive', 'delete'])(
    'asks again and leaves documents, even if variables and configuration say %s',
    (after) => {
      const expected = { after: 'keep', redo: 'all' };
      const config = `after: ${after}\nredo: never`;
      expect(resolved({ flags: { test: true }, config }).options).toMatchObject(expected);
      const environment = { SLUICE_AFTER: after, SLUICE_REDO: 'stale' };
      expect(resolved({ flags: { test: true }, environment }).options).toMatchObject(expected);
    },
  );

  test('takes a flag that says what it does anyway', () => {
    expect(resolved({ flags: { test: true, after: 'keep' } }).options.after).toBe('keep');
  });

  test('takes its own limits', () => {
    expect(resolved({ flags: { test: true, limit: '7', truncate: '90' } }).options).toMatchObject({
      limit: 7,
      truncateCharacters: 90,
    });
  });
});

describe('values that are refused, whatever their origin', () => {
  test.each([
    ['concurrency', '0'],
    ['concurrency', '-1'],
    ['concurrency', 'abc'],
    ['concurrency', '1.5'],
    ['concurrency', ''],
    ['concurrency', ' 5'],
    ['concurrency', 'NaN'],
    ['concurrency', 'Infinity'],
    ['concurrency', 'Auto'],
    ['concurrency-max', 'auto'],
    ['rpm', '0'],
    ['tpm', '1.5'],
    ['max-cost', '0'],
    ['max-cost', '-1'],
    ['max-cost', '$5'],
    ['max-cost', '5,00'],
    ['price-prompt', 'NaN'],
    ['concurrency', '1e999'],
    ['concurrency', '10001'],
    ['retries', '101'],
    ['retry-delay', '-2'],
    ['timeout', '0'],
    ['timeout', '2147484'],
    ['idle-timeout', '9'.repeat(400)],
    ['settle', '3601'],
    ['rescan', '0'],
    ['grace', 'soon'],
    ['max-bytes', '0'],
    ['max-bytes', '10MB'],
    ['max-bytes', '1G'],
    ['api', 'localhost:8080/api/v1'],
    ['api', 'ftp://host/api'],
    ['proxy', 'host:3128'],
    ['proxy', 'socks5://host'],
    ['api', 'http://'],
    ['reasoning', 'extreme'],
    ['redo', 'outdated'],
    ['in-doubt', 'ask'],
    ['after', 'move'],
    ['replay-cache', 'off'],
    ['receipts', 'yes'],
    ['log-level', 'loud'],
    ['model', ''],
    ['inbox', 'in\0box'],
    ['once', 'perhaps'],
    ['json', 'constructor'],
  ])('--%s %j', (flag, text) => {
    const variable = `SLUICE_${flag.toUpperCase().replaceAll('-', '_')}`;
    const given = text === '' ? 'an empty value' : JSON.stringify(text);
    const refusal = (name: string) => ({
      name: 'UsageError',
      message: expect.stringMatching(
        new RegExp(
          `^${escaped(`${name} does not take ${given}`)}(?: \\(did you mean [a-z]+\\?\\))?${escaped(': it takes ')}.{6,}`,
        ),
      ),
    });
    expect(() => resolved({ flags: { [flag]: text } })).toThrow(expect.objectContaining(refusal(`--${flag}`)));
    expect(() => resolved({ environment: { [variable]: text } })).toThrow(expect.objectContaining(refusal(variable)));
    expect(() => resolved({ config: `${flag}: ${JSON.stringify(text)}` })).toThrow(
      expect.objectContaining(refusal(`${flag} in /srv/watch/sluice.config.yaml`)),
    );
  });

  test.each([
    'https://me:secret@host/api',
    'https://me:sec/secret@host/api',
    'https://me:sec?secret@host/api',
    'https://host/api?key=secret',
    'https://host/api#secret',
    'host/api?key=secret',
    'https://host/api?mail=a@b&key=secret',
  ])('what a URL hides is not repeated: %s', (api) => {
    const refusal = expect.objectContaining({
      name: 'UsageError',
      message: expect.stringMatching(/^(?!.*secret).*api.* does not take ".*\*\*\*"/is),
    });
    expect(() => resolved({ flags: { api } })).toThrow(refusal);
    expect(() => resolved({ environment: { SLUICE_API: api } })).toThrow(refusal);
    expect(() => resolved({ config: `api: ${JSON.stringify(api)}` })).toThrow(refusal);
    expect(() => resolved({ flags: { api: [api, 'ollama'] } })).toThrow(/^(?!.*secret).*given 2 times/);
  });

  test('a flag given twice', () => {
    expect(() => resolved({ flags: { concurrency: ['5', '6'] } })).toThrow(
      new UsageError('--concurrency was given 2 times (5, 6): give it once'),
    );
  });

  test('--no- before an option that is no switch', () => {
    expect(() => resolved({ flags: { model: false } })).toThrow(
      '--no-model is not known: --model takes the name of a model',
    );
  });
});

describe('values that are taken', () => {
  test.each([
    ['max-bytes', '500k', { maxBytes: 500_000 }],
    ['max-bytes', '10M', { maxBytes: 10_000_000 }],
    ['max-bytes', '1', { maxBytes: 1 }],
    ['retry-delay', '0.5', { retryDelaySeconds: 0.5 }],
    ['timeout', '2147483', { timeoutSeconds: 2_147_483 }],
    ['settle', '0', { settleSeconds: 0 }],
    ['api', 'simulator', { api: 'simulator' }],
    ['api', 'http://127.0.0.1:8080/api/v1', { api: 'http://127.0.0.1:8080/api/v1' }],
    ['stream', '0', { stream: false }],
    ['once', '1', { once: true }],
    ['model', '1.10', { model: '1.10' }],
    ['redo', 'stale', { redo: 'stale' }],
    ['in-doubt', 'hold', { inDoubt: 'hold' }],
    ['after', 'archive', { after: 'archive' }],
    ['after', 'delete', { after: 'delete' }],
    ['replay-cache', 'true', { replayCache: true }],
    ['receipts', '1', { receipts: true }],
  ])('%s %s', (flag, text, expected) => {
    expect(resolved({ config: `${flag}: ${text}` }).options).toMatchObject(expected);
  });
});

describe('--prompt and --recipe', () => {
  test('are refused together', () => {
    const both = { prompt: 'Summarize.', recipe: 'x.md' };
    expect(() => resolved({ flags: both })).toThrow(/--prompt and --recipe both say what to ask/);
    expect(() => resolved({ config: 'prompt: Summarize.\nrecipe: x.md' })).toThrow(UsageError);
  });

  test.each([
    [
      { flags: { prompt: 'P' }, config: 'recipe: x.md' },
      { prompt: 'P', recipe: null },
    ],
    [
      { flags: { recipe: '/x.md' }, config: 'prompt: P' },
      { prompt: null, recipe: '/x.md' },
    ],
    [
      { environment: { SLUICE_PROMPT: 'P' }, config: 'recipe: x.md' },
      { prompt: 'P', recipe: null },
    ],
    [
      { flags: { recipe: '/x.md' }, environment: { SLUICE_PROMPT: 'P' } },
      { prompt: null, recipe: '/x.md' },
    ],
  ])('of different origins: the one that goes first counts', (sources, expected) => {
    expect(resolved(sources).options).toMatchObject(expected);
  });

  test('a blank prompt is refused', () => {
    expect(() => resolved({ flags: { prompt: ' ' } })).toThrow(/--prompt does not take " ": it takes a text/);
  });
});

test('--verbose is --log-level debug, whatever the variables and the configuration say', () => {
  const environment = { SLUICE_LOG_LEVEL: 'warn' };
  expect(resolved({ flags: { verbose: true }, environment }).options.logLevel).toBe('debug');
});

test('a log level that goes first counts, also beside verbose', () => {
  const environment = { SLUICE_VERBOSE: 'true' };
  expect(resolved({ flags: { 'log-level': 'error' }, environment }).options.logLevel).toBe('error');
  expect(resolved({ environment }).options.logLevel).toBe('debug');
});

describe('options that need another', () => {
  test.each([
    [{ truncate: '5' }, '--truncate works with --test only'],
    [{ truncate: '5', once: true }, '--truncate works with --test only'],
    [{ limit: '5' }, '--limit works with --test or --once only'],
    [{ 'log-file': '/srv/watch/inbox/log.json' }, 'lies in the inbox'],
    [{ verbose: true, 'log-level': 'warn' }, '--verbose is --log-level debug'],
    [{ test: true, redo: 'stale' }, '--redo does not work with --test'],
    [{ test: true, after: 'archive' }, '--after archive does not work with --test'],
    [{ test: true, after: 'delete' }, '--after delete does not work with --test'],
  ])('%j is refused', (flags, message) => {
    expect(() => resolved({ flags })).toThrow(message);
  });

  test('--limit works with --once', () => {
    expect(resolved({ flags: { limit: '5', once: true } }).options.limit).toBe(5);
  });
});

describe('a command that takes some options alone', () => {
  const keys = ['root', 'model', 'json'] as const;

  test('has them from all origins', () => {
    const sources = { flags: { root: '/other' }, environment: { SLUICE_JSON: 'true' }, config: 'model: own' };
    const { options, given } = resolved({ ...sources, keys });
    expect(options).toMatchObject({ root: '/other', inbox: '/other/inbox', json: true, model: 'own' });
    expect(given).toEqual({ root: 'flag', json: 'environment', model: 'config' });
  });

  test('is not disturbed by other variables', () => {
    const { options } = resolved({
      environment: { SLUICE_LIMIT: '5', SLUICE_TEST: 'true' },
      config: 'retries: x',
      keys,
    });
    expect(options).toMatchObject({ limit: null, test: false, retries: 5, outbox: '/srv/watch/outbox' });
  });

  test('still refuses what no command knows', () => {
    expect(() => resolved({ environment: { SLUICE_ROOTS: '/x' }, keys })).toThrow('did you mean SLUICE_ROOT?');
    expect(() => resolved({ config: 'modle: x', keys })).toThrow('did you mean model?');
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

test.each([
  ['api', 'gemni', 'gemini'],
  ['api', 'openruter', 'openrouter'],
  ['reasoning', 'hgh', 'high'],
  ['redo', 'chnaged', 'changed'],
])('--%s %s is refused with the nearest name, %s', (flag, text, meant) => {
  const refusal = `--${flag} does not take "${text}" (did you mean ${meant}?): it takes `;
  expect(() => resolved({ flags: { [flag]: text } })).toThrow(refusal);
});

test.each([
  ['openrouter', {}, 64_000],
  ['http://127.0.0.1:4010/api/v1', {}, 64_000],
  ['groq', {}, 8000],
  ['https://api.groq.com/openai/v1', {}, 8000],
  ['groq', { 'max-tokens': '64000' }, 64_000],
])('an answer of %s, with %j, has %i tokens at most', (api, flags, maxTokens) => {
  expect(resolved({ flags: { api, ...flags } }).options).toMatchObject({ maxTokens, reasoning: null });
});

test('globs are a line each; a blank one is refused', () => {
  expect(globs.read('q1/**\na b, c.md', '', () => undefined)).toEqual(['q1/**', 'a b, c.md']);
  expect(globs.read('a\n', '', () => undefined)).toBeUndefined();
});

test('a list in the configuration is refused where one value is taken', () => {
  expect(() => resolved({ config: 'model: [a, b]' })).toThrow(
    'model in /srv/watch/sluice.config.yaml takes one value, not a list',
  );
});

test.each([
  ['90s', 90],
  ['15m', 900],
  ['1.5h', 5400],
  ['2d', 172_800],
  ['7', 7],
])('a duration of %s', (timeout, seconds) => {
  for (const given of [
    { flags: { timeout } },
    { environment: { SLUICE_TIMEOUT: timeout } },
    { config: `timeout: ${timeout}` },
  ])
    expect(resolved(given).options.timeoutSeconds).toBe(seconds);
});

test.each(['15 m', '5w', '-1s', 'm', '100d'])('%j is no duration', (timeout) => {
  expect(() => resolved({ flags: { timeout } })).toThrow(
    /it takes seconds from 0\.1 to 2147483, also as 90s, 15m, 26h or 2d$/,
  );
});
