import { afterEach, describe, expect, test } from '@jest/globals';
import type { AttemptOutcome, Verdict } from '../../../src/domain/attempt.ts';
import { attempt, type Listening, PROMPT, serve } from '../support.ts';

const servers: Listening[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** What comes of a call that a real server answers so. A text is sent as it is. */
async function refusedWith(status: number, body: unknown, type = 'application/json'): Promise<AttemptOutcome> {
  const server = await serve((_, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  servers.push(server);
  return attempt(server.url);
}

const google = (code: number, message: string, status: string, details: readonly unknown[] = []) => [
  { error: { code, message, status, details } },
];
const QUOTA = 'type.googleapis.com/google.rpc.QuotaFailure';
const quota = (quotaId: string, retryDelay: string) =>
  google(429, 'You exceeded your current quota.', 'RESOURCE_EXHAUSTED', [
    { '@type': QUOTA, violations: [{ quotaMetric: 'requests', quotaId }] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
  ]);

const ACCOUNT: Verdict = { kind: 'pause', scope: 'account' };
const MODEL: Verdict = { kind: 'pause', scope: 'model' };
const SUSPECT: Verdict = { kind: 'fail', suspect: true };
const FAIL: Verdict = { kind: 'fail', suspect: false };
const wait = (hintSeconds: number | null, limit: 'rate' | 'upstream') =>
  ({ kind: 'retry', cools: 'model', hintSeconds, counts: false, limit }) as const;

interface Shape {
  readonly status: number;
  readonly body: unknown;
  readonly code: string;
  readonly verdict: Verdict;
  /** The server's own sentence. */
  readonly says: string;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'Gemini, a list of one: a wrong key': {
    status: 400,
    body: google(400, 'API key not valid. Please pass a valid API key.', 'INVALID_ARGUMENT', [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
    ]),
    code: 'key-refused',
    verdict: ACCOUNT,
    says: 'API key not valid',
  },
  'Gemini: too many a minute, with a wait': {
    status: 429,
    body: quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier', '34s'),
    code: 'rate-limited',
    verdict: wait(34, 'rate'),
    says: 'You exceeded your current quota.',
  },
  'Gemini: the quota of the day, whatever wait stands beside it': {
    status: 429,
    body: quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier', '34s'),
    code: 'daily-quota',
    verdict: ACCOUNT,
    says: 'You exceeded your current quota.',
  },
  'Gemini: no such model': {
    status: 404,
    body: google(404, 'models/gemini-9 is not found for API version v1main.', 'NOT_FOUND'),
    code: 'model-not-found',
    verdict: MODEL,
    says: 'models/gemini-9 is not found',
  },
  'Gemini: not in this country': {
    status: 400,
    body: google(400, 'User location is not supported for the API use.', 'FAILED_PRECONDITION'),
    code: 'model-unavailable',
    verdict: MODEL,
    says: 'User location',
  },
  'Mistral, a sentence alone: a wrong key': {
    status: 401,
    body: { detail: 'Invalid API Key' },
    code: 'key-refused',
    verdict: ACCOUNT,
    says: 'Invalid API Key',
  },
  'Mistral, a list of complaints': {
    status: 422,
    body: {
      object: 'error',
      message: {
        detail: [
          { type: 'less_than', loc: ['body', 'temperature'], msg: 'Input should be less than 1.5', input: 'SECRET' },
        ],
      },
      type: 'invalid_request_error',
    },
    code: 'unprocessable',
    verdict: SUSPECT,
    says: 'body.temperature: Input should be less than 1.5',
  },
  'FastAPI, several complaints': {
    status: 422,
    body: {
      detail: [
        { loc: ['body', 'top_k'], msg: 'value is not a valid integer', type: 'type_error.integer' },
        { loc: ['body', 'n', 0], msg: 'field required', type: 'value_error.missing' },
      ],
    },
    code: 'unprocessable',
    verdict: SUSPECT,
    says: 'body.top_k: value is not a valid integer; body.n.0: field required',
  },
  'Cerebras, at the top': {
    status: 404,
    body: { message: 'Model qwen-9 does not exist.', type: 'not_found_error', param: 'model', code: 'model_not_found' },
    code: 'model-not-found',
    verdict: MODEL,
    says: 'Model qwen-9 does not exist.',
  },
  'Bedrock, a message alone: throttled': {
    status: 429,
    body: { message: 'Too many tokens, please wait before trying again.' },
    code: 'rate-limited',
    verdict: wait(null, 'rate'),
    says: 'Too many tokens',
  },
  'Cohere, a message alone': {
    status: 400,
    body: { message: 'invalid request: message must be at least 1 token long' },
    code: 'bad-request',
    verdict: SUSPECT,
    says: 'message must be at least 1 token long',
  },
  'vLLM, before 2025': {
    status: 404,
    body: { object: 'error', message: 'The model `m` does not exist.', type: 'NotFoundError', param: null, code: 404 },
    code: 'model-not-found',
    verdict: MODEL,
    says: 'The model `m` does not exist.',
  },
  'Hugging Face, with its type beside it': {
    status: 422,
    body: { error: 'Template error: template not found', error_type: 'template_error' },
    code: 'unprocessable',
    verdict: SUSPECT,
    says: 'template not found',
  },
  'Spring, a title and a sentence': {
    status: 400,
    body: { status: 400, error: 'Bad Request', message: 'messages must not be empty', path: '/v1/chat/completions' },
    code: 'bad-request',
    verdict: SUSPECT,
    says: 'messages must not be empty',
  },
  'Cloudflare, a list of errors': {
    status: 400,
    body: { success: false, errors: [{ code: 5006, message: 'required properties at / are messages' }] },
    code: 'bad-request',
    verdict: SUSPECT,
    says: 'required properties at / are messages',
  },
  'RFC 9457, a problem': {
    status: 400,
    body: { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'messages is missing' },
    code: 'bad-request',
    verdict: SUSPECT,
    says: 'messages is missing',
  },
  'a server in Rust, a text': {
    status: 422,
    body: 'Failed to deserialize the JSON body: messages: invalid type: null, expected a sequence at line 1',
    code: 'unprocessable',
    verdict: SUSPECT,
    says: 'invalid type: null, expected a sequence',
  },
  'a text that begins as the events of a stream do': {
    status: 400,
    body: 'error: request body could not be read',
    code: 'bad-request',
    verdict: SUSPECT,
    says: 'request body could not be read',
  },
  'Azure: its content filter': {
    status: 400,
    body: {
      error: {
        code: 'content_filter_x',
        message: 'The response was filtered.',
        status: 400,
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
    },
    code: 'moderated',
    verdict: FAIL,
    says: 'The response was filtered.',
  },
  'DeepSeek: no balance': {
    status: 402,
    body: { error: { message: 'Insufficient Balance', type: 'unknown_error', code: 'insufficient_balance' } },
    code: 'quota-used-up',
    verdict: ACCOUNT,
    says: 'Insufficient Balance',
  },
  'OpenAI: flex has nothing left over': {
    status: 429,
    body: { error: { message: 'Resource unavailable.', type: 'invalid_request_error', code: 'resource_unavailable' } },
    code: 'upstream-busy',
    verdict: wait(null, 'upstream'),
    says: 'Resource unavailable.',
  },
  'Groq: flex has nothing left over': {
    status: 498,
    body: { error: { message: 'Flex tier capacity exceeded.' } },
    code: 'upstream-busy',
    verdict: wait(null, 'upstream'),
    says: 'Flex tier capacity exceeded.',
  },
  'OpenAI: a model of another endpoint': {
    status: 404,
    body: { error: { message: 'This model is only supported in v1/responses and not in v1/chat/completions.' } },
    code: 'not-chat-completions',
    verdict: MODEL,
    says: 'only supported in v1/responses',
  },
  'LM Studio, under 200: the prompt is over its context': {
    status: 200,
    body: { error: 'The number of tokens to keep from the initial prompt is greater than the context length.' },
    code: 'context-too-long',
    verdict: FAIL,
    says: 'greater than the context length',
  },
  'Ollama: the same': {
    status: 400,
    body: { error: { message: 'input length exceeds the context length', type: 'invalid_request_error' } },
    code: 'context-too-long',
    verdict: FAIL,
    says: 'input length exceeds the context length',
  },
};

describe('an error of', () => {
  test.each(Object.entries(SHAPES))('%s', async (_, { status, body, code, verdict, says }) => {
    const { record, verdict: given } = await refusedWith(status, body);
    expect(given).toEqual(verdict);
    expect(record).toMatchObject({ code, billing: 'none', status });
    expect(record.message).toContain(says);
    expect(record.message).not.toContain('SECRET');
  });
});

describe('what stands in front of an API', () => {
  test.each([
    ['a message alone', { message: 'Endpoint request timed out' }],
    ['a text', 'upstream request timeout'],
  ])('may say so, and does not know what was billed: %s', async (_, body) => {
    const { record } = await refusedWith(504, body, typeof body === 'string' ? 'text/plain' : undefined);
    expect(record).toMatchObject({ verdict: 'retry', billing: 'in doubt' });
    expect(record.message).toContain(typeof body === 'string' ? body : body.message);
  });

  test.each([
    ['a text', 'Forbidden'],
    ['a message alone', { message: 'Forbidden' }],
  ])('says nothing against the key: %s', async (_, body) => {
    expect(await refusedWith(403, body)).toMatchObject({ record: { code: 'blocked' }, verdict: SUSPECT });
  });

  test('but a sentence that speaks of the key does: Bedrock says no more', async () => {
    const body = { Message: 'Invalid API Key format: Must start with pre-defined prefix' };
    expect(await refusedWith(403, body)).toMatchObject({ record: { code: 'key-refused' }, verdict: ACCOUNT });
  });

  test('a page is not quoted', async () => {
    const { record } = await refusedWith(400, '<html><title>Trouble</title></html>', 'text/html');
    expect(record.message).not.toContain('Trouble');
  });

  test('nor is the document, if a text quotes it', async () => {
    const { record } = await refusedWith(400, `cannot read: ${JSON.stringify(PROMPT.messages)}`, 'text/plain');
    expect(record.message).toContain('It says: can');
    expect(record.message).not.toContain('harbour committee');
  });
});

test('an error nested as deep as JSON goes is read without harm', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect((await refusedWith(400, `{"message":${deep}}`)).record.code).toBe('bad-request');
});
