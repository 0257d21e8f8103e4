import { expect, test } from '@jest/globals';
import { Gauge } from '../../src/simulator/load.ts';

test('takes amounts', () => {
  const gauge = new Gauge();
  const leave = gauge.enter(2.5);
  gauge.enter(1);
  leave();
  expect([gauge.inside, gauge.most]).toEqual([1, 3.5]);
});

test('says how many are inside, and the most since it was restarted', () => {
  const gauge = new Gauge();
  const leave = [gauge.enter(), gauge.enter(), gauge.enter()];
  leave[0]?.();
  expect([gauge.inside, gauge.most]).toEqual([2, 3]);

  gauge.restart();
  expect([gauge.inside, gauge.most]).toEqual([2, 2]);
  leave[1]?.();
  expect([gauge.inside, gauge.most]).toEqual([1, 2]);
});
