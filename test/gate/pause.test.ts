import { describe, expect, test } from '@jest/globals';
import { Hold } from '../../src/gate/pause.ts';

describe('Hold', () => {
  test('lets calls pass until it is paused', () => {
    const hold = new Hold();
    expect(hold.calls).toBe(Number.POSITIVE_INFINITY);
    hold.pause();
    expect([hold.calls, hold.paused]).toEqual([0, true]);
  });

  test('lets one call pass after a pause, and all when that one shows that the cause is mended', () => {
    const hold = new Hold();
    hold.pause();
    hold.resume();
    expect(hold.calls).toBe(1);
    hold.proven();
    expect(hold.calls).toBe(Number.POSITIVE_INFINITY);
  });

  test('is not opened by a call that ends while it is paused', () => {
    const hold = new Hold();
    hold.pause();
    hold.proven();
    expect(hold.paused).toBe(true);
  });
});
