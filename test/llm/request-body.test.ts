import { expect, test } from '@jest/globals';
import { resolveApi } from '../../src/llm/api.ts';
import { requestBody } from '../../src/llm/request-body.ts';
import { PROMPT } from './support.ts';

const bodyFor = (name: string, settings: object = {}) =>
  JSON.stringify(
    requestBody(PROMPT, { api: resolveApi(name), maxTokens: 100, reasoning: 'high', stream: true, ...settings }),
  );

const START = `{"model":${JSON.stringify(PROMPT.model)},"messages":${JSON.stringify(PROMPT.messages)},`;

test.each([
  ['openrouter', '"max_tokens":100,"reasoning":{"effort":"high"},"stream":true}'],
  ['simulator', '"max_tokens":100,"reasoning":{"effort":"high"},"stream":true}'],
  ['openai', '"max_completion_tokens":100,"stream":true,"stream_options":{"include_usage":true}}'],
  ['ollama', '"max_tokens":100,"stream":true,"stream_options":{"include_usage":true}}'],
])('the body for %s has its keys in a fixed order', (name, rest) => {
  expect(bodyFor(name)).toBe(START + rest);
});

test('no reasoning is asked for by its name', () => {
  expect(bodyFor('openrouter', { reasoning: 'none' })).toContain('"reasoning":{"effort":"none"}');
});

test('a body that is not streamed asks for no usage: it comes by itself', () => {
  expect(bodyFor('openai', { stream: false })).toBe(`${START}"max_completion_tokens":100,"stream":false}`);
});
