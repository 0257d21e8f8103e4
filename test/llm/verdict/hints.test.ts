import { expect, test } from '@jest/globals';
import { readHints } from '../../../src/llm/verdict/hints.ts';
import { readReportedError } from '../../../src/llm/verdict/reported-error.ts';
import { NO_HINTS } from '../judge-reply.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const DATE = 'Tue, 24 Nov 2026 11:00:00 GMT';

const left = (kind: string, count: string) => ({ [`x-ratelimit-remaining-${kind}`]: count });

const ROWS: readonly [string, Record<string, string>, object | null, number | null][] = [
  ['nothing', {}, null, null],
  ['seconds', { 'retry-after': '12' }, null, 12],
  ['a fraction', { 'retry-after': '1.5' }, null, 1.5],
  ['zero', { 'retry-after': '0' }, null, 0],
  ['below zero', { 'retry-after': '-3' }, null, 0],
  ['beyond any timer', { 'retry-after': '99999999999' }, null, 99_999_999_999],
  ['nonsense', { 'retry-after': 'soon' }, null, null],
  ['nonsense that falls through to the body', { 'retry-after': 'NaN' }, { retry_after_seconds: 4 }, 4],
  ['infinity', { 'retry-after': 'Infinity' }, null, null],
  ['blank', { 'retry-after': ' ' }, null, null],
  ["a date, against the reply's own", { 'retry-after': 'Tue, 24 Nov 2026 11:00:30 GMT', date: DATE }, null, 30],
  ['a date, against our clock', { 'retry-after': 'Tue, 24 Nov 2026 12:01:00 GMT' }, null, 60],
  ['a date that is past', { 'retry-after': 'Tue, 24 Nov 2026 10:00:00 GMT', date: DATE }, null, 0],
  ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '1' }, null, 0.25],
  ['seconds in the body', {}, { retry_after_seconds: 7 }, 7],
  ['seconds in the body, raw', {}, { retry_after_seconds_raw: 6.4 }, 6.4],
  ['seconds in the body as text', {}, { retry_after_seconds: '7' }, 7],
  ['a header quoted in the body', {}, { headers: { 'Retry-After': '9' } }, 9],
  ['a reset in milliseconds', { 'x-ratelimit-reset': String(NOW + 5000) }, null, 5],
  ['a reset in seconds', { 'x-ratelimit-reset': String(NOW / 1000 + 8) }, null, 8],
  ['a reset as the time to go', { 'x-ratelimit-reset': '20' }, null, 20],
  ['a reset that is past', { 'x-ratelimit-reset': String(NOW - 5000) }, null, 0],
  ['a reset quoted in the body', {}, { headers: { 'X-RateLimit-Reset': String(NOW + 2000) } }, 2],
  ['a reset as an ISO date', { 'x-ratelimit-reset': '2026-11-24T12:00:07Z' }, null, 7],
  ['an ISO date', { 'retry-after': '2026-11-24T12:00:09Z' }, null, 9],
  ['a date that no calendar holds', { 'retry-after': '2026-13-99T00:00:00Z' }, null, null],
  ['a thousand million seconds', { 'retry-after': '1000000000' }, null, 1_000_000_000],
  ['the largest number', { 'retry-after': '1.7e308', 'x-ratelimit-reset': '1.7e308' }, null, 1.7e308],
  ['more than the largest number', { 'retry-after': '1e309' }, null, null],
  ['requests that are spent', { ...left('requests', '0'), 'x-ratelimit-reset-requests': '6m1.5s' }, null, 361.5],
  ['tokens that are spent', { ...left('tokens', '0'), 'x-ratelimit-reset-tokens': '250ms' }, null, 0.25],
  ['requests that are left', { ...left('requests', '7'), 'x-ratelimit-reset-requests': '8s' }, null, null],
  [
    'both that are spent',
    {
      ...left('requests', '0'),
      ...left('tokens', '0'),
      'x-ratelimit-reset-requests': '8s',
      'x-ratelimit-reset-tokens': '1m',
    },
    null,
    60,
  ],
  ['a hint before a reset', { 'retry-after': '3', 'x-ratelimit-reset': '20' }, null, 3],
];

test.each(ROWS)('%s', (_, headers, metadata, seconds) => {
  const error = metadata === null ? null : readReportedError({ code: 429, message: 'wait', metadata });
  expect(readHints({ status: 429, headers, error }, NOW).retrySeconds).toBe(seconds);
});

test.each([
  [429, null, 20],
  [200, 429, 20],
  [200, null, null],
  [200, 502, null],
  [402, 402, null],
  [402, 429, null],
  [500, null, null],
  [503, 503, null],
  [null, null, null],
])('a reset beside status %s and an error of %s: %s', (status, code, seconds) => {
  const headers = { 'x-ratelimit-reset': '20' };
  const error =
    code === null ? null : readReportedError({ code, metadata: { headers: { 'X-RateLimit-Reset': '20' } } });
  expect(readHints({ status, headers, error }, NOW).retrySeconds).toBe(seconds);
  expect(readHints({ status, headers: { ...headers, 'retry-after': '3' }, error }, NOW).retrySeconds).toBe(3);
});

test('the availability of a model may carry the hint', () => {
  const error = readReportedError({ availability: { code: 'capacity_exhausted', retryable: true, retry_after: 11 } });
  expect(readHints({ status: 429, headers: {}, error }, NOW).retrySeconds).toBe(11);
});

test.each([
  ['Rate limit reached for gpt-4o on tokens per min (TPM). Please try again in 9.816s. Visit us.', 9.816],
  ['Rate limit reached. Please try again in 1h2m3s.', 3723],
  ['Please try again in 6ms', 0.006],
  ['Please retry after 86400 seconds.', 86_400],
  ['You reached max organization RPM, please try again after 1 seconds', 1],
  ['Quota exceeded. Please retry in 38.1s.', 38.1],
  ['Please try again later', null],
  ['Try again in a moment', null],
  [`Try again in ${'9'.repeat(400)}s`, null],
])('the words of a 429 may carry the hint: %s', (message, seconds) => {
  const error = readReportedError({ code: 429, message });
  expect(readHints({ status: 429, headers: {}, error }, NOW).retrySeconds).toBe(seconds);
  expect(readHints({ status: 429, headers: { 'retry-after': '3' }, error }, NOW).retrySeconds).toBe(3);
  expect(readHints({ status: 402, headers: {}, error }, NOW).retrySeconds).toBeNull();
});

test.each([
  ['a date', '2026-11-25T00:00:00Z', 43_200],
  ['seconds since the epoch', NOW / 1000 + 60, 60],
  ['milliseconds since the epoch', NOW + 60_000, 60],
  ['the past', '2026-11-24T00:00:00Z', 0],
  ['nonsense', 'tomorrow, perhaps', null],
  ['null', null, null],
  ['an object', {}, null],
])('a budget tells its reset by %s', (_, resetsAt, seconds) => {
  const error = readReportedError({ code: 403, metadata: { resets_at: resetsAt } });
  expect(readHints({ status: 403, headers: {}, error }, NOW)).toEqual({ ...NO_HINTS, resetSeconds: seconds });
});

test('of a 429, the reset of its quota is a hint as well', () => {
  const error = readReportedError({ code: 429, metadata: { resets_at: '2026-11-25T00:00:00Z' } });
  const source = { status: 429, headers: {}, error };
  expect(readHints(source, NOW)).toEqual({ ...NO_HINTS, retrySeconds: 43_200, resetSeconds: 43_200 });
});

test.each(['x-ratelimit-limit', 'ratelimit-remaining', 'ratelimit', 'anthropic-ratelimit-tokens-remaining'])(
  'the header %s beside a 429 names a rate',
  (name) => {
    const quoting = readReportedError({ code: 429, metadata: { headers: { [name.toUpperCase()]: '5' } } });
    expect(readHints({ status: 429, headers: { [name]: '5' }, error: null }, NOW).namesRate).toBe(true);
    expect(readHints({ status: 429, headers: {}, error: quoting }, NOW).namesRate).toBe(true);
    expect(readHints({ status: 500, headers: { [name]: '5' }, error: null }, NOW).namesRate).toBe(false);
  },
);
