import { describe, expect, test } from '@jest/globals';
import { createGate } from '../../src/gate/gate.ts';
import { playInVirtualTime } from '../support/virtual-time.ts';
import { ANY, Calls, eventsOf, fresh, other, recordOf, repeated, retry, tooManyAtOnce, withGate } from './with-gate.ts';

const REFUSED = { kind: 'pause', scope: 'account' } as const;

const noTimer = (): never => {
  throw new Error('a timer');
};

describe('the gate', () => {
  test('lets no more calls in than it has slots, in order of arrival', async () => {
    const became = await withGate({ concurrency: 2 }, (calls) => {
      calls.make('a', { ms: 4 });
      calls.make('b', { ms: 6 });
      calls.make('c', { ms: 2 });
    });
    expect(became).toEqual({ a: [0, 4], b: [0, 6], c: [4, 6] });
  });

  test('gets a slot back when the call fails, or when the slot is released meanwhile', async () => {
    const became = await withGate({ concurrency: 1 }, (calls, _, { sleep, schedule }) => {
      const failing = calls.hold('a', {}, async (slot) => {
        const failed = slot.call(async () => {
          await sleep(1);
          throw new Error('a mistake');
        });
        await expect(failed).rejects.toThrow('a mistake');
      });
      void failing;
      void calls.hold('b', {}, async (slot) => {
        schedule(() => slot.release(), 3);
        await calls.call('b', slot, { ms: 6 });
      });
      calls.make('c', { ms: 2 });
    });
    expect(became).toEqual({ b: [1, 7], c: [3, 5] });
  });

  test('lets no heap of answers wait to be filed: no more than as many again as calls in flight', async () => {
    const became = await withGate({ concurrency: 2 }, (calls, _, { sleep }) => {
      for (const name of ['x', 'y', 'z']) {
        void calls.hold(name, {}, async (slot) => {
          slot.settling();
          slot.settling();
          await sleep(7);
        });
      }
      for (const name of ['a', 'b', 'c']) calls.make(name, { ms: 3 });
    });
    expect(became).toEqual({ a: [0, 3], b: [3, 6], c: [6, 9] });
  });

  test('gets a slot back that is released without a call', async () => {
    const became = await withGate({ concurrency: 1 }, (calls) => {
      calls.make('a', { ms: 4 });
      void calls.hold('b', {}, () => Promise.resolve());
      calls.make('c', { ms: 2 });
    });
    expect(became).toEqual({ a: [0, 4], c: [4, 6] });
  });

  test('lets repeated attempts go first, within half of the slots', async () => {
    const became = await withGate({ concurrency: 2 }, (calls) => {
      for (const name of ['a', 'b', 'c']) calls.make(name, { ms: 3 });
      for (const name of ['d', 'e']) calls.make(name, { ticket: repeated, ms: 3 });
    });
    expect(became).toEqual({ a: [0, 3], b: [0, 3], c: [3, 6], d: [3, 6], e: [6, 9] });
  });

  test('cools a model for all after a hint, and lets the others go on', async () => {
    let events: unknown[] = [];
    const became = await withGate({ concurrency: 10 }, (calls, gate, time) => {
      events = eventsOf(gate, time, (event) => event);
      calls.makeAt(1, 'refused', { verdict: retry('model', 3), record: { message: 'too many requests' } });
      calls.makeAt(2, 'a');
      calls.makeAt(2, 'b', { ticket: other });
    });
    expect(became).toEqual({ refused: [1, 1], a: [3001, 3001], b: [2, 2] });
    const cooling = { type: 'gate-cooling', model: 'model', seconds: 3, reason: 'too many requests' };
    expect(events).toEqual([[1, cooling]]);
  });

  test('cools for a second after a 429 without a hint', async () => {
    const { a } = await withGate({ concurrency: 10 }, (calls) => {
      calls.makeAt(1, 'refused', { verdict: retry('model', null) });
      calls.makeAt(2, 'a');
    });
    expect(a).toEqual([1001, 1001]);
  });

  test('cools twice as long after each further refusal without a hint; those of calls at once are one', async () => {
    const verdict = retry('model', null);
    const became = await withGate({ concurrency: 3 }, (calls) => {
      calls.make('a', { ms: 1, verdict });
      calls.make('b', { ms: 2, verdict });
      calls.make('c', { ms: 1, verdict });
      calls.make('d', { verdict });
      calls.make('e');
    });
    expect(became).toEqual({ a: [0, 1], b: [0, 2], c: [0, 1], d: [1002, 1002], e: [3002, 3002] });
  });

  test('steps down, and does not cool, if calls are too many at once', async () => {
    let events: (readonly [number, string])[] = [];
    const { c, d } = await withGate({ concurrency: 4 }, (calls, gate, time) => {
      events = eventsOf(gate, time, ({ type }) => type);
      for (const name of ['a', 'b']) calls.make(name, { ms: 3 });
      for (const name of ['x', 'y']) calls.make(name, { ms: 1, verdict: tooManyAtOnce });
      for (const name of ['c', 'd']) calls.make(name, { ms: 3 });
    });
    // The first refusal may be chance.
    expect([c, d]).toEqual([
      [1, 4],
      [3, 6],
    ]);
    expect(events[0]).toEqual([1, 'gate-limited']);
  });

  test.each(['concurrency', 'rate', 'upstream'] as const)(
    'repeats a document alone that is refused without a hint now and then: %s',
    async (limit) => {
      const verdict = { kind: 'retry', cools: 'model', hintSeconds: null, counts: false, limit } as const;
      let events: (readonly [number, string])[] = [];
      const became = await withGate({ concurrency: 2 }, (calls, gate, time) => {
        events = eventsOf(gate, time, ({ type }) => type);
        for (let call = 0; call < 40; call += 1)
          calls.make(String(call), { ms: 10, ...(call % 10 === 5 && { verdict }) });
      });
      expect(became['39']).toEqual([190, 200]);
      expect(events).toEqual([]);
    },
  );

  test('cools if even one call at once is too many', async () => {
    const became = await withGate({ concurrency: 1 }, (calls) => {
      for (const name of ['a', 'b']) calls.make(name, { verdict: tooManyAtOnce });
      calls.make('c');
    });
    expect(became).toEqual({ a: [0, 0], b: [0, 0], c: [1000, 1000] });
  });

  test('does not cool for what concerns one document alone', async () => {
    const { a } = await withGate({ concurrency: 10 }, (calls) => {
      calls.makeAt(1, 'refused', { verdict: retry('document', 60) });
      calls.makeAt(2, 'a');
    });
    expect(a).toEqual([2, 2]);
  });

  test('reports what a call came to before another one may start', async () => {
    const became = await withGate({ concurrency: 1 }, (calls) => {
      calls.make('a', { ms: 2, verdict: retry('model', 1) });
      calls.make('b');
    });
    expect(became).toEqual({ a: [0, 2], b: [1002, 1002] });
  });

  test('starts those that waited one after another when a cooldown is over', async () => {
    const became = await withGate({ concurrency: 10 }, (calls) => {
      calls.make('refused', { verdict: retry('model', 1) });
      for (const name of ['a', 'b', 'c']) calls.makeAt(1, name);
    });
    expect(became).toMatchObject({ a: [1000, 1000], b: [1050, 1050], c: [1098, 1098] });
  });

  test('waits after a hint of a billion seconds with timers that are short, and rare', async () => {
    const delays: number[] = [];
    const tenMinutes = 10 * 60 * 1000;
    const calls = await playInVirtualTime((time) => {
      const { scheduler } = time.clock;
      const schedule = scheduler.schedule.bind(scheduler);
      scheduler.schedule = (work, delay = 0, state?) => {
        delays.push(delay);
        return schedule(work, delay, state);
      };
      const gate = createGate({ ...ANY, concurrency: 10, clock: time.clock });
      const made = new Calls(gate, time);
      made.make('refused', { verdict: retry('model', 1e9) });
      made.makeAt(1, 'a');
      return made;
    }, tenMinutes);
    expect(calls.became).toEqual({ refused: [0, 0] });
    const waits = delays.filter((delay) => delay > 1);
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.length).toBeLessThan(30);
    expect(Math.max(...waits)).toBeLessThan(2 ** 31);
  });

  test('turns those away that wait if a cooldown is longer than the run waits for', async () => {
    const became = await withGate({ concurrency: 1, longestCooldownSeconds: 900 }, (calls) => {
      calls.make('a', { ms: 1, verdict: retry('model', 901) });
      calls.make('b');
      calls.makeAt(5, 'c');
    });
    expect(became).toEqual({ a: [0, 1], b: 'closed at 1', c: 'closed at 5' });
  });

  test('lets nothing start while paused for the disk, and all when it is well', async () => {
    const became = await withGate({ concurrency: 10 }, (calls, gate, { schedule }) => {
      gate.pause({ scope: 'disk' }, 'full');
      calls.make('a');
      calls.make('b', { ticket: other });
      schedule(() => gate.resume({ scope: 'disk' }), 5);
    });
    expect(became).toEqual({ a: [5, 5], b: [5, 5] });
  });

  test('lets one call go first after the account was paused, and the others if it is not refused', async () => {
    const became = await withGate({ concurrency: 10 }, (calls, gate, { schedule }) => {
      gate.pause({ scope: 'account' }, 'refused');
      calls.make('a', { ms: 5 });
      calls.make('b');
      calls.make('c', { ticket: other });
      schedule(() => gate.resume({ scope: 'account' }), 5);
    });
    expect(became).toEqual({ a: [5, 10], b: [10, 10], c: [10, 10] });
  });

  test('lets no second call follow one that is refused again', async () => {
    const became = await withGate({ concurrency: 10 }, (calls, gate, { schedule }) => {
      gate.pause({ scope: 'account' }, 'refused');
      calls.make('a', { ms: 4, verdict: REFUSED });
      calls.make('b');
      schedule(() => gate.resume({ scope: 'account' }), 5);
    });
    expect(became).toEqual({ a: [5, 9] });
  });

  test('lets two models take turns', async () => {
    const became = await withGate({ concurrency: 1 }, (calls) => {
      for (const name of ['a', 'b', 'c']) calls.make(name, { ms: 2 });
      calls.make('d', { ticket: other, ms: 2 });
    });
    expect(became).toEqual({ a: [0, 2], b: [2, 4], c: [6, 8], d: [4, 6] });
  });

  test('lets a repeated attempt of one model go before fresh documents of another', async () => {
    const became = await withGate({ concurrency: 2 }, (calls) => {
      calls.make('a', { ms: 2 });
      calls.make('b', { ms: 4 });
      calls.make('c', { ms: 2 });
      calls.make('d', { ticket: { ...other, repeated: true }, ms: 2 });
    });
    expect(became).toEqual({ a: [0, 2], b: [0, 4], c: [4, 6], d: [2, 4] });
  });

  test('opens again a quarter of an hour after a hint of a billion seconds, to see', async () => {
    const { a } = await withGate({ concurrency: 10 }, (calls) => {
      calls.make('refused', { verdict: retry('model', 1e9) });
      calls.makeAt(1, 'a');
    });
    expect(a).toEqual([900_000, 900_000]);
  });

  test('pauses a model alone', async () => {
    const became = await withGate({ concurrency: 10 }, (calls, gate, { schedule }) => {
      calls.make('refused', { verdict: { kind: 'pause', scope: 'model' } });
      calls.makeAt(1, 'a');
      calls.makeAt(1, 'b', { ticket: other });
      schedule(() => gate.resume({ scope: 'model', model: 'model' }), 5);
    });
    expect(became).toMatchObject({ a: [5, 5], b: [1, 1] });
  });

  test('reports each pause once, and its end', async () => {
    let events: unknown[] = [];
    await withGate({ concurrency: 2 }, (calls, gate, time) => {
      events = eventsOf(gate, time, (event) => event);
      const refused = { verdict: REFUSED, record: { message: 'key refused' } };
      calls.make('a', { ms: 1, ...refused });
      calls.make('b', { ms: 2, ...refused });
      for (const atMs of [3, 4]) time.schedule(() => gate.resume({ scope: 'account' }), atMs);
    });
    expect(events).toEqual([
      [1, { type: 'gate-paused', scope: 'account', reason: 'key refused' }],
      [3, { type: 'gate-resumed', scope: 'account' }],
    ]);
  });

  test('closing turns those away that wait, lets calls in flight end, and lets nothing more in', async () => {
    const reasons: unknown[] = [];
    const became = await withGate({ concurrency: 1 }, (calls, gate, { schedule, clock }) => {
      calls.make('a', { ms: 5 });
      calls.make('b');
      schedule(() => gate.close('signal'), 2);
      schedule(() => gate.close('account'), 3);
      calls.makeAt(6, 'c');
      gate.closing.subscribe((reason) => reasons.push([clock.now(), reason]));
      schedule(() => gate.closing.subscribe((reason) => reasons.push([clock.now(), reason])), 7);
    });
    expect(became).toEqual({ a: [0, 5], b: 'closed at 2', c: 'closed at 6' });
    expect(reasons).toEqual([
      [2, 'signal'],
      [7, 'signal'],
    ]);
  });

  test('leaves no timer once it is closed', async () => {
    const endedAt = await playInVirtualTime((time) => {
      const gate = createGate({ ...ANY, clock: time.clock });
      const calls = new Calls(gate, time);
      calls.make('refused', { verdict: retry('model', 60) });
      calls.makeAt(1, 'a');
      time.schedule(() => gate.close('signal'), 5);
      return { calls, time };
    });
    expect(endedAt.calls.became).toMatchObject({ a: 'closed at 5' });
    expect(endedAt.time.clock.now()).toBe(5);
  });

  test('turns 20,000 away that wait when it closes, and nothing of them stays', async () => {
    const waits = Array.from({ length: 20_000 }, (_, index) => `w${index}`);
    const became = await withGate({ concurrency: 1 }, (calls, gate, { schedule }) => {
      calls.make('a', { ms: 5 });
      for (const name of waits) calls.make(name);
      schedule(() => gate.close('signal'), 2);
    });
    expect(became['a']).toEqual([0, 5]);
    expect(waits.filter((name) => became[name] === 'closed at 2')).toHaveLength(20_000);
  });

  test('sets no timer while nothing waits for a time', async () => {
    const became = await playInVirtualTime((time) => {
      const scheduler = { now: () => time.clock.now(), schedule: noTimer };
      const calls = new Calls(createGate({ ...ANY, concurrency: 2, clock: { ...time.clock, scheduler } }), time);
      for (let index = 0; index < 100; index += 1) calls.make(`c${index}`, { ms: 1 });
      return calls.became;
    });
    expect(became['c99']).toEqual([49, 50]);
  });

  test('gets as many documents ready beyond the calls in flight as end meanwhile', async () => {
    let ended = 0;
    let inFlight = 0;
    let most = 0;
    let seen: unknown;
    await withGate({ concurrency: 10 }, (calls, _, { sleep, schedule }) => {
      for (let index = 0; index < 1000; index += 1) {
        void calls.hold('', {}, async (slot) => {
          await sleep(20);
          await slot.call(async () => {
            inFlight += 1;
            most = Math.max(most, inFlight);
            await sleep(200);
            inFlight -= 1;
            return { outcome: { verdict: { kind: 'answer' }, record: recordOf({}) } };
          });
          ended += 1;
        });
      }
      schedule(() => (seen = [ended > 950, most]), 20_400);
    });
    expect(seen).toEqual([true, 10]);
    expect(ended).toBe(1000);
  });

  test('sends a document back in line that gets ready when a longer wait has begun', async () => {
    const became = await withGate({ concurrency: 2 }, (calls, _, { sleep }) => {
      calls.make('refused', { ms: 4, verdict: retry('model', 60) });
      void calls.hold('a', { ticket: fresh }, async (slot) => {
        await sleep(10);
        await calls.call('a', slot, {});
      });
    });
    expect(became).toEqual({ refused: [0, 4], a: 'requeue at 10' });
  });
});
