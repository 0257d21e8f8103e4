import { describe, expect, test } from '@jest/globals';
import { Prefetch } from '../../src/gate/slots.ts';

function prefetch(readyMs: number, callMs: number): Prefetch {
  const ahead = new Prefetch();
  ahead.tookToGetReady(readyMs);
  ahead.tookToCall(callMs);
  return ahead;
}

describe('Prefetch', () => {
  test('gets nothing ready before it knows how long that takes', () => {
    const ahead = new Prefetch();
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
    'gets $beyond ready beside $calls calls of $callMs ms if that takes $readyMs ms',
    ({ readyMs, callMs, calls, beyond }) => {
      expect(prefetch(readyMs, callMs).beyond(calls)).toBe(beyond);
    },
  );

  test('follows when calls get slower', () => {
    const ahead = prefetch(10, 100);
    for (let call = 0; call < 100; call += 1) ahead.tookToCall(10_000);
    expect(ahead.beyond(100)).toBe(0);
  });

  test('gets at least one ready for any rate, and as many as start meanwhile', () => {
    expect(new Prefetch().forRate(10)).toBe(1);
    expect([prefetch(50, 1).forRate(10), prefetch(50, 1).forRate(100)]).toEqual([1, 5]);
  });
});
