import { describe, test } from '@jest/globals';
import { accompaniedBy } from '../../src/lib/operators.ts';
import { virtualTime } from '../support/virtual-time.ts';

describe('accompaniedBy', () => {
  test('passes both on, and ends with the source', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold('   a--b--|');
      const companion = hot(' -x--y--z');
      expectObservable(source.pipe(accompaniedBy(companion))).toBe('ax-by-|');
      expectSubscriptions(source.subscriptions).toBe(' ^-----!');
      expectSubscriptions(companion.subscriptions).toBe('^-----!');
    });
  });

  test('does not end with the companion', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, expectObservable }) => {
      expectObservable(cold('a----|').pipe(accompaniedBy(cold('-x|')))).toBe('ax---|');
    });
  });

  test('fails with either', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, expectObservable }) => {
      expectObservable(cold('a--#').pipe(accompaniedBy(cold('-x')))).toBe('ax-#');
      expectObservable(cold('a----|').pipe(accompaniedBy(cold('-#')))).toBe('a#');
    });
  });
});
