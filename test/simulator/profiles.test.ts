import { describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { UsageError } from '../../src/domain/errors.ts';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import { PROFILE_NAMES, profileOf } from '../../src/simulator/profiles.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { call, eventsOf, simulatorsForTests } from './support.ts';

const start = simulatorsForTests();
const KEY = { authorization: 'Bearer sk-of-a-test' };
const DOCUMENT = '# Minutes\n\nThe board met. It agreed on the budget. All went home.\n';

function modelOf(as: string): string {
  return profileOf(as).models[0]?.id ?? '';
}

interface Options {
  /** Of the user's message. */
  readonly content?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly plan?: FaultPlan;
}

/** One call to an API that is played. */
async function ask(as: string, fields: object = {}, { content = DOCUMENT, headers = KEY, plan = {} }: Options = {}) {
  const simulator = await start(plan, { as });
  const body = { model: modelOf(as), messages: [{ role: 'user', content }], ...fields };
  return call(`${simulator.url}/chat/completions`, { method: 'POST', body, headers });
}

const PDF = `data:application/pdf;base64,${Buffer.from('%PDF-1.4').toString('base64')}`;
const WITH_FILE = [
  { type: 'text', text: 'Read this.' },
  { type: 'file', file: { filename: 'a.pdf', file_data: PDF } },
];

test('every API of the issue is played', () => {
  const names =
    'openrouter openai gemini mistral groq deepseek xai anthropic cerebras together fireworks lmstudio llamacpp vllm ' +
    'ollama azure bedrock';
  expect(PROFILE_NAMES).toEqual(names.split(' '));
});

test('a name that is none is refused, with the nearest and all that there are', async () => {
  await expect(startSimulator({ as: 'gemni' })).rejects.toThrow(
    new UsageError(`The simulator cannot play "gemni": it plays ${PROFILE_NAMES.join(', ')}. Did you mean gemini?`),
  );
});

describe.each(PROFILE_NAMES)('the openai client reads %s', (as) => {
  const client = async (plan = {}) => {
    const simulator = await start(plan, { as });
    return { simulator, openai: new OpenAI({ baseURL: simulator.url, apiKey: 'sk-of-a-test', maxRetries: 0 }) };
  };
  const messages = [{ role: 'user' as const, content: DOCUMENT }];
  const model = modelOf(as);

  test('in one body and as a stream, with its usage', async () => {
    const { openai, simulator } = await client();
    const whole = await openai.chat.completions.create({ model, messages });
    const options = { include_usage: true };
    const asked = profileOf(as).usage === 'asked' ? { stream_options: options } : {};
    const chunks = [];
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true, ...asked }))
      chunks.push(chunk);

    const streamed = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(streamed).toBe(whole.choices[0]?.message.content);
    expect(streamed).toContain('The board met.');
    expect(chunks.findLast(({ usage }) => usage)?.usage?.total_tokens).toBe(whole.usage?.total_tokens);
    expect(simulator.billing()).toMatchObject([{ requests: 2, answered: 2, billed: 2 }]);
  });

  test('and takes its 429 for one', async () => {
    const { openai } = await client({ faults: [{ kind: 'status', status: 429, retryAfter: 7 }] });
    await expect(openai.chat.completions.create({ model, messages })).rejects.toThrow(OpenAI.RateLimitError);
  });
});

const openai = (message: string, words: object) => ({
  error: { message, type: 'invalid_request_error', param: null, code: null, ...words },
});
const long = (words: number) => ({ content: 'word '.repeat(words) });
const google = (code: number, status: string, message: unknown, details: unknown = []) => [
  { error: { code, status, message, details } },
];

describe('refuses in its own words and shape', () => {
  const BAD = { headers: { authorization: 'Bearer bad-key' } };
  const REASONING = { reasoning: { effort: 'high' } };
  test.each<[string, string, object, object, number, unknown]>([
    ['openai', 'a field', REASONING, {}, 400, openai('Unrecognized request argument supplied: reasoning', {})],
    [
      'openai',
      'max_tokens',
      { max_tokens: 9 },
      {},
      400,
      openai(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        { param: 'max_tokens', code: 'unsupported_parameter' },
      ),
    ],
    [
      'openai',
      'a temperature',
      { temperature: 0.2 },
      {},
      400,
      openai(
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
        { param: 'temperature', code: 'unsupported_value' },
      ),
    ],
    [
      'gemini',
      'a key',
      {},
      BAD,
      400,
      google(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
      ]),
    ],
    [
      'gemini',
      'a field',
      REASONING,
      {},
      400,
      google(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unknown name "reasoning": Cannot find field.'),
    ],
    [
      'gemini',
      'a model',
      { model: 'x' },
      {},
      404,
      google(404, 'NOT_FOUND', expect.stringContaining('models/x is not found')),
    ],
    ['mistral', 'a key', {}, BAD, 401, { detail: 'Unauthorized' }],
    [
      'mistral',
      'a field',
      { stream_options: { include_usage: true } },
      {},
      422,
      {
        object: 'error',
        message: {
          detail: [
            {
              type: 'extra_forbidden',
              loc: ['body', 'stream_options'],
              msg: 'Extra inputs are not permitted',
              input: { include_usage: true },
            },
          ],
        },
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
    ],
    [
      'mistral',
      'a model',
      { model: 'x' },
      {},
      400,
      { object: 'error', message: 'Invalid model: x', type: 'invalid_model', param: null, code: '1500' },
    ],
    ['groq', 'a field', REASONING, {}, 400, openai("property 'reasoning' is unsupported", {})],
    [
      'groq',
      'max_tokens',
      { max_tokens: 64_000 },
      {},
      400,
      openai(
        '`max_tokens` must be less than or equal to `32768`, the maximum value for `max_tokens` is less than the `context_window` for this model',
        { param: 'max_tokens' },
      ),
    ],
    [
      'deepseek',
      'max_tokens',
      { max_tokens: 64_000 },
      {},
      400,
      openai('Invalid max_tokens value, the valid range of max_tokens is [1, 8192]', { code: 'invalid_request_error' }),
    ],
    [
      'deepseek',
      'a schema',
      { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
      {},
      400,
      openai('This response_format type is unavailable now', { code: 'invalid_request_error' }),
    ],
    [
      'deepseek',
      'JSON without the word',
      { response_format: { type: 'json_object' } },
      {},
      400,
      openai("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", {
        param: 'messages',
      }),
    ],
    [
      'xai',
      'a key',
      {},
      BAD,
      400,
      {
        code: 'Client specified an invalid argument',
        error: 'Incorrect API key provided: ba***ey. You can obtain an API key from https://console.x.ai.',
      },
    ],
    [
      'anthropic',
      'a long document',
      {},
      long(200_000),
      400,
      openai('prompt is too long: 250000 tokens > 200000 maximum', {}),
    ],
    [
      'cerebras',
      'a field',
      REASONING,
      {},
      400,
      {
        message: "property 'reasoning' is unsupported",
        type: 'invalid_request_error',
        param: 'validation_error',
        code: 'wrong_api_format',
      },
    ],
    [
      'together',
      'max_tokens',
      { max_tokens: 200_000 },
      {},
      422,
      openai(
        expect.stringContaining(
          'must be <= 131072. Given: 17 `inputs` tokens and 200000 `max_new_tokens`',
        ) as unknown as string,
        {},
      ),
    ],
    [
      'fireworks',
      'a field',
      REASONING,
      {},
      400,
      {
        error: {
          object: 'error',
          type: 'invalid_request_error',
          code: 'invalid_request_error',
          message: `Extra inputs are not permitted, field: 'reasoning', value: {"effort":"high"}`,
        },
      },
    ],
    [
      'lmstudio',
      'JSON without a schema',
      { response_format: { type: 'json_object' } },
      {},
      400,
      { error: "'response_format.type' must be 'json_schema' or 'text'" },
    ],
    [
      'llamacpp',
      'a long document',
      {},
      long(10_000),
      400,
      {
        error: {
          code: 400,
          message: 'request (12500 tokens) exceeds the available context size (8192 tokens), try increasing it',
          type: 'exceed_context_size_error',
          n_prompt_tokens: 12_500,
          n_ctx: 8_192,
        },
      },
    ],
    [
      'vllm',
      'max_tokens',
      { max_tokens: 64_000 },
      {},
      400,
      {
        error: {
          message: expect.stringContaining(
            "This model's maximum context length is 32768 tokens and your request has 17 input tokens",
          ),
          type: 'BadRequestError',
          param: 'max_tokens',
          code: 400,
        },
      },
    ],
    [
      'vllm',
      'a file',
      {},
      { content: WITH_FILE },
      400,
      { error: { message: 'Unknown part type: file', type: 'BadRequestError', param: null, code: 400 } },
    ],
    [
      'ollama',
      'a model',
      { model: 'x' },
      {},
      404,
      openai('model "x" not found, try pulling it first', { type: 'api_error' }),
    ],
    [
      'azure',
      'a model',
      { model: 'x' },
      {},
      404,
      openai(expect.stringContaining('The API deployment for this resource does not exist.') as unknown as string, {
        type: null,
        code: 'DeploymentNotFound',
      }),
    ],
    ['bedrock', 'a key', {}, BAD, 403, { Message: 'Invalid API Key format: Must start with pre-defined prefix' }],
    [
      'bedrock',
      'max_tokens',
      { max_tokens: 64_000 },
      {},
      400,
      {
        message:
          'The maximum tokens you requested exceeds the model limit of 32768. Try again with a maximum tokens value that is lower than 32768.',
      },
    ],
  ])('%s: %s', async (as, _what, fields, options, status, body) => {
    const reply = await ask(as, fields, options);
    expect({ status: reply.status, body: JSON.parse(reply.text) }).toEqual({ status, body });
  });

  test.each([
    'deepseek',
    'groq',
    'cerebras',
    'bedrock',
    'gemini',
    'mistral',
    'xai',
    'anthropic',
    'together',
    'lmstudio',
  ])('%s: a file', async (as) => {
    expect((await ask(as, {}, { content: WITH_FILE })).status).toBeGreaterThanOrEqual(400);
  });

  test('passes over what it does not know where the API does', async () => {
    for (const as of ['ollama', 'vllm', 'llamacpp', 'lmstudio', 'xai', 'anthropic', 'together', 'deepseek', 'bedrock'])
      expect((await ask(as, { reasoning: { effort: 'high' }, provider: {} })).status).toBe(200);
  });

  test('a field of null is as one that is not there', async () => {
    expect((await ask('mistral', { reasoning: null })).status).toBe(200);
  });
});

describe('a wait of 7 s stands where the API has it', () => {
  test.each<[string, object, string]>([
    ['openai', { 'retry-after': '7', 'retry-after-ms': '7000' }, 'Please try again in 7s.'],
    ['gemini', {}, '"retryDelay":"7s"'],
    ['mistral', {}, 'Rate limit exceeded'],
    ['groq', { 'retry-after': '7' }, 'Please try again in 7s.'],
    ['xai', {}, 'Some resource has been exhausted'],
    ['anthropic', { 'retry-after': '7', 'anthropic-ratelimit-requests-reset': expect.stringMatching(/T.*Z$/) }, ''],
    ['together', { 'x-ratelimit-reset': '7' }, 'queries per minute'],
    ['cerebras', { 'retry-after': '7' }, 'Tokens per minute limit exceeded'],
    ['azure', { 'retry-after': '7', 'retry-after-ms': '7000' }, 'Please retry after 7 seconds.'],
    ['bedrock', {}, 'Too many tokens, please wait before trying again.'],
  ])('%s', async (as, headers, words) => {
    const plan = { faults: [{ kind: 'status' as const, status: 429, retryAfter: 7 }] };
    const reply = await ask(as, {}, { plan });
    expect(reply.status).toBe(429);
    expect(reply.headers).toMatchObject(headers);
    expect(reply.text).toContain(words);
    expect('retry-after' in reply.headers).toBe('retry-after' in headers);
  });

  test('a rate of the plan is told the same way, and without a wait the sentence about it is left out', async () => {
    const limited = await start({ window: { calls: 1, seconds: 60 } }, { as: 'groq' });
    const chat = () =>
      call(`${limited.url}/chat/completions`, {
        method: 'POST',
        headers: KEY,
        body: { model: modelOf('groq'), messages: [{ role: 'user', content: 'x' }] },
      });
    expect((await chat()).status).toBe(200);
    expect((await chat()).text).toMatch(/Please try again in 60s\./);
    const full = await ask('groq', {}, { plan: { faults: [{ kind: 'status' as const, status: 429 }] } });
    expect(full.text).not.toMatch(/try again in/);
  });

  test('the quota of a day is told as Gemini tells it: with a short wait that does not help', async () => {
    const reply = await ask('gemini', {}, { plan: { dailyQuota: 0 } });
    expect(JSON.parse(reply.text)[0].error.details).toMatchObject([
      { violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] },
      { retryDelay: '37s' },
    ]);
  });
});

describe('a prompt over the context', () => {
  const LONG = { content: 'word '.repeat(20_000) };

  test('is cut by ollama: the usage alone tells', async () => {
    const value = JSON.parse((await ask('ollama', {}, LONG)).text);
    expect(value.choices[0].finish_reason).toBe('stop');
    expect(value.usage.prompt_tokens).toBe(4_096);
  });

  test('is swallowed by lmstudio: no content, and a usage; or an error under 200', async () => {
    const streamed = await ask('lmstudio', { stream: true, stream_options: { include_usage: true } }, LONG);
    const chunks = eventsOf(streamed.text)
      .slice(0, -1)
      .map((data) => JSON.parse(data));
    expect(chunks).toMatchObject([
      { choices: [{ delta: { content: '' }, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 25_000 } },
    ]);
    const whole = await ask('lmstudio', {}, LONG);
    expect({ status: whole.status, body: JSON.parse(whole.text) }).toEqual({
      status: 200,
      body: { error: expect.stringMatching(/n_keep: 25000>= n_ctx: 8192/) },
    });
  });

  test.each([
    ['ollama', '/api/ps', { models: [{ context_length: 4_096 }] }],
    ['lmstudio', '/api/v1/models', { models: [{ loaded_instances: [{ config: { context_length: 8_192 } }] }] }],
    ['lmstudio', '/api/v0/models', { data: [{ loaded_context_length: 8_192 }] }],
    ['llamacpp', '/props', { default_generation_settings: { n_ctx: 8_192 } }],
  ])('%s tells its context at %s', async (as, path, told) => {
    const simulator = await start({}, { as });
    const reply = await call(new URL(path, simulator.url).href);
    expect(JSON.parse(reply.text)).toMatchObject(told);
  });
});

async function list(as: string) {
  const simulator = await start({}, { as });
  const { status, headers, text } = await call(`${simulator.url}/models`, { headers: KEY });
  return { status, tells: headers['x-sluice-simulator'], value: JSON.parse(text) };
}

describe('its list of models', () => {
  test.each([
    ['gemini', { data: [{ id: 'models/gemini-2.5-flash' }, { id: 'models/gemma-3-27b-it' }] }],
    ['mistral', { data: [{ max_context_length: 131_072 }] }],
    ['groq', { data: [{ context_window: 131_072 }] }],
    ['vllm', { data: [{ max_model_len: 32_768 }] }],
    ['together', [{ context_length: 131_072, pricing: { input: 0.88, output: 0.88 } }]],
  ])('of %s', async (as, value) => {
    expect((await list(as)).value).toMatchObject(value);
  });

  test('Bedrock has none', async () => {
    expect((await list('bedrock')).status).toBe(404);
  });

  test('tells that it is a simulator only if no API is played', async () => {
    const plain = await start();
    expect((await call(`${plain.url}/models`)).headers['x-sluice-simulator']).toBe('openrouter');
    expect((await list('openrouter')).tells).toBeUndefined();
    expect((await list('gemini')).tells).toBeUndefined();
  });
});

test('a model does what its instructions say of JSON, where the API takes no format', async () => {
  const simulator = await start({}, { as: 'anthropic' });
  const system = 'Summarise.\n\nAnswer with JSON alone, which satisfies this JSON Schema:\n';
  const schema = { type: 'object', properties: { year: { type: 'integer' } }, required: ['year'] };
  const messages = [
    { role: 'system', content: system + JSON.stringify(schema) },
    { role: 'user', content: DOCUMENT },
  ];
  const body = { model: modelOf('anthropic'), messages };
  const reply = await call(`${simulator.url}/chat/completions`, { method: 'POST', body, headers: KEY });
  expect(JSON.parse(JSON.parse(reply.text).choices[0].message.content)).toEqual({ year: expect.any(Number) });
});

test('anthropic answers in prose whatever format is asked for', async () => {
  const format = { type: 'json_schema', json_schema: { schema: { type: 'object' } } };
  const reply = JSON.parse((await ask('anthropic', { response_format: format })).text);
  expect(reply.choices[0].message.content).toMatch(/^# Minutes/);
});

test.each([
  ['deepseek', 'reasoning_content'],
  ['groq', 'reasoning'],
  ['openai', undefined],
])('%s tells what the model thought as %s', async (as, name) => {
  const { message } = JSON.parse((await ask(as, {}, { plan: { reasoning: true } })).text).choices[0];
  expect(Object.keys(message).find((key) => key.startsWith('reasoning'))).toBe(name);
});

test.each([
  ['xai', { cost_in_usd_ticks: expect.any(Number) }],
  ['deepseek', { prompt_cache_hit_tokens: 0, prompt_cache_miss_tokens: 17 }],
])('the usage of %s', async (as, usage) => {
  const reply = JSON.parse((await ask(as)).text);
  expect(reply.usage).toMatchObject(usage);
  expect(reply.usage.cost).toBeUndefined();
});
