import { expect, test } from '@jest/globals';
import { twiceIfNeeded } from '../../src/run/workspace.ts';

/** What fails so often before it goes well, and how often it was done. */
function failing(failures: number): { readonly calls: () => number; readonly work: () => void } {
  let calls = 0;
  const work = () => {
    calls += 1;
    if (calls <= failures) throw new Error(`failure ${calls}`);
  };
  return { calls: () => calls, work };
}

test.each([
  [0, 1],
  [1, 2],
])('what fails %d times is done %d times', (failures, times) => {
  const { work, calls } = failing(failures);
  twiceIfNeeded(work);
  expect(calls()).toBe(times);
});

test('what fails twice throws', () => {
  expect(() => twiceIfNeeded(failing(2).work)).toThrow('failure 2');
});
