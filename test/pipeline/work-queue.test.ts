import { describe, expect, test } from '@jest/globals';
import { EMPTY, from, NEVER, type Observable, Subject } from 'rxjs';
import { type Return, workOff } from '../../src/pipeline/work-queue.ts';
import { virtualTime } from '../support/virtual-time.ts';

interface Item {
  readonly id: string;
  readonly version: number;
}

interface Setting {
  readonly project: (item: Item) => Observable<string>;
  readonly concurrent?: number;
  readonly comesBack?: (output: string) => Return<Item> | null;
  readonly closing?: Observable<unknown>;
}

/** Marbles: `a` is version 1 of a, `A` version 2; outputs are `+a` when queued and what `project` gives. */
const items = { a: item('a', 1), A: item('a', 2), b: item('b', 1), c: item('c', 1) };

function item(id: string, version: number): Item {
  return { id, version };
}

function operator(clock: ReturnType<typeof virtualTime>['clock'], setting: Setting) {
  return workOff<Item, string>({
    key: ({ id }) => id,
    same: (earlier, later) => earlier.version === later.version,
    queued: ({ id, version }) => `+${id}${version}`,
    concurrent: setting.concurrent ?? 2,
    comesBack: setting.comesBack ?? (() => null),
    closing: setting.closing ?? NEVER,
    project: setting.project,
    clock,
  });
}

const outputs = { q: '+a1', Q: '+a2', r: '+b1', s: '+c1', x: 'a1', X: 'a2', y: 'b1', z: 'c1' };

describe('workOff', () => {
  test('opens at most as many items as it may, in order', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('     -a-b-c|', items);
      const ofA = cold('        -----x|', outputs);
      const ofB = cold('          -----y|', outputs);
      const ofC = cold('               --z|', outputs);
      const projections: Record<string, typeof ofA> = { a: ofA, b: ofB, c: ofC };
      const result = source.pipe(operator(clock, { project: ({ id }) => projections[id] ?? EMPTY }));
      expectObservable(result).toBe('-q-r-sx-yz|', outputs);
      expectSubscriptions(source.subscriptions).toBe('^-----!');
      expectSubscriptions(ofC.subscriptions).toBe('-------^--!');
    });
  });

  test('does not take an item twice while it is in line or open, and takes it again afterwards', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable }) => {
      const source = hot('-a-a----a-|', items);
      const result = source.pipe(operator(clock, { project: () => cold('---x|', outputs) }));
      expectObservable(result).toBe('-q--x---q--x|', outputs);
    });
  });

  test('lets a newer version follow the open one', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable }) => {
      const source = hot('-a-A--|', items);
      const project = ({ version }: Item) => cold(version === 1 ? '----x|' : '-X|', outputs);
      expectObservable(source.pipe(operator(clock, { project }))).toBe('-q---xQX|', outputs);
    });
  });

  test('lets a newer version take the place of one in line', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable }) => {
      const source = hot('-b-a-A|', items);
      const project = ({ id, version }: Item) => cold(id === 'b' ? '------y|' : version === 1 ? 'x|' : 'X|', outputs);
      expectObservable(source.pipe(operator(clock, { project, concurrent: 1 }))).toBe('-r-q---yX|', outputs);
    });
  });

  test('brings an item back after its time, and holds no place for it meanwhile', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable }) => {
      const source = hot('-a-b|', items);
      const result = source.pipe(
        operator(clock, {
          concurrent: 1,
          project: ({ id, version }) => cold(id === 'b' ? '-y|' : version === 1 ? '-x|' : '-X|', outputs),
          comesBack: (output) => (output === 'a1' ? { item: items.A, after: 6 } : null),
        }),
      );
      expectObservable(result).toBe('-qxry----QX|', outputs);
    });
  });

  test.each([
    ['a newer version', '-a---A--|', '-qx--QX-|'],
    ['the same', '-a---a--|', '-qx--qx-|'],
  ])('takes %s of an item that is away at once', (_, source, expected) => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable }) => {
      const waits = [{ item: items.a, after: 100 }];
      const result = hot(source, items).pipe(
        operator(clock, {
          project: ({ version }) => cold(version === 1 ? '-x|' : '-X|', outputs),
          comesBack: () => waits.pop() ?? null,
        }),
      );
      expectObservable(result).toBe(expected, outputs);
    });
  });

  test.each([
    ['comes again as it was', true, '-a---a---|', '-qx--------qx|'],
    ['comes newer', true, '-a---A---|', '-qx--QX--|'],
    ['comes again and has reason to come back', false, '-a---a---|', '-qx--qx--|'],
  ])('an item that is to stay away %s', (_, stays, source, expected) => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable }) => {
      const waits = [{ item: items.a, after: 8, stays: () => stays }];
      const result = hot(source, items).pipe(
        operator(clock, {
          project: ({ version }) => cold(version === 1 ? '-x|' : '-X|', outputs),
          comesBack: () => waits.pop() ?? null,
        }),
      );
      expectObservable(result).toBe(expected, outputs);
    });
  });

  test('closing leaves the source, lets open items end, and forgets those that are away', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -a-b-----c', items);
      const closing = hot('-----x');
      const result = source.pipe(
        operator(clock, {
          closing,
          project: ({ id }) => cold(id === 'a' ? '-x|' : '------y|', outputs),
          comesBack: (output) => (output === 'a1' ? { item: items.a, after: 1000 } : null),
        }),
      );
      expectObservable(result).toBe('-qxr-----y|', outputs);
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  test('unsubscribing stops the work and the timers', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-------', items);
      const work = cold('  ---x|', outputs);
      expectObservable(source.pipe(operator(clock, { project: () => work })), '^--!').toBe('-q-', outputs);
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(work.subscriptions).toBe('-^-!');
    });
  });

  test('takes any number of items that end as soon as they are opened', () => {
    const { clock } = virtualTime();
    const many = Array.from({ length: 100_000 }, (_, index) => item(`${index}`, 1));
    let count = 0;
    const blocked = new Subject<never>();
    const project = ({ id }: Item) => (id === '0' ? blocked : EMPTY);
    const ended = new Promise<void>((resolve, reject) => {
      from(many)
        .pipe(operator(clock, { project, concurrent: 1 }))
        .subscribe({ next: () => (count += 1), error: reject, complete: resolve });
    });
    blocked.complete();
    return ended.then(() => expect(count).toBe(100_000));
  });

  test('passes a failure on', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, hot, expectObservable }) => {
      expectObservable(hot('-a-#', items).pipe(operator(clock, { project: () => cold('-----x|') }))).toBe(
        '-q-#',
        outputs,
      );
    });
  });
});
