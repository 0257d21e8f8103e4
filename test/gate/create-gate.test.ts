import { describe, expect, test } from '@jest/globals';
import { concatMap, type Observable, tap, timer } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { Verdict } from '../../src/domain/attempt.ts';
import type { Ticket } from '../../src/domain/ports.ts';
import { createGate, type GateControl, type GateSettings } from '../../src/gate/create-gate.ts';
import { virtualTime } from '../support/virtual-time.ts';

const fresh: Ticket = { api: 'api', model: 'model', recipe: '', folder: '', size: 1, repeated: false };
const repeated: Ticket = { ...fresh, repeated: true };
const other: Ticket = { ...fresh, model: 'other' };

function retry(cools: 'document' | 'model', hintSeconds: number | null): Verdict {
  return { kind: 'retry', cools, hintSeconds, counts: true };
}

/** Runs a test in virtual time with a gate; `at` does something at a moment (ms). */
function withGate(
  settings: Omit<GateSettings, 'clock'>,
  run: (gate: GateControl, helpers: RunHelpers, at: (ms: number, act: () => void) => void) => void,
): void {
  const { scheduler, clock } = virtualTime();
  scheduler.run((helpers) => {
    const at = (ms: number, act: () => void) => {
      helpers.expectObservable(timer(ms, scheduler).pipe(tap(act))).toBe(`${ms}ms (x|)`, { x: 0 });
    };
    run(createGate({ ...settings, clock }), helpers, at);
  });
}

describe('the gate', () => {
  test('lets no more calls in than it has permits, in order of arrival', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable, expectSubscriptions }) => {
      const [first, second, third] = [cold('---a|'), cold('-----b|'), cold('-c|')];
      expectObservable(gate.admit(fresh, () => first)).toBe(' ---a|');
      expectObservable(gate.admit(fresh, () => second)).toBe('-----b|');
      expectObservable(gate.admit(fresh, () => third)).toBe(' -----c|');
      expectSubscriptions(third.subscriptions).toBe('         ----^-!');
    });
  });

  test('gives a permit back when the call fails or is left', () => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }) => {
      expectObservable(gate.admit(fresh, () => cold('-#'))).toBe('-#');
      expectObservable(
        gate.admit(fresh, () => cold('-----a|')),
        '---!',
      ).toBe('----');
      expectObservable(gate.admit(fresh, () => cold('-c|'))).toBe('----c|');
    });
  });

  test('lets no heap of answers wait to be filed: no more than as many again as calls in flight', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable }) => {
      const filing = [cold('-------|'), cold('-------|'), cold('-------|')].map((work) => gate.settle(work));
      for (const work of filing) expectObservable(work).toBe('-------|');
      expectObservable(gate.admit(fresh, () => cold('--a|'))).toBe('--a|');
      expectObservable(gate.admit(fresh, () => cold('--b|'))).toBe('-----b|');
      expectObservable(gate.admit(fresh, () => cold('--c|'))).toBe('--------c|');
    });
  });

  test('forgets a call that left the line', () => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }) => {
      expectObservable(gate.admit(fresh, () => cold('---a|'))).toBe('---a|');
      expectObservable(
        gate.admit(fresh, () => cold('-b|')),
        '-!',
      ).toBe('--');
      expectObservable(gate.admit(fresh, () => cold('-c|'))).toBe('-----c|');
    });
  });

  test('lets repeated attempts go first, within half of the permits', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable }) => {
      expectObservable(gate.admit(fresh, () => cold('--a|'))).toBe('   --a|');
      expectObservable(gate.admit(fresh, () => cold('--b|'))).toBe('   --b|');
      expectObservable(gate.admit(fresh, () => cold('--c|'))).toBe('   -----c|');
      expectObservable(gate.admit(repeated, () => cold('--d|'))).toBe('-----d|');
      expectObservable(gate.admit(repeated, () => cold('--e|'))).toBe('--------e|');
    });
  });

  test('cools a model for all after a hint, and lets the others go on', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      at(1, () => gate.heed(fresh, retry('model', 3), 'too many requests'));
      expectObservable(timer(2).pipe(admitted(gate, fresh, cold('a|')))).toBe(' 3001ms a|');
      expectObservable(timer(2).pipe(admitted(gate, other, cold('b|')))).toBe(' --b|');
      const cooling = { type: 'gate-cooling', model: 'model', seconds: 3, reason: 'too many requests' };
      expectObservable(gate.events).toBe('-c', { c: cooling });
    });
  });

  test('cools for a second after a 429 without a hint', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      at(1, () => gate.heed(fresh, retry('model', null), 'too many requests'));
      expectObservable(timer(2).pipe(admitted(gate, fresh, cold('a|')))).toBe('1001ms a|');
    });
  });

  test('does not cool for what concerns one document alone', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      at(1, () => gate.heed(fresh, retry('document', 60), 'bad gateway'));
      expectObservable(timer(2).pipe(admitted(gate, fresh, cold('a|')))).toBe('--a|');
    });
  });

  test('starts those that waited one after another when a cooldown is over', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }) => {
      gate.heed(fresh, retry('model', 1), 'too many requests');
      expectObservable(gate.admit(fresh, () => cold('a|'))).toBe('1000ms a|');
      expectObservable(gate.admit(fresh, () => cold('b|'))).toBe('1050ms b|');
      expectObservable(gate.admit(fresh, () => cold('c|'))).toBe('1098ms c|');
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
      const gate = createGate({ concurrency: 10, clock });
      gate.heed(fresh, retry('model', 1e9), 'come back in 31 years');
      expectObservable(
        gate.admit(fresh, () => cold('a|')),
        '10m !',
      ).toBe('');
    });
    const waits = delays.filter((delay) => delay > 0 && delay !== 10 * 60 * 1000);
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.length).toBeLessThan(30);
    expect(Math.max(...waits)).toBeLessThan(2 ** 31);
  });

  test('sends those that wait away where a cooldown is longer than the run waits for', () => {
    withGate({ concurrency: 1, longestCooldownSeconds: 900 }, (gate, { cold, expectObservable }, at) => {
      expectObservable(gate.admit(fresh, () => cold('--a|'))).toBe('--a|');
      expectObservable(gate.admit(fresh, () => cold('b|'))).toBe('  -|');
      at(1, () => gate.heed(fresh, retry('model', 901), 'come back later'));
      expectObservable(timer(5).pipe(admitted(gate, fresh, cold('c|')))).toBe('-----|');
    });
  });

  test('lets nothing start while paused for the disk, and everybody when it is well', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      gate.pause({ scope: 'disk' }, 'full');
      expectObservable(gate.admit(fresh, () => cold('a|'))).toBe('-----a|');
      expectObservable(gate.admit(other, () => cold('b|'))).toBe('-----b|');
      at(5, () => gate.resume({ scope: 'disk' }));
    });
  });

  test('lets one call go first after the account was paused, and the others when it is not refused', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      gate.pause({ scope: 'account' }, 'refused');
      expectObservable(gate.admit(fresh, () => cold('----a|'))).toBe('---------a|');
      expectObservable(gate.admit(fresh, () => cold('b|'))).toBe('     ----------b|');
      expectObservable(gate.admit(other, () => cold('c|'))).toBe('     ----------c|');
      at(5, () => gate.resume({ scope: 'account' }));
      at(9, () => gate.heed(fresh, { kind: 'answer' }, ''));
    });
  });

  test('lets no second call follow one that is refused again', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      gate.pause({ scope: 'account' }, 'refused');
      expectObservable(gate.admit(fresh, () => cold('----a|'))).toBe('---------a|');
      expectObservable(gate.admit(fresh, () => cold('b|'))).toBe('     ');
      at(5, () => gate.resume({ scope: 'account' }));
      at(9, () => gate.heed(fresh, { kind: 'pause', scope: 'account' }, 'refused'));
    });
  });

  test('lets the lanes of two models take turns', () => {
    withGate({ concurrency: 1 }, (gate, { cold, expectObservable }) => {
      expectObservable(gate.admit(fresh, () => cold('-a|'))).toBe('-a|');
      expectObservable(gate.admit(fresh, () => cold('-b|'))).toBe('---b|');
      expectObservable(gate.admit(fresh, () => cold('-c|'))).toBe('-------c|');
      expectObservable(gate.admit(other, () => cold('-d|'))).toBe('-----d|');
    });
  });

  test('lets a repeated attempt of one model go before fresh documents of another', () => {
    withGate({ concurrency: 2 }, (gate, { cold, expectObservable }) => {
      expectObservable(gate.admit(fresh, () => cold('-a|'))).toBe('-a|');
      expectObservable(gate.admit(fresh, () => cold('---b|'))).toBe('---b|');
      expectObservable(gate.admit(fresh, () => cold('-c|'))).toBe('-----c|');
      expectObservable(gate.admit({ ...other, repeated: true }, () => cold('-d|'))).toBe('---d|');
    });
  });

  test('opens again a quarter of an hour after a hint of a billion seconds, to see', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }) => {
      gate.heed(fresh, retry('model', 1e9), 'come back in 31 years');
      expectObservable(gate.admit(fresh, () => cold('a|'))).toBe('15m a|');
    });
  });

  test('pauses a model alone', () => {
    withGate({ concurrency: 10 }, (gate, { cold, expectObservable }, at) => {
      gate.heed(fresh, { kind: 'pause', scope: 'model' }, 'no such model');
      expectObservable(gate.admit(fresh, () => cold('a|'))).toBe('-----a|');
      expectObservable(gate.admit(other, () => cold('b|'))).toBe('b|');
      at(5, () => gate.resume({ scope: 'model', model: 'model' }));
    });
  });

  test('tells each pause once, and its end', () => {
    withGate({ concurrency: 1 }, (gate, { expectObservable }, at) => {
      at(1, () => gate.heed(fresh, { kind: 'pause', scope: 'account' }, 'key refused'));
      at(2, () => gate.heed(fresh, { kind: 'pause', scope: 'account' }, 'key refused'));
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
      expectObservable(gate.admit(fresh, () => cold('----a|'))).toBe('----a|');
      expectObservable(gate.admit(fresh, () => cold('b|'))).toBe('    --|');
      at(2, () => gate.close('signal'));
      at(3, () => gate.close('account'));
      expectObservable(timer(6).pipe(admitted(gate, fresh, cold('c|')))).toBe('------|');
      expectObservable(gate.closing).toBe('--s', { s: 'signal' });
    });
  });
});

/** Asks for a permit at the moment when the source emits. */
function admitted<T>(gate: GateControl, ticket: Ticket, work: Observable<T>) {
  return (source: Observable<unknown>) => source.pipe(concatMap(() => gate.admit(ticket, () => work)));
}
