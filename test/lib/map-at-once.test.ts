import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mapAtOnce } from '../../src/lib/collections.ts';

test('works on so many at once and no more, and keeps the order', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number): Promise<number> => {
    running += 1;
    most = Math.max(most, running);
    await setTimeout(10 - item);
    running -= 1;
    return item * 2;
  };
  expect(await mapAtOnce([1, 2, 3, 4, 5, 6, 7], 3, work)).toEqual([2, 4, 6, 8, 10, 12, 14]);
  expect(most).toBe(3);
  expect(await mapAtOnce([], 3, work)).toEqual([]);
});

test('rejects with what one of them rejects with', async () => {
  await expect(mapAtOnce([1, 2, 3], 2, refuseTwo)).rejects.toThrow('two');
});

function refuseTwo(item: number): Promise<number> {
  return item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item);
}
