import { describe, expect, test } from '@jest/globals';
import { LIMIT_CODES, type Limit, type Verdict } from '../../../src/domain/attempt.ts';
import { judgeReply, NOW } from '../judge-reply.ts';

type Headers = Record<string, string>;
type Row = readonly [what: string, status: number, body: unknown, headers: Headers, hintSeconds: number | null];

const said = (message: string, rest: object = {}) => ({ error: { message, ...rest } });
const openRouter = (code: number, message: string, metadata: object = {}) => said(message, { code, metadata });
const openAi = (message: string, type: string) => said(message, { type, param: null, code: 'rate_limit_exceeded' });
const anthropic = (type: string, message: string) => ({ type: 'error', ...said(message, { type }) });

const MIDNIGHT = '2026-11-25T00:00:00Z';
const TO_MIDNIGHT = 43_200;

const RATE: readonly Row[] = [
  ['Retry-After alone', 429, openRouter(429, 'Rate limit exceeded'), { 'retry-after': '12' }, 12],
  ['a page with Retry-After', 429, '<html></html>', { 'retry-after': '12' }, 12],
  ['a hint of 10^9 seconds', 429, openRouter(429, 'Wait'), { 'retry-after': '1000000000' }, 1e9],
  ['a date that is past', 429, openRouter(429, 'Wait'), { 'retry-after': 'Tue, 24 Nov 2026 10:00:00 GMT' }, 0],
  ['a hint in the body', 429, openRouter(429, 'Rate limit exceeded', { retry_after_seconds: 4 }), {}, 4],
  ['a hint under a success', 200, openRouter(429, 'Rate limit exceeded', { retry_after_seconds: 4 }), {}, 4],
  ['a free minute', 429, openRouter(429, 'Rate limit exceeded: free-models-per-min. '), {}, null],
  ['headers alone', 429, openRouter(429, 'Slow down'), { 'x-ratelimit-limit': '20' }, null],
  [
    "OpenRouter's reset in a quoted header",
    429,
    openRouter(429, 'Rate limit exceeded', { headers: { 'X-RateLimit-Reset': String(NOW + 9000) } }),
    {},
    9,
  ],
  ['requests per minute', 429, said('Rate limit exceeded: requests per minute'), {}, null],
  ['tokens, by their type alone', 429, openAi('Rate limit reached', 'tokens'), {}, null],
  [
    "OpenAI's tokens, with the wait in words",
    429,
    openAi('Rate limit reached for gpt-4o on tokens per min (TPM): Limit 10000. Please try again in 9.816s.', 'tokens'),
    {},
    9.816,
  ],
  [
    "OpenAI's headers",
    429,
    openAi('Rate limit reached', 'requests'),
    { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' },
    360,
  ],
  ["Azure's", 429, said('You have exceeded token rate limit of your tier. Please retry after 20 seconds.'), {}, 20],
  [
    "Anthropic's",
    429,
    anthropic('rate_limit_error', 'This request would exceed the rate limit of 20,000 input tokens per minute.'),
    { 'anthropic-ratelimit-requests-remaining': '0' },
    null,
  ],
  [
    'a quota that is filled again in a moment',
    429,
    openRouter(429, 'Wait', { resets_at: '2026-11-24T12:01:00Z' }),
    {},
    60,
  ],
];

const CONCURRENCY: readonly Row[] = [
  ['nothing but the status', 429, '', {}, null],
  ['a page', 429, '<html></html>', {}, null],
  ['no word of what', 429, openRouter(429, 'Rate limit exceeded', { error_type: 'rate_limit_exceeded' }), {}, null],
  ['no word of what, under a success', 200, openRouter(429, 'Rate limit exceeded'), {}, null],
  ['too many at once', 429, openRouter(429, 'Too many requests at once'), {}, null],
  ['concurrency with a hint', 429, said('Concurrency limit exceeded for user'), { 'retry-after': '1' }, 1],
  [
    "Anthropic's, beside headers of its rates",
    429,
    anthropic('rate_limit_error', 'Number of concurrent connections has exceeded your rate limit.'),
    { 'anthropic-ratelimit-requests-remaining': '40' },
    null,
  ],
  ["a provider's", 429, openRouter(429, 'Too many concurrent requests', { provider_name: 'Qwen' }), {}, null],
  ['parallel requests', 429, said('The maximum number of parallel requests is 4'), {}, null],
  ['OpenAI asking to slow down', 503, said('Slow down', { code: 'slow_down' }), {}, null],
];

const UPSTREAM: readonly Row[] = [
  ['the shared pool', 429, openRouter(429, 'Busy', { limit_source: 'upstream_provider_shared_pool' }), {}, null],
  [
    'the shared pool with a hint',
    429,
    openRouter(429, 'Busy', { limit_source: 'upstream_provider_shared_pool', retry_after_seconds: 3 }),
    {},
    3,
  ],
  [
    'the words in what is passed on',
    429,
    openRouter(429, 'Provider returned error', {
      provider_name: 'Chutes',
      raw: 'deepseek/deepseek-chat:free is temporarily rate-limited upstream. Please retry shortly.',
    }),
    {},
    null,
  ],
  [
    "a provider's own day",
    429,
    openRouter(429, 'Provider returned error', { provider_name: 'Google', raw: said('Quota of requests per day') }),
    {},
    null,
  ],
  ['503 with a hint', 503, openRouter(503, 'Busy', { error_type: 'provider_overloaded' }), { 'retry-after': '8' }, 8],
  ['529 with a hint', 529, anthropic('overloaded_error', 'Overloaded'), { 'retry-after': '8' }, 8],
];

const SPENDING: readonly Row[] = [
  [
    'by reason and source',
    402,
    openRouter(402, 'Wait', { reason: 'in_flight_budget_exhausted', limit_source: 'openrouter_in_flight_budget' }),
    { 'retry-after': '2' },
    2,
  ],
  ['by reason, without a hint', 402, openRouter(402, 'Wait', { reason: 'in_flight_budget_exhausted' }), {}, null],
  ['by source under 429', 429, openRouter(429, 'Wait', { limit_source: 'openrouter_in_flight_budget' }), {}, null],
  ['a 402 with a hint', 402, openRouter(402, 'Wait', { error_type: 'payment_required' }), { 'retry-after': '2' }, 2],
];

const LIMITS: readonly (readonly [Limit, string, readonly Row[]])[] = [
  ['rate', 'rate-limited', RATE],
  ['concurrency', 'too-many-at-once', CONCURRENCY],
  ['upstream', 'upstream-busy', UPSTREAM],
  ['spending', 'spending-held', SPENDING],
];

describe.each(LIMITS)('the limit %s (%s) is told by', (limit, code, rows) => {
  test.each(rows)('%s', (_, status, body, headers, hintSeconds) => {
    const cools = limit === 'concurrency' ? 'document' : 'model';
    const verdict: Verdict = { kind: 'retry', cools, hintSeconds, counts: false, limit };
    expect(judgeReply(status, body, headers)).toMatchObject({ verdict, code, billing: 'none' });
  });
});

const pause = (resetSeconds?: number): Verdict => ({
  kind: 'pause',
  scope: 'account',
  ...(resetSeconds !== undefined && { resetSeconds }),
});

const FAIL: Verdict = { kind: 'fail', suspect: false };

const MONEY: readonly (readonly [string, number, unknown, Headers, Verdict, string])[] = [
  [
    'a free day',
    429,
    openRouter(429, 'Rate limit exceeded: free-models-per-day', { headers: { 'X-RateLimit-Reset': '7200' } }),
    {},
    pause(7200),
    'daily-quota',
  ],
  [
    'a free day of a well-filled account, which does not say until when',
    429,
    openRouter(429, 'Rate limit exceeded: free-models-per-day-high-balance.'),
    {},
    pause(),
    'daily-quota',
  ],
  ['a quota with its reset', 429, openRouter(429, 'x', { resets_at: MIDNIGHT }), {}, pause(TO_MIDNIGHT), 'daily-quota'],
  [
    'requests per day',
    429,
    openAi('Rate limit reached on requests per day (RPD): Limit 200. Please try again in 7m12s.', 'requests'),
    {},
    pause(432),
    'daily-quota',
  ],
  ["OpenAI's quota", 429, said('x', { code: 'insufficient_quota' }), {}, pause(), 'quota-used-up'],
  [
    'a quota with a hint',
    429,
    said('x', { code: 'insufficient_quota' }),
    { 'retry-after': '60' },
    pause(),
    'quota-used-up',
  ],
  ['a balance', 429, said('x', { code: 'credit_balance_exhausted' }), { 'retry-after': '9' }, pause(), 'quota-used-up'],
  ['a usage limit', 429, said('x', { code: 'organization_usage_limit_exceeded' }), {}, pause(), 'quota-used-up'],
  ['a spending limit', 429, said('x', { code: 'project_spend_limit_exceeded' }), {}, pause(), 'budget-spent'],
  [
    "Anthropic's balance",
    400,
    anthropic('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
    {},
    pause(),
    'quota-used-up',
  ],
  ["DeepSeek's balance", 402, said('Insufficient Balance', { type: 'unknown_error' }), {}, pause(), 'credit-exhausted'],
  [
    'a budget with its reset',
    403,
    openRouter(403, 'x', { limit_source: 'openrouter_guardrail_budget', resets_at: MIDNIGHT }),
    {},
    pause(),
    'budget-spent',
  ],
  [
    'a budget with its reset, and a hint that is no wait for calls in flight',
    402,
    openRouter(402, 'x', { limit_source: 'openrouter_key_limit' }),
    { 'retry-after': '600' },
    pause(),
    'budget-spent',
  ],
  ['one request too dear', 402, openRouter(402, 'x', { reason: 'weight_exceeds_budget' }), {}, FAIL, 'too-dear'],
  [
    'too little credit for the longest answer',
    402,
    openRouter(402, 'You requested up to 65535 tokens, but can only afford 1371.', { error_type: 'payment_required' }),
    {},
    pause(),
    'credit-exhausted',
  ],
];

/** Only the requests of a day come back by themselves: what a person may mend at any moment is looked at every minute. */
describe('credit, quota and budget', () => {
  test.each(MONEY)('%s', (_, status, body, headers, verdict, code) => {
    const judgement = judgeReply(status, body, headers);
    expect(judgement).toMatchObject({ code, billing: 'none' });
    expect(judgement.verdict).toEqual(verdict);
  });
});

test('a request that no minute has room for fails, and may be a mistake of configuration', () => {
  const message = 'Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 64000.';
  expect(judgeReply(429, openAi(message, 'tokens'), { 'retry-after': '1' })).toMatchObject({
    verdict: { kind: 'fail', suspect: true },
    code: 'larger-than-rate',
  });
});

const messageUntil = (resetsAt: unknown) => judgeReply(429, openRouter(429, 'x', { resets_at: resetsAt })).message;

test('the words say until when, to the minute and never too early', () => {
  expect(messageUntil(MIDNIGHT)).toContain('(HTTP 429, until 2026-11-25 00:00 UTC)');
  expect(messageUntil('2026-11-25T00:00:01Z')).toContain('until 2026-11-25 00:01 UTC');
  expect(messageUntil(1.7e308)).toContain('(HTTP 429)');
});

test('the words say until when also of a budget, which may be raised before', () => {
  const body = openRouter(403, 'x', { limit_source: 'openrouter_key_limit', resets_at: MIDNIGHT });
  expect(judgeReply(403, body)).toMatchObject({
    verdict: pause(),
    message: expect.stringContaining('(HTTP 403, until 2026-11-25 00:00 UTC)'),
  });
});

test('every code of a limit has its name for people', () => {
  const judged = [...LIMITS.flatMap(([, code]) => code), ...MONEY.map(([, , , , , code]) => code)];
  expect(new Set(judged)).toEqual(new Set(LIMIT_CODES.keys()));
});
