import { describe, expect, test } from '@jest/globals';
import type { Price } from '../../../src/domain/ports.ts';
import type { ChatMessage, Prompt } from '../../../src/domain/request.ts';
import type { JsonRecord } from '../../../src/lib/json.ts';
import { resolveApi } from '../../../src/llm/api.ts';
import { requestBody } from '../../../src/llm/request/body.ts';
import { PROMPT } from '../support.ts';

const bodyFor = (name: string, settings: object = {}) =>
  JSON.stringify(
    requestBody(PROMPT, { api: resolveApi(name), maxTokens: 100, reasoning: null, stream: true, ...settings }),
  );

/** A run with a budget, and the prices that no provider may ask more than. */
const bounded = (of: (model: string) => Price | null) => ({ bounded: true, prices: { of } });

const price = () => ({ prompt: 0.000003, completion: 0.000015, request: 0 });

const START = `{"model":${JSON.stringify(PROMPT.model)},"messages":${JSON.stringify(PROMPT.messages)},`;

test.each([
  ['openrouter', '"max_tokens":100,"reasoning":{"effort":"high"},"stream":true}'],
  ['simulator', '"max_tokens":100,"reasoning":{"effort":"high"},"stream":true}'],
  ['openai', '"max_completion_tokens":100,"stream":true,"stream_options":{"include_usage":true}}'],
  ['ollama', '"max_tokens":100,"stream":true,"stream_options":{"include_usage":true}}'],
])('the body for %s has its keys in a fixed order', (name, rest) => {
  expect(bodyFor(name)).toBe(START + rest);
});

test.each([
  ['openrouter', '"reasoning":{"effort":"low"},'],
  ['openai', '"reasoning_effort":"low",'],
  ['ollama', '"reasoning_effort":"low",'],
  ['https://llm.example.org/v1', '"reasoning_effort":"low",'],
  ['anthropic', ''],
])('how long to think is said to %s where it is asked for, in the field that it takes', (name, field) => {
  const length = name === 'openai' ? 'max_completion_tokens' : 'max_tokens';
  expect(bodyFor(name, { reasoning: 'low', stream: false })).toBe(`${START}"${length}":100,${field}"stream":false}`);
});

test.each([
  ['mistral', '"max_tokens":100,"stream":true}'],
  ['gemini', '"max_tokens":100,"stream":true,"stream_options":{"include_usage":true}}'],
  ['http://127.0.0.1:4010/api/v1', '"max_tokens":100,"stream":true,"stream_options":{"include_usage":true}}'],
])('%s is sent no more than it takes', (name, rest) => {
  expect(bodyFor(name, bounded(price))).toBe(START + rest);
});

test('no reasoning is asked for by its name', () => {
  expect(bodyFor('openrouter', { reasoning: 'none' })).toContain('"reasoning":{"effort":"none"}');
});

test('a body that is not streamed asks for no usage: it comes by itself', () => {
  expect(bodyFor('openai', { stream: false })).toBe(`${START}"max_completion_tokens":100,"stream":false}`);
});

test.each([
  ['openrouter', '"max_tokens":100,"reasoning":{"effort":"high"},'],
  ['simulator', '"max_tokens":100,"reasoning":{"effort":"high"},'],
])('the body for %s says what no provider may ask more than, in USD per million tokens', (name, rest) => {
  const provider = '"provider":{"max_price":{"prompt":"3","completion":"15"}},';
  expect(bodyFor(name, bounded(price))).toBe(`${START}${rest}${provider}"stream":true}`);
});

test.each([
  [0, '0'],
  [0.000_000_3, '0.3'],
  [0.000_001_25, '1.25'],
  [0.000_000_000_1, '0.0001'],
  [0.0001, '100'],
])('%d USD per token are %s USD per million', (completion, text) => {
  const each = () => ({ prompt: 0, completion, request: 0 });
  expect(bodyFor('openrouter', bounded(each))).toContain(`{"prompt":"0","completion":"${text}"}`);
});

test.each(['openai', 'ollama', 'https://example.org/v1'])('%s gets no price: it has one provider', (name) => {
  expect(bodyFor(name, bounded(price))).not.toContain('provider');
});

test.each([{}, { bounded: true }, bounded(() => null)])('no price is told where none is known', (settings) => {
  expect(bodyFor('openrouter', settings)).not.toContain('provider');
});

const asked = (prompt: Partial<Prompt>, name = 'openrouter', settings: object = {}): JsonRecord =>
  requestBody(
    { ...PROMPT, ...prompt },
    { api: resolveApi(name), maxTokens: 100, reasoning: null, stream: true, ...settings },
  );

describe('a prompt that is bounded', () => {
  const prices = { of: price };
  const provider = { max_price: { prompt: '3', completion: '15' } };

  test.each<readonly [string, Partial<Prompt>, string, object, object | undefined]>([
    ['says so, also in a run that is not', { bounded: true }, 'openrouter', { prices }, provider],
    ['is no other one', {}, 'openrouter', { prices }, undefined],
    ['says nothing where no price is known', { bounded: true }, 'openrouter', {}, undefined],
    ['says nothing where the API has one provider', { bounded: true }, 'openai', { prices }, undefined],
  ])('%s', (_, prompt, name, settings, expected) => {
    expect(asked(prompt, name, settings)['provider']).toEqual(expected);
  });
});

describe('the fields of a prompt', () => {
  test('stand behind ours, in their order', () => {
    const fields = { top_p: 0.5, temperature: 0 };
    expect(JSON.stringify(asked({ fields }))).toBe(
      `${START}"max_tokens":100,"reasoning":{"effort":"high"},"stream":true,"top_p":0.5,"temperature":0}`,
    );
  });

  test.each<readonly [string, string, Partial<Prompt>, object]>([
    ['reasoning', 'openrouter', { fields: { reasoning: { max_tokens: 9 } } }, { reasoning: { max_tokens: 9 } }],
    [
      'reasoning by its other name',
      'openrouter',
      { fields: { reasoning_effort: 'low' } },
      { reasoning_effort: 'low', reasoning: undefined },
    ],
    ['the longest answer', 'openrouter', { maxTokens: 7 }, { max_tokens: 7 }],
    ['the longest answer, as OpenAI calls it', 'openai', { maxTokens: 7 }, { max_completion_tokens: 7 }],
    ['streaming', 'openai', { fields: { stream: false } }, { stream: false, stream_options: undefined }],
    [
      'usage',
      'openai',
      { fields: { stream_options: { include_usage: false } } },
      { stream_options: { include_usage: false } },
    ],
    ['providers', 'openrouter', { fields: { provider: { sort: 'price' } } }, { provider: { sort: 'price' } }],
  ])('overrule what the run says of %s', (_, name, prompt, expected) => {
    const body = asked(prompt, name);
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, body[key]]))).toEqual(expected);
  });

  test.each([
    ['theirs is lower', { prompt: '1.5', completion: 2 }, { prompt: '1.5', completion: '2' }],
    ['ours is lower', { prompt: 30, completion: '40' }, { prompt: '3', completion: '15' }],
    ['one of each', { prompt: 0, completion: '40', image: '1' }, { prompt: '0', completion: '15', image: '1' }],
    ['theirs is none', { prompt: 'much', completion: '' }, { prompt: '3', completion: '15' }],
  ])('leave the lower of two prices: %s', (_, theirs, lower) => {
    const fields = { provider: { order: ['Anthropic'], max_price: theirs } };
    expect(asked({ fields }, 'openrouter', bounded(price))['provider']).toEqual({
      order: ['Anthropic'],
      max_price: lower,
    });
  });

  test('may name models that stand in: the most expensive of all bounds the price', () => {
    const prices: Readonly<Record<string, Price>> = {
      [PROMPT.model]: { prompt: 0.000003, completion: 0.000015, request: 0 },
      'a/dear': { prompt: 0.00001, completion: 0.00001, request: 0 },
    };
    const fields = { models: ['a/dear', 'a/unknown', 7] };
    const body = asked(
      { fields },
      'openrouter',
      bounded((model) => prices[model] ?? null),
    );
    expect(body['provider']).toEqual({ max_price: { prompt: '10', completion: '15' } });
  });
});

const partsOf = (content: ChatMessage['content'], name?: string) =>
  (asked({ messages: [{ role: 'user', content }] }, name)['messages'] as readonly { readonly content: unknown }[])[0]
    ?.content;

describe('the mark up to which OpenRouter keeps a prompt', () => {
  const marked = { kind: 'text', text: 'Summarise. ', cacheable: true } as const;
  const text = { kind: 'text', text: 'A letter.' } as const;
  const image = { kind: 'image', mediaType: 'image/png', bytes: Buffer.from([1]) } as const;
  test('is set there alone, and what it parts is one text elsewhere', () => {
    expect(partsOf([marked, text])).toEqual([
      { type: 'text', text: 'Summarise. ', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'A letter.' },
    ]);
    expect(partsOf([marked, text], 'gemini')).toBe('Summarise. A letter.');
  });

  test('goes also where no text follows it', () => {
    expect(partsOf([marked, image], 'gemini')).toEqual([
      { type: 'text', text: 'Summarise. ' },
      expect.objectContaining({ type: 'image_url' }),
    ]);
    expect(partsOf([image, text], 'gemini')).toHaveLength(2);
    expect(partsOf('plain', 'gemini')).toBe('plain');
  });
});

describe('the parts of a message', () => {
  const bytes = Buffer.from([0, 255, 1, 254]);
  test.each<readonly [Exclude<ChatMessage['content'], string>[number], object]>([
    [
      { kind: 'text', text: '{{x}}' },
      { type: 'text', text: '{{x}}' },
    ],
    [
      { kind: 'text', text: 'Summarise.', cacheable: true },
      { type: 'text', text: 'Summarise.', cache_control: { type: 'ephemeral' } },
    ],
    [
      { kind: 'image', mediaType: 'image/png', bytes },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AP8B/g==' } },
    ],
    [
      { kind: 'linked image', url: 'https://example.org/a.png' },
      { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
    ],
    [
      { kind: 'audio', format: 'mp3', bytes },
      { type: 'input_audio', input_audio: { data: 'AP8B/g==', format: 'mp3' } },
    ],
    [
      { kind: 'file', name: 'a.pdf', mediaType: 'application/pdf', bytes },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AP8B/g==' } },
    ],
  ])('%j', (part, onTheWire) => {
    expect(partsOf([part, part])).toEqual([onTheWire, onTheWire]);
  });

  test('go with what was parsed of files before', () => {
    const messages: Prompt['messages'] = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: '', annotations: [{ type: 'file', file: { hash: '1' } }] },
    ];
    expect(asked({ messages })['messages']).toEqual(messages);
  });
});
