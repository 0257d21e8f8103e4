import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/domain/errors.ts';
import { API_NAMES, resolveApi, simulated } from '../../src/llm/api.ts';
import { PRESETS } from '../../src/llm/presets.ts';

describe('an API by its name', () => {
  test('is OpenRouter, which needs nothing more', () => {
    expect(resolveApi('openrouter')).toEqual({
      name: 'openrouter',
      baseUrl: 'https://openrouter.ai/api/v1',
      identity: 'https://openrouter.ai/api/v1',
      loopback: false,
      hosts: ['openrouter.ai'],
      keyVariables: ['OPENROUTER_API_KEY'],
      needsModel: false,
      maxTokensField: 'max_tokens',
      maxTokens: 64_000,
      effortField: 'reasoning',
      defaultEffort: 'high',
      asksForUsage: false,
      costsAreUsd: true,
      free: false,
      routes: true,
      startedBy: null,
      inputs: null,
      jsonSchema: true,
      jsonObject: true,
      context: 'models',
    });
  });

  test('is the simulator, whose results are its own wherever it listens', () => {
    const { baseUrl: _, hosts: __, identity, keyVariables, name, ...likeOpenRouter } = resolveApi('simulator');
    expect([name, identity, keyVariables]).toEqual(['simulator', 'simulator', []]);
    expect({ ...resolveApi('openrouter'), ...likeOpenRouter, loopback: false }).toEqual(resolveApi('openrouter'));
  });

  test("costs nothing where it is a server of one's own, or is simulated and tells no costs", () => {
    expect(API_NAMES.filter((name) => PRESETS.some((preset) => preset.name === name && preset.free))).toEqual([
      'ollama',
      'lmstudio',
      'llamacpp',
      'vllm',
    ]);
    const free = ['http://127.0.0.1:11434/v1', 'http://localhost:1234/v1', 'http://127.0.0.1:8000/v1'].map(
      (url) => resolveApi(url).free,
    );
    expect(free).toEqual([true, true, false]);
    const server = resolveApi('http://127.0.0.1:4010/v1');
    expect(['mistral', 'simulator'].map((name) => simulated(server, name).free)).toEqual([true, false]);
    expect(simulated(resolveApi('https://llm.example.com/v1'), 'mistral').free).toBe(false);
  });

  const OTHERS = API_NAMES.filter((name) => !['openrouter', 'simulator', 'azure', 'bedrock'].includes(name));

  test.each(OTHERS)('is %s, which is sent nothing that is OpenRouter’s alone, and needs a model', (name) => {
    const api = resolveApi(name);
    expect(api).toMatchObject({ name, identity: api.baseUrl, needsModel: true, defaultEffort: null, routes: false });
    expect(api.effortField).not.toBe('reasoning');
    expect(api.loopback).toBe(api.baseUrl.startsWith('http:'));
  });

  test.each([
    ['openai', 'max_completion_tokens', 64_000, true],
    ['groq', 'max_completion_tokens', 8000, false],
    ['cerebras', 'max_completion_tokens', 8000, false],
    ['mistral', 'max_tokens', 16_000, false],
    ['vllm', 'max_tokens', 8000, false],
  ])('is %s, whose limit of an answer is %s of %i, and which reads files: %s', (name, field, most, files) => {
    const { maxTokensField, maxTokens, inputs } = resolveApi(name);
    expect([maxTokensField, maxTokens, inputs?.includes('file')]).toEqual([field, most, files]);
  });

  test.each([
    ['azure', 'https://RESOURCE.openai.azure.com/openai/v1'],
    ['bedrock', 'https://bedrock-runtime.REGION.amazonaws.com/openai/v1'],
  ])('is %s: its name alone is no address', (name, example) => {
    expect(() => resolveApi(name)).toThrow(UsageError);
    expect(() => resolveApi(name)).toThrow(example);
  });

  test('names no host twice, and no variable for two', () => {
    const hosts = PRESETS.flatMap((preset) => preset.hosts);
    const variables = PRESETS.flatMap((preset) => preset.keyVariables);
    expect([new Set(hosts).size, new Set(variables).size]).toEqual([hosts.length, variables.length]);
  });
});

describe('an API by its base URL', () => {
  test.each([
    ['http://127.0.0.1:4010/api/v1/', 'http://127.0.0.1:4010/api/v1', true],
    ['http://localhost:4010', 'http://localhost:4010', true],
    ['http://[::1]:4010/v1', 'http://[::1]:4010/v1', true],
    ['http://127.1:4010/v1', 'http://127.0.0.1:4010/v1', true],
    ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1', true],
    ['http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080/v1', true],
    ['https://llm.example.org/v1//', 'https://llm.example.org/v1', false],
    ['https://localhost.example.org/v1', 'https://localhost.example.org/v1', false],
    ['https://127.0.0.1.example.org/v1', 'https://127.0.0.1.example.org/v1', false],
    ['https://openai.azure.com.example.org/openai/v1', 'https://openai.azure.com.example.org/openai/v1', false],
    ['https://openrouter.ai:8443/api/v1', 'https://openrouter.ai:8443/api/v1', false],
    ['http://api.openai.com/v1', 'http://api.openai.com/v1', false],
  ])('%s is remembered as %s, and sent what all take', (given, baseUrl, loopback) => {
    const api = resolveApi(given);
    expect(api).toMatchObject({ name: 'custom', baseUrl, identity: baseUrl, loopback, routes: false });
    // On this machine it may be a simulator.
    expect(api).toMatchObject({ defaultEffort: null, effortField: 'reasoning_effort', needsModel: !loopback });
    expect(api.keyVariables).toEqual(loopback ? ['OPENROUTER_API_KEY'] : []);
  });

  test.each([
    ['https://api.openai.com/v1/', 'openai', 'OPENAI_API_KEY'],
    ['https://api.groq.com/v2', 'groq', 'GROQ_API_KEY'],
    ['https://api.together.ai/v1', 'together', 'TOGETHER_API_KEY'],
    ['https://eu-west-1.api.x.ai/v1', 'xai', 'XAI_API_KEY'],
    ['https://mine.openai.azure.com/openai/v1', 'azure', 'AZURE_OPENAI_API_KEY'],
    ['https://mine.services.ai.azure.com/openai/v1', 'azure', 'AZURE_OPENAI_API_KEY'],
    ['https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1', 'bedrock', 'AWS_BEARER_TOKEN_BEDROCK'],
    ['https://bedrock-mantle.us-east-1.api.aws/v1', 'bedrock', 'AWS_BEARER_TOKEN_BEDROCK'],
    ['http://localhost:11434/v1', 'ollama', 'OPENROUTER_API_KEY'],
    ['http://[::1]:1234/v1', 'lmstudio', 'OPENROUTER_API_KEY'],
  ])('%s is that of %s, with its key', (url, name, variable) => {
    expect(resolveApi(url)).toMatchObject({ name, identity: url.replace(/\/$/, ''), keyVariables: [variable] });
  });

  test('that a name stands for is that API', () => {
    for (const name of ['openai', 'ollama', 'gemini'])
      expect(resolveApi(resolveApi(name).baseUrl)).toEqual(resolveApi(name));
  });

  test('of this machine is that of a simulator which says so, and keeps its own address', () => {
    const api = resolveApi('http://localhost:4010/v1');
    const { identity, baseUrl, loopback } = api;
    const { keyVariables: _, ...gemini } = resolveApi('gemini');
    expect(simulated(api, 'gemini')).toMatchObject({ ...gemini, identity, baseUrl, loopback, free: true });
    expect(simulated(api, 'openrouter')).toMatchObject({ name: 'openrouter', routes: true, needsModel: false });
    expect(simulated(api, 'unheard of')).toEqual(api);
    const elsewhere = resolveApi('https://llm.example.org/v1');
    expect(simulated(elsewhere, 'openrouter')).toBe(elsewhere);
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
    expect(() => resolveApi(given)).toThrow(/openrouter, openai, anthropic, .*, simulator, or a base URL/);
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

  test.each([
    ['gemni', 'gemini'],
    ['openroter', 'openrouter'],
    ['lm-studio', 'lmstudio'],
    ['grok', 'groq'],
  ])('%s is refused with the nearest name, %s', (given, meant) => {
    expect(() => resolveApi(given)).toThrow(`"${given}" is not known: did you mean ${meant}?`);
  });
});
