import { describe, expect, test } from '@jest/globals';
import { Lookahead } from '../../src/gate/model-limiter.ts';

function lookahead(readyMs: number, callMs: number): Lookahead {
  const ahead = new Lookahead();
  ahead.tookToGetReady(readyMs);
  ahead.tookToCall(callMs);
  return ahead;
}

describe('Lookahead', () => {
  test('makes nothing ready before it knows how long that takes', () => {
    const ahead = new Lookahead();
    expect(ahead.beyond(100)).toBe(0);
    ahead.tookToGetReady(10);
    expect(ahead.beyond(100)).toBe(0);
  });

  test.each([
    { readyMs: 12, callMs: 200, calls: 100, beyond: 12 },
    { readyMs: 12, callMs: 200, calls: 20, beyond: 2 },
    { readyMs: 12, callMs: 30_000, calls: 100, beyond: 0 },
    { readyMs: 12, callMs: 0, calls: 50, beyond: 50 },
    { readyMs: 12, callMs: 4, calls: 50, beyond: 50 },
  ])(
    'makes $beyond ready beside $calls calls of $callMs ms where that takes $readyMs ms',
    ({ readyMs, callMs, calls, beyond }) => {
      expect(lookahead(readyMs, callMs).beyond(calls)).toBe(beyond);
    },
  );

  test('follows when calls get slower', () => {
    const ahead = lookahead(10, 100);
    for (let call = 0; call < 100; call += 1) ahead.tookToCall(10_000);
    expect(ahead.beyond(100)).toBe(0);
  });

  test('makes at least one ready for any rate, and as many as start meanwhile', () => {
    expect(new Lookahead().forRate(10)).toBe(1);
    expect([lookahead(50, 1).forRate(10), lookahead(50, 1).forRate(100)]).toEqual([1, 5]);
  });
});
