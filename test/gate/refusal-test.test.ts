import { describe, expect, test } from '@jest/globals';
import { RefusalTest } from '../../src/gate/refusal-test.ts';
import { seededRandom } from './simulated-api.ts';

const PROVEN = 5;
const LIMITS = { proven: PROVEN, tooMany: 8 };

/** What is made of these calls, of which only those that are refused are told; each with so many in flight. */
function meanings(refused: readonly number[], inFlight = PROVEN): readonly string[] {
  const refusals = new RefusalTest();
  return refused.map((number) => refusals.refused({ number, startedAt: number, inFlight }, LIMITS));
}

describe('refusals', () => {
  test.each<readonly [string, readonly number[], readonly string[]]>([
    ['are chance one by one', [10, 30, 50], ['chance', 'chance', 'chance']],
    ['go on from the third in a row', [10, 11, 12, 13], ['chance', 'chance', 'goes on', 'goes on']],
    ['go on if a few calls between them are taken', [10, 11, 13, 14], ['chance', 'chance', 'chance', 'goes on']],
    ['are chance again when a few were taken', [10, 11, 12, 18], ['chance', 'chance', 'goes on', 'chance']],
  ])('%s', (_, refused, expected) => {
    expect(meanings(refused)).toEqual(expected);
  });

  test('go on from the second in a row where as many calls were not taken lately', () => {
    expect(meanings([10, 11], PROVEN + 1)).toEqual(['chance', 'goes on']);
  });

  test('go on from the first with as many in flight as were too many whenever they were tried', () => {
    expect(meanings([10], LIMITS.tooMany)).toEqual(['goes on']);
  });

  test.each([
    [0.03, 3],
    [0.08, 40],
  ])('of a share of %d that comes by chance go on at most %d times in 10,000 calls', (share, most) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const random = seededRandom(seed);
      const refused = Array.from({ length: 10_000 }, (_, index) => index + 1).filter(() => random() < share);
      expect(meanings(refused).filter((meaning) => meaning === 'goes on').length).toBeLessThanOrEqual(most);
    }
  });

  test('that are as many after calls became fewer show that it did not help, and more of them is chance from then on', () => {
    const refusals = new RefusalTest();
    const ofEach = (number: number): string => refusals.refused({ number, startedAt: 0, inFlight: PROVEN }, LIMITS);
    expect([1, 2, 3].map(ofEach).at(-1)).toBe('goes on');
    refusals.becameFewer(3);
    expect([8, 13, 18, 23].map(ofEach)).toEqual(['chance', 'chance', 'chance', 'no help']);
    refusals.expectMore();
    expect([40, 41, 42, 43].map(ofEach)).toEqual(['chance', 'chance', 'chance', 'goes on']);
  });
});
