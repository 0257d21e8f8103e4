import { expect, test } from '@jest/globals';
import { LoadCounter } from '../../src/simulator/load.ts';

test('counts in total and by the second; quiet seconds are left out', () => {
  const counter = new LoadCounter(500);
  counter.arrived(500);
  const left = counter.arrived(600);
  counter.refused(700);
  left();
  counter.answered(1_499);
  counter.arrived(4_500);
  counter.answered(4_600);
  expect(counter.load()).toEqual({
    calls: 3,
    answered: 2,
    refused: 1,
    mostInFlight: 2,
    seconds: [
      { second: 0, answered: 1, refused: 1, inFlight: 2 },
      { second: 4, answered: 1, refused: 0, inFlight: 2 },
    ],
  });
});

test('a second begins with the calls that are still in flight', () => {
  const counter = new LoadCounter(0);
  const left = counter.arrived(0);
  counter.arrived(1);
  counter.answered(1_000);
  left();
  counter.answered(2_000);
  expect(counter.load().seconds.map((each) => each.inFlight)).toEqual([2, 2, 1]);
});

test('keeps an hour', () => {
  const counter = new LoadCounter(0);
  for (let second = 0; second < 3_605; second += 1) counter.answered(second * 1000);
  const { answered, seconds } = counter.load();
  expect([answered, seconds.length, seconds[0]?.second]).toEqual([3_605, 3_600, 5]);
});

test('starts again with the calls in flight', () => {
  const counter = new LoadCounter(0);
  const [left] = [0, 1, 2].map((nowMs) => counter.arrived(nowMs));
  left?.();
  counter.restart(10_000);
  expect(counter.load()).toEqual({ calls: 0, answered: 0, refused: 0, mostInFlight: 2, seconds: [] });
  counter.answered(10_100);
  expect(counter.load().seconds).toEqual([{ second: 0, answered: 1, refused: 0, inFlight: 2 }]);
});

test('gives copies that later calls do not change', () => {
  const counter = new LoadCounter(0);
  counter.answered(0);
  const before = counter.load();
  counter.answered(1);
  expect(before).toMatchObject({ answered: 1, seconds: [{ answered: 1 }] });
});
