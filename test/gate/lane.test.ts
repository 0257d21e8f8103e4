import { describe, expect, test } from '@jest/globals';
import { Hold } from '../../src/gate/lane.ts';

describe('Hold', () => {
  test('lets calls pass until it is paused', () => {
    const hold = new Hold();
    hold.started();
    expect(hold.lets).toBe(true);
    hold.pause();
    expect([hold.lets, hold.paused]).toEqual([false, true]);
  });

  test('lets one call pass after a pause, and all when that one shows that the cause is mended', () => {
    const hold = new Hold();
    hold.pause();
    hold.resume();
    expect(hold.lets).toBe(true);
    hold.started();
    expect(hold.lets).toBe(false);
    hold.proven();
    expect(hold.lets).toBe(true);
  });

  test('waits for calls from before the pause, and lets another try where one showed nothing', () => {
    const hold = new Hold();
    hold.started();
    hold.pause();
    hold.resume();
    expect(hold.lets).toBe(false);
    hold.ended();
    expect(hold.lets).toBe(true);
    hold.started();
    hold.ended();
    expect(hold.lets).toBe(true);
  });

  test('is not opened by a call that ends while it is paused', () => {
    const hold = new Hold();
    hold.pause();
    hold.proven();
    expect(hold.paused).toBe(true);
  });
});
