import { describe, expect, test } from '@jest/globals';
import {
  concat,
  concatMap,
  defaultIfEmpty,
  defer,
  ignoreElements,
  map,
  type Observable,
  of,
  take,
  tap,
  timer,
} from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { AttemptRecord, Verdict } from '../../src/domain/attempt.ts';
import { unheard } from '../../src/domain/attempt.ts';
import type { Demand, Ticket } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { createGate, type GateControl, type GateSettings } from '../../src/gate/create-gate.ts';
import { virtualTime } from '../support/virtual-time.ts';

const fresh: Ticket = { api: 'api', model: 'model', recipe: '', folder: '', size: 1, repeated: false };
const repeated: Ticket = { ...fresh, repeated: true };
const other: Ticket = { ...fresh, model: 'other' };

function retry(cools: 'document' | 'model', hintSeconds: number | null): Verdict {
  return { kind: 'retry', cools, hintSeconds, counts: true };
}

const tooManyAtOnce: Verdict = {
  kind: 'retry',
  cools: 'document',
  hintSeconds: null,
  counts: false,
  limit: 'concurrency',
};

const ANY = { concurrency: 10, concurrencyMax: 100, pacer: null, budget: null };

/** A document's way through the gate, with its call alone. */
function call<T>(gate: GateControl, ticket: Ticket, work: Observable<T>): Observable<T> {
  return gate.admit(ticket, (seat) => seat.fly(() => work));
}

/** The same, with what the gate is told of the call when it ends. */
function heard<T>(
  gate: GateControl,
  ticket: Ticket,
  work: Observable<T>,
  verdict: Verdict,
  message = '',
): Observable<T> {
  return gate.admit(ticket, (seat) =>
    seat.fly(() => work.pipe(tap(() => seat.heed({ verdict, record: recordOf({ message }) })))),
  );
}

/** A call that takes no time, and of which the gate is told this. */
function hear(gate: GateControl, ticket: Ticket, verdict: Verdict, message: string): void {
  heard(gate, ticket, of(0), verdict, message).subscribe();
}

function recordOf(known: Partial<AttemptRecord>): AttemptRecord {
  return { ...unheard({ number: 1, startedAt: '', seconds: 0, code: '', message: '' }), ...known };
}

/** Runs a test in virtual time with a gate; `at` does something at a moment (ms). */
function withGate(
  settings: Partial<Omit<GateSettings, 'clock'>>,
  run: (gate: GateControl, helpers: RunHelpers, at: (ms: number, act: () => void) => void) => void,
): void {
  const { scheduler, clock } = virtualTime();
  scheduler.run((helpers) => {
    const at = (ms: number, act: () => void) => {
      helpers.expectObservable(timer(ms, scheduler).pipe(tap(act))).toBe(`${ms}ms (x|)`, { x: 0 });
    };
    run(createGate({ ...ANY, ...settings, clock }), helpers, at);
  });
}

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

  describe('with a budget', () => {
    const demand: Demand = { promptTokens: 10, maxTokens: 10, worstUsd: 0.4 };

    /** A document whose call takes 5 ms and then costs this. */
    function paid(gate: GateControl, { cold }: RunHelpers, costUsd: number, wanted: Partial<Demand> = {}) {
      return gate.admit(fresh, (seat) =>
        seat
          .reserve({ ...demand, ...wanted })
          .pipe(
            concatMap((answer) =>
              answer === 'unaffordable'
                ? of(answer)
                : seat.fly(() =>
                    cold('-----a|').pipe(
                      tap(() =>
                        seat.heed({ verdict: { kind: 'answer' }, record: recordOf({ billing: 'known', costUsd }) }),
                      ),
                    ),
                  ),
            ),
          ),
      );
    }

    test('a call that does not fit beside those in flight waits for what they really cost', () => {
      const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
      withGate({ concurrency: 10, budget }, (gate, helpers) => {
        const { expectObservable } = helpers;
        expectObservable(paid(gate, helpers, 0.1)).toBe('-----a|');
        expectObservable(paid(gate, helpers, 0.1)).toBe('-----a|');
        expectObservable(paid(gate, helpers, 0.1)).toBe('-----------a|');
        expectObservable(gate.events).toBe('');
      });
      expect(budget.spentUsd).toBe(0.3);
    });

    test('pauses when nothing is in flight and the rest is too little for any that waits', () => {
      const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
      withGate({ concurrency: 1, budget }, (gate, helpers) => {
        const { expectObservable } = helpers;
        expectObservable(paid(gate, helpers, 0.7)).toBe('-----a|');
        // Sent back, to stand in line.
        expectObservable(paid(gate, helpers, 0.1)).toBe('------|');
        expectObservable(gate.events.pipe(map(({ type }) => type))).toBe('------p', { p: 'gate-paused' });
      });
      expect([budget.spentUsd, budget.reservedUsd]).toEqual([0.7, 0]);
    });

    test('goes on by itself when the day ends', () => {
      const { scheduler, clock } = virtualTime();
      const day = 24 * 60 * 60 * 1000;
      const wall = () => day - 1000 + scheduler.now();
      const budget = new Budget({ limitUsd: 1, spentUsd: 0.9, perDay: true, wall });
      scheduler.run((helpers) => {
        const gate = createGate({ ...ANY, concurrency: 1, budget, clock: { ...clock, wall } });
        helpers
          .expectObservable(gate.events.pipe(map((event) => [event.type, 'until' in event ? event.until : null])))
          .toBe('p 999ms r', { p: ['gate-paused', day], r: ['gate-resumed', null] });
        const inLineAgain = concat(paid(gate, helpers, 0.1), paid(gate, helpers, 0.1)).pipe(take(1));
        helpers.expectObservable(inLineAgain).toBe('1005ms (a|)');
      });
      expect(budget.spentUsd).toBe(0.1);
    });

    test('tells that a call can never be afforded, and lets the others go on', () => {
      const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: false, wall: () => 0 });
      withGate({ concurrency: 1, budget }, (gate, helpers) => {
        helpers.expectObservable(paid(gate, helpers, 0, { worstUsd: 1.5 })).toBe('(x|)', { x: 'unaffordable' });
        helpers.expectObservable(paid(gate, helpers, 0, { worstUsd: null })).toBe('(x|)', { x: 'unaffordable' });
        helpers.expectObservable(paid(gate, helpers, 0.1)).toBe('-----a|');
      });
      expect(budget.spentUsd).toBe(0.1);
    });
  });
});

/** Stands in line at the moment when the source emits. */
function admitted<T>(gate: GateControl, ticket: Ticket, work: Observable<T>) {
  return (source: Observable<unknown>) => source.pipe(concatMap(() => call(gate, ticket, work)));
}
