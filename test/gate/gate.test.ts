import { describe, expect, test } from '@jest/globals';
import { concat, concatMap, defaultIfEmpty, defer, ignoreElements, map, of, take, tap, timer } from 'rxjs';
import { createGate } from '../../src/gate/gate.ts';
import { virtualTime } from '../support/virtual-time.ts';
import {
  ANY,
  admitted,
  call,
  fresh,
  hear,
  heard,
  other,
  repeated,
  retry,
  tooManyAtOnce,
  withGate,
} from './with-gate.ts';

describe('the gate', () => {
  test('lets no more calls in than it has permits, in order of arrival', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable, expectSubscriptions }) => {
      const [first, second, third] = [cold('---a|'), cold('-----b|'), cold('-c|')];
      expectObservable(call(gate, fresh, first)).toBe(' ---a|');
      expectObservable(call(gate, fresh, second)).toBe('-----b|');
      expectObservable(call(gate, fresh, third)).toBe(' -----c|');
      expectSubscriptions(third.subscriptions).toBe('         ----^-!');
    });
  });

  test('gives a permit back when the call fails or is left', () => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }) => {
      expectObservable(call(gate, fresh, cold('-#'))).toBe('-#');
      expectObservable(call(gate, fresh, cold('-----a|')), '---!').toBe('----');
      expectObservable(call(gate, fresh, cold('-c|'))).toBe('----c|');
    });
  });

  test('lets no heap of answers wait to be filed: no more than as many again as calls in flight', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable }) => {
      const filing = [cold('-------|'), cold('-------|'), cold('-------|')].map((work) => gate.settle(work));
      for (const work of filing) expectObservable(work).toBe('-------|');
      expectObservable(call(gate, fresh, cold('--a|'))).toBe('--a|');
      expectObservable(call(gate, fresh, cold('--b|'))).toBe('-----b|');
      expectObservable(call(gate, fresh, cold('--c|'))).toBe('--------c|');
    });
  });

  test('forgets a call that left the line', () => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }) => {
      expectObservable(call(gate, fresh, cold('---a|'))).toBe('---a|');
      expectObservable(call(gate, fresh, cold('-b|')), '-!').toBe('--');
      expectObservable(call(gate, fresh, cold('-c|'))).toBe('-----c|');
    });
  });

  test('lets repeated attempts go first, within half of the permits', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable }) => {
      expectObservable(call(gate, fresh, cold('--a|'))).toBe('   --a|');
      expectObservable(call(gate, fresh, cold('--b|'))).toBe('   --b|');
      expectObservable(call(gate, fresh, cold('--c|'))).toBe('   -----c|');
      expectObservable(call(gate, repeated, cold('--d|'))).toBe('-----d|');
      expectObservable(call(gate, repeated, cold('--e|'))).toBe('--------e|');
    });
  });

  test('cools a model for all after a hint, and lets the others go on', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      at(1, () => hear(gate, fresh, retry('model', 3), 'too many requests'));
      expectObservable(timer(2).pipe(admitted(gate, fresh, cold('a|')))).toBe(' 3001ms a|');
      expectObservable(timer(2).pipe(admitted(gate, other, cold('b|')))).toBe(' --b|');
      const cooling = { type: 'gate-cooling', model: 'model', seconds: 3, reason: 'too many requests' };
      expectObservable(gate.events).toBe('-c', { c: cooling });
    });
  });

  test('cools for a second after a 429 without a hint', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      at(1, () => hear(gate, fresh, retry('model', null), 'too many requests'));
      expectObservable(timer(2).pipe(admitted(gate, fresh, cold('a|')))).toBe('1001ms a|');
    });
  });

  test('cools twice as long after each further refusal without a hint; those of calls at once are one', () => {
    withGate({ concurrency: 3 }, (gate, { cold, expectObservable }) => {
      const refused = retry('model', null);
      expectObservable(heard(gate, fresh, cold('-a|'), refused)).toBe(' -a|');
      expectObservable(heard(gate, fresh, cold('--a|'), refused)).toBe('--a|');
      expectObservable(heard(gate, fresh, cold('-a|'), refused)).toBe(' -a|');
      expectObservable(heard(gate, fresh, cold('a|'), refused)).toBe(' 1002ms a|');
      expectObservable(call(gate, fresh, cold('a|'))).toBe('3002ms a|');
    });
  });

  test('steps down, and does not cool, where calls are too many at once', () => {
    withGate({ concurrency: 4 }, (gate, { cold, expectObservable }) => {
      for (const _ of [1, 2]) expectObservable(heard(gate, fresh, cold('--a|'), { kind: 'answer' })).toBe('--a|');
      for (const _ of [1, 2]) expectObservable(heard(gate, fresh, cold('-a|'), tooManyAtOnce)).toBe('-a|');
      expectObservable(call(gate, fresh, cold('--c|'))).toBe('-----c|');
      expectObservable(
        gate.events.pipe(
          take(1),
          map(({ type }) => type),
        ),
      ).toBe('-(l|)', { l: 'gate-limited' });
    });
  });

  test('cools where even one call at once is too many', () => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }) => {
      expectObservable(heard(gate, fresh, cold('(a|)'), tooManyAtOnce)).toBe('(a|)');
      expectObservable(call(gate, fresh, cold('b|'))).toBe('1000ms b|');
    });
  });

  test('does not cool for what concerns one document alone', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      at(1, () => hear(gate, fresh, retry('document', 60), 'bad gateway'));
      expectObservable(timer(2).pipe(admitted(gate, fresh, cold('a|')))).toBe('--a|');
    });
  });

  test('starts those that waited one after another when a cooldown is over', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }) => {
      hear(gate, fresh, retry('model', 1), 'too many requests');
      expectObservable(call(gate, fresh, cold('a|'))).toBe('1000ms a|');
      expectObservable(call(gate, fresh, cold('b|'))).toBe('1050ms b|');
      expectObservable(call(gate, fresh, cold('c|'))).toBe('1098ms c|');
    });
  });

  test('waits after a hint of a billion seconds with timers that are short, and rare', () => {
    const { scheduler, clock } = virtualTime();
    const delays: number[] = [];
    const schedule = scheduler.schedule.bind(scheduler);
    scheduler.schedule = (work, delay = 0, state?) => {
      delays.push(delay);
      return schedule(work, delay, state);
    };
    scheduler.run(({ cold, expectObservable }) => {
      const gate = createGate({ ...ANY, concurrency: 10, clock });
      hear(gate, fresh, retry('model', 1e9), 'come back in 31 years');
      expectObservable(call(gate, fresh, cold('a|')), '10m !').toBe('');
    });
    const waits = delays.filter((delay) => delay > 0 && delay !== 10 * 60 * 1000);
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.length).toBeLessThan(30);
    expect(Math.max(...waits)).toBeLessThan(2 ** 31);
  });

  test('sends those that wait away where a cooldown is longer than the run waits for', () => {
    withGate({ concurrency: 1, longestCooldownSeconds: 900 }, (gate, { cold, expectObservable }) => {
      expectObservable(heard(gate, fresh, cold('-a|'), retry('model', 901))).toBe('-a|');
      expectObservable(call(gate, fresh, cold('b|'))).toBe('  -|');
      expectObservable(timer(5).pipe(admitted(gate, fresh, cold('c|')))).toBe('-----|');
    });
  });

  test('lets nothing start while paused for the disk, and everybody when it is well', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      gate.pause({ scope: 'disk' }, 'full');
      expectObservable(call(gate, fresh, cold('a|'))).toBe('-----a|');
      expectObservable(call(gate, other, cold('b|'))).toBe('-----b|');
      at(5, () => gate.resume({ scope: 'disk' }));
    });
  });

  test('lets one call go first after the account was paused, and the others when it is not refused', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      gate.pause({ scope: 'account' }, 'refused');
      expectObservable(heard(gate, fresh, cold('----a|'), { kind: 'answer' })).toBe('---------a|');
      expectObservable(call(gate, fresh, cold('b|'))).toBe('     ----------b|');
      expectObservable(call(gate, other, cold('c|'))).toBe('     ----------c|');
      at(5, () => gate.resume({ scope: 'account' }));
    });
  });

  test('lets no second call follow one that is refused again', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      gate.pause({ scope: 'account' }, 'refused');
      expectObservable(heard(gate, fresh, cold('----a|'), { kind: 'pause', scope: 'account' })).toBe('---------a|');
      expectObservable(call(gate, fresh, cold('b|'))).toBe('     ');
      at(5, () => gate.resume({ scope: 'account' }));
    });
  });

  test('lets the lanes of two models take turns', () => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }) => {
      expectObservable(call(gate, fresh, cold('-a|'))).toBe('-a|');
      expectObservable(call(gate, fresh, cold('-b|'))).toBe('---b|');
      expectObservable(call(gate, fresh, cold('-c|'))).toBe('-------c|');
      expectObservable(call(gate, other, cold('-d|'))).toBe('-----d|');
    });
  });

  test('lets a repeated attempt of one model go before fresh documents of another', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable }) => {
      expectObservable(call(gate, fresh, cold('-a|'))).toBe('-a|');
      expectObservable(call(gate, fresh, cold('---b|'))).toBe('---b|');
      expectObservable(call(gate, fresh, cold('-c|'))).toBe('-----c|');
      expectObservable(call(gate, { ...other, repeated: true }, cold('-d|'))).toBe('---d|');
    });
  });

  test('opens again a quarter of an hour after a hint of a billion seconds, to see', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }) => {
      hear(gate, fresh, retry('model', 1e9), 'come back in 31 years');
      expectObservable(call(gate, fresh, cold('a|'))).toBe('15m a|');
    });
  });

  test('pauses a model alone', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      hear(gate, fresh, { kind: 'pause', scope: 'model' }, 'no such model');
      expectObservable(call(gate, fresh, cold('a|'))).toBe('-----a|');
      expectObservable(call(gate, other, cold('b|'))).toBe('b|');
      at(5, () => gate.resume({ scope: 'model', model: 'model' }));
    });
  });

  test('tells each pause once, and its end', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable }, at) => {
      const refused = { kind: 'pause', scope: 'account' } as const;
      expectObservable(heard(gate, fresh, cold('-a|'), refused, 'key refused')).toBe(' -a|');
      expectObservable(heard(gate, fresh, cold('--a|'), refused, 'key refused')).toBe('--a|');
      at(3, () => gate.resume({ scope: 'account' }));
      at(4, () => gate.resume({ scope: 'account' }));
      expectObservable(gate.events).toBe('-p-r', {
        p: { type: 'gate-paused', scope: 'account', reason: 'key refused' },
        r: { type: 'gate-resumed', scope: 'account' },
      });
    });
  });

  test('closing sends those that wait away, lets calls in flight end, and lets nothing more in', () => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }, at) => {
      expectObservable(call(gate, fresh, cold('----a|'))).toBe('----a|');
      expectObservable(call(gate, fresh, cold('b|'))).toBe('    --|');
      at(2, () => gate.close('signal'));
      at(3, () => gate.close('account'));
      expectObservable(timer(6).pipe(admitted(gate, fresh, cold('c|')))).toBe('------|');
      expectObservable(gate.closing).toBe('--s', { s: 'signal' });
    });
  });

  test('leaves no timer once it is closed', () => {
    const { scheduler, clock } = virtualTime();
    scheduler.run(({ cold, expectObservable, flush }) => {
      const gate = createGate({ ...ANY, clock });
      hear(gate, fresh, retry('model', 60), 'too many requests');
      expectObservable(call(gate, fresh, cold('a|'))).toBe('-----|');
      timer(5).subscribe(() => gate.close('signal'));
      flush();
      expect(scheduler.now()).toBe(5);
    });
  });

  test('makes as many documents ready beyond the calls in flight as end meanwhile', () => {
    withGate({ concurrency: 10 }, (gate, { expectObservable, flush }) => {
      const started: number[] = [];
      const done: number[] = [];
      let flying = 0;
      let most = 0;
      const document = () =>
        gate.admit(fresh, (seat) =>
          timer(20).pipe(
            concatMap(() =>
              seat.fly(() =>
                defer(() => {
                  flying += 1;
                  most = Math.max(most, flying);
                  started.push(0);
                  return timer(200).pipe(tap(() => (flying -= 1)));
                }),
              ),
            ),
            tap(() => done.push(0)),
          ),
        );
      for (let index = 0; index < 1000; index += 1) document().subscribe();
      expectObservable(timer(20_000 + 400).pipe(map(() => [done.length > 950, most]))).toBe('20400ms (x|)', {
        x: [true, 10],
      });
      flush();
    });
  });

  test('sends a document back in line that gets ready when a longer wait has begun', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable }) => {
      const way = gate.admit(fresh, (seat) =>
        concat(
          timer(10).pipe(ignoreElements()),
          seat.fly(() => of('flew')),
        ).pipe(defaultIfEmpty('sent back')),
      );
      expectObservable(heard(gate, fresh, cold('----a|'), retry('model', 60))).toBe('----a|');
      expectObservable(way).toBe('10ms (s|)', { s: 'sent back' });
    });
  });
});
