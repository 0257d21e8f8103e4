import { describe, expect, test } from '@jest/globals';
import type { GivenUp } from '../../src/pipeline/retry-policy.ts';
import { SingleFlight } from '../../src/pipeline/single-flight.ts';

const why: GivenUp = { state: 'failed', code: 'refused', reason: 'it was refused' };

/** Three documents of the same bytes: `a` leads, `b` and `c` follow; `woken` says who was told to look again. */
function following() {
  const flight = new SingleFlight();
  const woken: string[] = [];
  const join = (id: string, fingerprint = 'x') => flight.join(fingerprint, id);
  const follow = (id: string) => {
    const joined = join(id);
    return joined.kind === 'follows' ? joined.landed(() => void woken.push(id)) : undefined;
  };
  expect(join('a')).toEqual({ kind: 'leads' });
  const stopB = follow('b');
  follow('c');
  return { flight, woken, join, follow, stopB };
}

describe('SingleFlight', () => {
  test('lets other fingerprints lead beside the first, and the leader join again', () => {
    const { join } = following();
    expect(join('d', 'y').kind).toBe('leads');
    expect(join('a').kind).toBe('leads');
  });

  test('wakes all when the leader was answered', () => {
    const { flight, woken, join } = following();
    flight.decided('a', 'answered');
    expect(woken).toEqual([]);
    flight.leave('a');
    expect(woken).toEqual(['b', 'c']);
    expect(join('d').kind).toBe('leads');
  });

  test('has those that it woke for an answer look for it all at once, and join again where it is not there', () => {
    const { flight, join } = following();
    flight.decided('a', 'answered');
    flight.leave('a');
    expect(join('b')).toEqual({ kind: 'answered' });
    expect(join('c')).toEqual({ kind: 'answered' });
    expect(join('b')).toEqual({ kind: 'leads' });
    expect(join('c').kind).toBe('follows');
  });

  test('wakes all when it was given up: they share its result, once', () => {
    const { flight, woken, join } = following();
    flight.decided('a', why);
    flight.leave('a');
    expect(woken).toEqual(['b', 'c']);
    expect(join('b')).toMatchObject({ kind: 'shares', why, with: 'a' });
    expect(join('b').kind).toBe('leads');
    expect(join('c', 'other bytes by now').kind).toBe('leads');
  });

  test('wakes the next one alone when it left undecided: that one leads, and the others wait for it', () => {
    const { flight, woken, join, follow } = following();
    flight.leave('a');
    expect(woken).toEqual(['b']);
    expect(join('b').kind).toBe('leads');
    follow('d');
    flight.leave('b');
    expect(woken).toEqual(['b', 'c']);
  });

  test('wakes at once the one that comes to wait when the leader has left already', () => {
    const { flight, join } = following();
    const joined = join('d');
    flight.decided('a', 'answered');
    flight.leave('a');
    let woken = 0;
    if (joined.kind === 'follows') joined.landed(() => (woken += 1));
    expect(woken).toBe(1);
  });

  test('passes over the one that waits no longer', () => {
    const { flight, woken, stopB } = following();
    stopB?.();
    flight.leave('a');
    expect(woken).toEqual(['c']);
  });

  test('lets go of the earlier bytes of a document that changed', () => {
    const { woken, join } = following();
    expect(join('a', 'other').kind).toBe('leads');
    expect(woken).toEqual(['b']);
  });

  test('does nothing for a document that leaves, or is decided, without leading', () => {
    const { flight, woken } = following();
    flight.decided('c', 'answered');
    flight.leave('c');
    flight.leave('unknown');
    expect(woken).toEqual([]);
  });
});
