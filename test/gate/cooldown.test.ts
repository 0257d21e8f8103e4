import { describe, expect, test } from '@jest/globals';
import { Cooldown } from '../../src/gate/cooldown.ts';

/** The moments (ms) at which calls start that all wait from the beginning. */
function starts(cooldown: Cooldown, count: number): number[] {
  let now = 0;
  return Array.from({ length: count }, () => {
    now = Math.max(now, cooldown.nextStart);
    cooldown.started(now);
    return now;
  });
}

describe('Cooldown', () => {
  test('holds nothing back before it was ever asked to', () => {
    expect(starts(new Cooldown(), 3)).toEqual([0, 0, 0]);
  });

  test('starts nothing before its end, and then one after another, ever faster', () => {
    const cooldown = new Cooldown();
    cooldown.extend(1000);
    const moments = starts(cooldown, 200);
    expect(moments[0]).toBe(1000);
    expect(moments.filter((moment) => moment < 1100)).toHaveLength(3);
    const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
    expect(gaps.every((gap, index) => gap <= (gaps[index - 1] ?? Number.POSITIVE_INFINITY))).toBe(true);
    expect(moments.at(-1)).toBeLessThan(2000);
    expect(gaps.at(-1)).toBe(0);
  });

  test('is never shortened by a later, shorter one', () => {
    const cooldown = new Cooldown();
    cooldown.extend(5000);
    cooldown.extend(1000);
    expect(cooldown.nextStart).toBe(5000);
  });
});
