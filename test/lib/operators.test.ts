import { describe, test } from '@jest/globals';
import { orElse } from '../../src/lib/operators.ts';
import { virtualTime } from '../support/virtual-time.ts';

describe('orElse', () => {
  test('follows a source that completes empty', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const instead = cold('-x|');
      expectObservable(cold('--|').pipe(orElse(() => instead))).toBe('---x|');
      expectSubscriptions(instead.subscriptions).toBe('--^-!');
    });
  });

  test('does not follow one that told something, or failed', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const instead = cold('-x|');
      expectObservable(cold('-a|').pipe(orElse(() => instead))).toBe('-a|');
      expectObservable(cold('-#').pipe(orElse(() => instead))).toBe('-#');
      expectSubscriptions(instead.subscriptions).toBe([]);
    });
  });

  test('looks at each subscription by itself', () => {
    const { scheduler } = virtualTime();
    scheduler.run(({ hot, cold, expectObservable }) => {
      const source = hot('-a---|').pipe(orElse(() => cold('x|')));
      expectObservable(source, '^').toBe('-a---|');
      expectObservable(source, '--^').toBe('-----x|');
    });
  });
});
