import { describe, expect, test } from '@jest/globals';
import type { GivenUp } from '../../src/pipeline/call-outcome.ts';
import { Flights } from '../../src/pipeline/single-flight.ts';

const why: GivenUp = { state: 'failed', code: 'refused', reason: 'it was refused' };

/** Three documents of the same bytes: `a` leads, `b` and `c` wait; `woken` says who was told to look again. */
function waiting() {
  const flights = new Flights();
  const woken: string[] = [];
  const board = (id: string, fingerprint = 'x') => flights.board(fingerprint, id);
  const wait = (id: string) => {
    const boarding = board(id);
    return boarding.kind === 'waits' ? boarding.landing.subscribe(() => woken.push(id)) : undefined;
  };
  expect(board('a')).toEqual({ kind: 'leads' });
  const b = wait('b');
  wait('c');
  return { flights, woken, board, wait, b };
}

describe('Flights', () => {
  test('let other fingerprints lead beside the first, and the leader come again', () => {
    const { board } = waiting();
    expect(board('d', 'y').kind).toBe('leads');
    expect(board('a').kind).toBe('leads');
  });

  test('wake all when the leader was answered', () => {
    const { flights, woken, board } = waiting();
    flights.decided('a', 'answered');
    expect(woken).toEqual([]);
    flights.leave('a');
    expect(woken).toEqual(['b', 'c']);
    expect(board('d').kind).toBe('leads');
  });

  test('wake all when it was given up: they share its fate, once', () => {
    const { flights, woken, board } = waiting();
    flights.decided('a', why);
    flights.leave('a');
    expect(woken).toEqual(['b', 'c']);
    expect(board('b')).toMatchObject({ kind: 'shares', why, with: 'a' });
    expect(board('b').kind).toBe('leads');
    expect(board('c', 'other bytes by now').kind).toBe('leads');
  });

  test('wake the next one alone when it left undecided: that one leads, and the others wait for it', () => {
    const { flights, woken, board, wait } = waiting();
    flights.leave('a');
    expect(woken).toEqual(['b']);
    expect(board('b').kind).toBe('leads');
    wait('d');
    flights.leave('b');
    expect(woken).toEqual(['b', 'c']);
  });

  test('wake at once who comes to wait when it has landed already', () => {
    const { flights, board } = waiting();
    const boarding = board('d');
    flights.decided('a', 'answered');
    flights.leave('a');
    let woken = 0;
    if (boarding.kind === 'waits') boarding.landing.subscribe(() => (woken += 1));
    expect(woken).toBe(1);
  });

  test('pass over who waits no longer', () => {
    const { flights, woken, b } = waiting();
    b?.unsubscribe();
    flights.leave('a');
    expect(woken).toEqual(['c']);
  });

  test('let go of the earlier bytes of a document that changed', () => {
    const { woken, board } = waiting();
    expect(board('a', 'other').kind).toBe('leads');
    expect(woken).toEqual(['b']);
  });

  test('mind nobody who leaves, or is decided, without leading', () => {
    const { flights, woken } = waiting();
    flights.decided('c', 'answered');
    flights.leave('c');
    flights.leave('nobody');
    expect(woken).toEqual([]);
  });
});
