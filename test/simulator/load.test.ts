import { expect, test } from '@jest/globals';
import { LoadBook } from '../../src/simulator/load.ts';

test('counts in total and by the second; quiet seconds are left out', () => {
  const book = new LoadBook(500);
  book.arrived(500);
  book.arrived(600);
  book.refused(700);
  book.left();
  book.answered(1_499);
  book.arrived(4_500);
  book.answered(4_600);
  expect(book.load()).toEqual({
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
  const book = new LoadBook(0);
  book.arrived(0);
  book.arrived(1);
  book.answered(1_000);
  book.left();
  book.answered(2_000);
  expect(book.load().seconds.map((each) => each.inFlight)).toEqual([2, 2, 1]);
});

test('keeps an hour', () => {
  const book = new LoadBook(0);
  for (let second = 0; second < 3_605; second += 1) book.answered(second * 1000);
  const { answered, seconds } = book.load();
  expect([answered, seconds.length, seconds[0]?.second]).toEqual([3_605, 3_600, 5]);
});

test('begins anew with the calls in flight', () => {
  const book = new LoadBook(0);
  for (const nowMs of [0, 1, 2]) book.arrived(nowMs);
  book.left();
  book.restart(10_000);
  expect(book.load()).toEqual({ calls: 0, answered: 0, refused: 0, mostInFlight: 2, seconds: [] });
  book.answered(10_100);
  expect(book.load().seconds).toEqual([{ second: 0, answered: 1, refused: 0, inFlight: 2 }]);
});

test('gives copies that later calls do not change', () => {
  const book = new LoadBook(0);
  book.answered(0);
  const before = book.load();
  book.answered(1);
  expect(before).toMatchObject({ answered: 1, seconds: [{ answered: 1 }] });
});
