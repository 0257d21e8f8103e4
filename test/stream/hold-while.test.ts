import { describe, test } from '@jest/globals';
import { holdWhile } from '../../src/stream/hold-while.ts';
import { virtualTime } from '../support/virtual-time.ts';

describe('holdWhile', () => {
  test('starts the work when the permit comes, and gives it back when the work ends', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const permit = hot<void>('--p----------', { p: undefined });
      const work = cold('         -a-b|');
      expectObservable(holdWhile(permit, () => work)).toBe('---a-b|');
      expectSubscriptions(permit.subscriptions).toBe('^-----!');
      expectSubscriptions(work.subscriptions).toBe('--^---!');
    });
  });

  test('gives the permit back when the work fails', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const permit = hot<void>('-p-----', { p: undefined });
      expectObservable(holdWhile(permit, () => cold('-a#'))).toBe('--a#');
      expectSubscriptions(permit.subscriptions).toBe('^--!');
    });
  });

  test('completes empty when no permit will come', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, expectObservable }) => {
      expectObservable(holdWhile(cold<void>('--|'), () => cold('a|'))).toBe('--|');
    });
  });

  test('unsubscribing stops the work and gives the permit back', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const permit = hot<void>('-p-----', { p: undefined });
      const work = cold('        -a-b-c|');
      expectObservable(
        holdWhile(permit, () => work),
        '^---!',
      ).toBe('--a--');
      expectSubscriptions(permit.subscriptions).toBe('^---!');
      expectSubscriptions(work.subscriptions).toBe('-^--!');
    });
  });
});
