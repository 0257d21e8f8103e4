import { expect, test } from '@jest/globals';
import { readApiError } from '../../src/llm/api-error.ts';
import { retryHint } from '../../src/llm/hints.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const DATE = 'Tue, 24 Nov 2026 11:00:00 GMT';

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
  ['a hint before a reset', { 'retry-after': '3', 'x-ratelimit-reset': '20' }, null, 3],
];

test.each(ROWS)('%s', (_, headers, metadata, seconds) => {
  const error = metadata === null ? null : readApiError({ code: 429, message: 'wait', metadata });
  expect(retryHint({ status: 429, headers, error }, NOW)).toBe(seconds);
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
  const error = code === null ? null : readApiError({ code, metadata: { headers: { 'X-RateLimit-Reset': '20' } } });
  expect(retryHint({ status, headers, error }, NOW)).toBe(seconds);
  expect(retryHint({ status, headers: { ...headers, 'retry-after': '3' }, error }, NOW)).toBe(3);
});

test('the availability of a model may carry the hint', () => {
  const error = readApiError({ availability: { code: 'capacity_exhausted', retryable: true, retry_after: 11 } });
  expect(retryHint({ status: 429, headers: {}, error }, NOW)).toBe(11);
});
