import { describe, expect, test } from '@jest/globals';
import type { GivenUp } from '../../src/pipeline/retry-policy.ts';
import { SingleFlight } from '../../src/pipeline/single-flight.ts';

const why: GivenUp = { state: 'failed', code: 'refused', reason: 'it was refused' };

/** Three documents of the same bytes: `a` leads, `b` and `c` follow; `woken` says who was told to look again. */
function following() {
  const flights = new SingleFlight();
  const woken: string[] = [];
  const join = (id: string, fingerprint = 'x') => flights.join(fingerprint, id);
  const follow = (id: string) => {
    const joined = join(id);
    return joined.kind === 'follows' ? joined.landed(() => void woken.push(id)) : undefined;
  };
  expect(join('a')).toEqual({ kind: 'leads' });
  const stopB = follow('b');
  follow('c');
  return { flights, woken, join, follow, stopB };
}

describe('SingleFlight', () => {
  test('lets other fingerprints lead beside the first, and the leader join again', () => {
    const { join } = following();
    expect(join('d', 'y').kind).toBe('leads');
    expect(join('a').kind).toBe('leads');
  });

  test('wakes all when the leader was answered', () => {
    const { flights, woken, join } = following();
    flights.decided('a', 'answered');
    expect(woken).toEqual([]);
    flights.leave('a');
    expect(woken).toEqual(['b', 'c']);
    expect(join('d').kind).toBe('leads');
  });

  test('has those that it woke for an answer look for it all at once, and join again where it is not there', () => {
    const { flights, join } = following();
    flights.decided('a', 'answered');
    flights.leave('a');
    expect(join('b')).toEqual({ kind: 'landed' });
    expect(join('c')).toEqual({ kind: 'landed' });
    expect(join('b')).toEqual({ kind: 'leads' });
    expect(join('c').kind).toBe('follows');
  });

  test('wakes all when it was given up: they share its result, once', () => {
    const { flights, woken, join } = following();
    flights.decided('a', why);
    flights.leave('a');
    expect(woken).toEqual(['b', 'c']);
    expect(join('b')).toMatchObject({ kind: 'shares', why, with: 'a' });
    expect(join('b').kind).toBe('leads');
    expect(join('c', 'other bytes by now').kind).toBe('leads');
  });

  test('wakes the next one alone when it left undecided: that one leads, and the others wait for it', () => {
    const { flights, woken, join, follow } = following();
    flights.leave('a');
    expect(woken).toEqual(['b']);
    expect(join('b').kind).toBe('leads');
    follow('d');
    flights.leave('b');
    expect(woken).toEqual(['b', 'c']);
  });

  test('wakes at once the one that comes to wait when the leader has left already', () => {
    const { flights, join } = following();
    const joined = join('d');
    flights.decided('a', 'answered');
    flights.leave('a');
    let woken = 0;
    if (joined.kind === 'follows') joined.landed(() => (woken += 1));
    expect(woken).toBe(1);
  });

  test('passes over the one that waits no longer', () => {
    const { flights, woken, stopB } = following();
    stopB?.();
    flights.leave('a');
    expect(woken).toEqual(['c']);
  });

  test('lets go of the earlier bytes of a document that changed', () => {
    const { woken, join } = following();
    expect(join('a', 'other').kind).toBe('leads');
    expect(woken).toEqual(['b']);
  });

  test('does nothing for a document that leaves, or is decided, without leading', () => {
    const { flights, woken } = following();
    flights.decided('c', 'answered');
    flights.leave('c');
    flights.leave('unknown');
    expect(woken).toEqual([]);
  });
});
