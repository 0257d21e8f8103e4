import { expect, test } from '@jest/globals';
import type { Completion } from '../../src/simulator/completion.ts';
import { ReplayCache } from '../../src/simulator/replay-cache.ts';

const completion: Completion = {
  id: 'gen-1',
  created: 1,
  model: 'a/b',
  content: 'An answer.',
  refusal: null,
  extras: null,
  finishReason: 'stop',
  error: null,
  breaksOff: false,
  usage: null,
};
const ORDER = { key: 'one', ttlSeconds: 10, clear: false };

test('finds an answer from the moment when it is complete until it is too old', () => {
  const cache = new ReplayCache();
  cache.keep(ORDER, completion, 5000);
  const found = [4999, 5000, 14_999, 15_000].map((nowMs) => cache.find(ORDER, nowMs) !== undefined);
  expect(found).toEqual([false, true, true, false]);
});

test('finds no answer of another key, and none that is to be cleared', () => {
  const cache = new ReplayCache();
  cache.keep(ORDER, completion, 0);
  expect(cache.find({ ...ORDER, key: 'two' }, 0)).toBeUndefined();
  expect(cache.find(ORDER, 0)?.completion).toBe(completion);
  expect(cache.find({ ...ORDER, clear: true }, 0)).toBeUndefined();
  expect(cache.find(ORDER, 0)).toBeUndefined();
});
