import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { resolveApi } from '../../src/llm/api.ts';

describe('an API by its name', () => {
  test('is OpenRouter, which needs nothing more', () => {
    expect(resolveApi('openrouter')).toEqual({
      name: 'openrouter',
      baseUrl: 'https://openrouter.ai/api/v1',
      identity: 'https://openrouter.ai/api/v1',
      loopback: false,
      needsModel: false,
      maxTokensField: 'max_tokens',
      sendsReasoning: true,
      asksForUsage: false,
      replaysAnswers: true,
      routes: true,
    });
  });

  test('is OpenAI, which needs a model and names its token limit otherwise', () => {
    expect(resolveApi('openai')).toMatchObject({
      baseUrl: 'https://api.openai.com/v1',
      needsModel: true,
      maxTokensField: 'max_completion_tokens',
      sendsReasoning: false,
      replaysAnswers: false,
      routes: false,
    });
  });

  test('is Ollama on this machine', () => {
    expect(resolveApi('ollama')).toMatchObject({
      baseUrl: 'http://127.0.0.1:11434/v1',
      loopback: true,
      needsModel: true,
      maxTokensField: 'max_tokens',
      sendsReasoning: false,
      replaysAnswers: false,
      routes: false,
    });
  });

  test('is the simulator, whose results are its own wherever it listens', () => {
    const api = { ...resolveApi('simulator'), baseUrl: 'http://127.0.0.1:4010/api/v1' };
    expect(api).toMatchObject({
      identity: 'simulator',
      loopback: true,
      needsModel: false,
      sendsReasoning: true,
      replaysAnswers: true,
      routes: true,
    });
  });
});

describe('an API by its base URL', () => {
  test.each([
    ['http://127.0.0.1:4010/api/v1/', 'http://127.0.0.1:4010/api/v1', true],
    ['http://localhost:4010', 'http://localhost:4010', true],
    ['http://[::1]:4010/v1', 'http://[::1]:4010/v1', true],
    ['http://127.1:4010/v1', 'http://127.0.0.1:4010/v1', true],
    ['https://llm.example.org/v1//', 'https://llm.example.org/v1', false],
    ['https://localhost.example.org/v1', 'https://localhost.example.org/v1', false],
    ['https://127.0.0.1.example.org/v1', 'https://127.0.0.1.example.org/v1', false],
  ])('%s is remembered as %s', (given, baseUrl, loopback) => {
    expect(resolveApi(given)).toMatchObject({
      name: 'custom',
      baseUrl,
      identity: baseUrl,
      loopback,
      needsModel: false,
      replaysAnswers: loopback,
      routes: loopback,
    });
  });

  test('that a name stands for is that API', () => {
    expect(resolveApi('https://api.openai.com/v1/')).toBe(resolveApi('openai'));
  });

  test.each([
    '',
    'openroter',
    '127.0.0.1:4010',
    'localhost:4010/v1',
    'ftp://host/v1',
    'http://',
    'http:host',
    'http://host/v1/chat/completions',
    'http://host/v1/chat/completions/',
  ])('%j is refused with what was given and what is allowed', (given) => {
    expect(() => resolveApi(given)).toThrow(UsageError);
    expect(() => resolveApi(given)).toThrow(JSON.stringify(given));
    expect(() => resolveApi(given)).toThrow(/openrouter, openai, ollama, simulator, or a base URL/);
  });

  test.each([
    'https://host/v1?key=secret',
    'http://host/v1#secret',
    'host/v1?key=secret',
    'ftp://me:secret@host/v1',
    'http://host/v1?mail=a@b&key=secret',
  ])('%j is refused without what it may hide', (given) => {
    expect(() => resolveApi(given)).toThrow(/^(?!.*secret)--api ".*\*\*\*" is not known/);
  });

  test('with a password in it is refused without showing it', () => {
    expect(() => resolveApi('https://me:secret@host/v1')).toThrow(/^(?!.*secret).*SLUICE_API_KEY/);
  });
});
