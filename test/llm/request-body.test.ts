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

const maxPrice = () => ({ prompt: 0.000003, completion: 0.000015, request: 0 });

test.each([
  ['openrouter', '"max_tokens":100,"reasoning":{"effort":"high"},'],
  ['simulator', '"max_tokens":100,"reasoning":{"effort":"high"},'],
])('the body for %s says what no provider may ask more than, in USD per million tokens', (name, rest) => {
  const provider = '"provider":{"max_price":{"prompt":"3","completion":"15"}},';
  expect(bodyFor(name, { maxPrice })).toBe(`${START}${rest}${provider}"stream":true}`);
});

test.each([
  [0, '0'],
  [0.000_000_3, '0.3'],
  [0.000_001_25, '1.25'],
  [0.000_000_000_1, '0.0001'],
  [0.0001, '100'],
])('%d USD per token are %s USD per million', (completion, text) => {
  const price = () => ({ prompt: 0, completion, request: 0 });
  expect(bodyFor('openrouter', { maxPrice: price })).toContain(`{"prompt":"0","completion":"${text}"}`);
});

test.each(['openai', 'ollama', 'https://example.org/v1'])('%s is told of no price: it has one provider', (name) => {
  expect(bodyFor(name, { maxPrice })).not.toContain('provider');
});

test.each([null, () => null])('no price is told where none is known', (unknown) => {
  expect(bodyFor('openrouter', { maxPrice: unknown })).not.toContain('provider');
});
