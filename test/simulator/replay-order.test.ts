import { expect, test } from '@jest/globals';
import { readReplayOrder } from '../../src/simulator/replay-cache.ts';

const BODY = Buffer.from('{"model":"a/b"}');
const ASKED = { 'x-openrouter-cache': 'true' };

function keyOf(body: string, authorization = 'Bearer a'): string | undefined {
  return readReplayOrder({ ...ASKED, authorization }, Buffer.from(body))?.key;
}

test('there is no order unless the header asks for one', () => {
  expect(readReplayOrder({}, BODY)).toBeNull();
  expect(readReplayOrder({ 'x-openrouter-cache': 'false' }, BODY)).toBeNull();
});

test('only the same bytes under the same API key have the same key', () => {
  expect(keyOf('{}')).toBe(keyOf('{}'));
  expect(keyOf('{}')).not.toBe(keyOf('{ }'));
  expect(keyOf('{}')).not.toBe(keyOf('{}', 'Bearer b'));
});

test.each([
  [undefined, 300],
  ['60', 60],
  ['0', 1],
  ['-5', 1],
  ['86401', 86_400],
  ['soon', 300],
])('a TTL of %p is %i seconds', (given, seconds) => {
  const headers = { ...ASKED, ...(given !== undefined && { 'x-openrouter-cache-ttl': given }) };
  expect(readReplayOrder(headers, BODY)?.ttlSeconds).toBe(seconds);
});

test('a kept answer is cleared if the header says so', () => {
  expect(readReplayOrder(ASKED, BODY)?.clear).toBe(false);
  expect(readReplayOrder({ ...ASKED, 'x-openrouter-cache-clear': 'true' }, BODY)?.clear).toBe(true);
});
