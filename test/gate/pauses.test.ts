import { describe, expect, test } from '@jest/globals';
import { PauseState } from '../../src/gate/pauses.ts';

describe('a pause', () => {
  test('lets calls pass until it begins', () => {
    const pause = new PauseState();
    expect(pause.calls).toBe(Number.POSITIVE_INFINITY);
    pause.pause();
    expect([pause.calls, pause.paused]).toEqual([0, true]);
  });

  test('lets one call pass when it ends, and all when that one shows that the cause is gone', () => {
    const pause = new PauseState();
    pause.pause();
    pause.resume();
    expect(pause.calls).toBe(1);
    pause.probeSucceeded();
    expect(pause.calls).toBe(Number.POSITIVE_INFINITY);
  });

  test('is not ended by a call that ends meanwhile', () => {
    const pause = new PauseState();
    pause.pause();
    pause.probeSucceeded();
    expect(pause.paused).toBe(true);
  });
});
