import { expect, test } from '@jest/globals';
import { getOrInsertComputed } from '../../src/lib/collections.ts';

test('a value is computed where there is none yet, and null is one', () => {
  const map = new Map<string, string | null>([['empty', null]]);
  const get = (key: string): string | null => getOrInsertComputed(map, key, () => `made ${map.size}`);
  expect(['a', 'b', 'a', 'empty'].map(get)).toEqual(['made 1', 'made 2', 'made 1', null]);
  expect([...map.keys()]).toEqual(['empty', 'a', 'b']);
});
