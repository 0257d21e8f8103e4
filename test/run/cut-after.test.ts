import { expect, test } from '@jest/globals';
import { takeUntil, timer } from 'rxjs';
import { cutAfter } from '../../src/run/stop.ts';
import { accompany } from './support.ts';

test('calls in flight are cut off when the grace is over, and not before', async () => {
  expect(await accompany(({ gate, clock }) => cutAfter(gate, 60, clock))).toEqual([
    [60_000, 'cut off'],
    [60_000, 'ended'],
  ]);
});

test('a run that ends within the grace cuts nothing off', async () => {
  const log = await accompany(({ gate, clock }) =>
    cutAfter(gate, 60, clock).pipe(takeUntil(timer(59_000, clock.scheduler))),
  );
  expect(log).toEqual([[59_000, 'ended']]);
});
