import { describe, expect, test } from '@jest/globals';
import { Flights } from '../../src/stages/flights.ts';

/** Three documents of the same bytes: `a` leads, `b` and `c` wait; `woken` says who was told to look again. */
function waiting() {
  const flights = new Flights();
  const woken: string[] = [];
  const join = (id: string, fingerprint = 'x') => flights.join(fingerprint, id);
  const wait = (id: string) => join(id)?.subscribe(() => woken.push(id));
  expect(join('a')).toBeNull();
  const b = wait('b');
  wait('c');
  return { flights, woken, join, wait, b };
}

describe('Flights', () => {
  test('let other fingerprints lead beside the first, and the leader come again', () => {
    const { join } = waiting();
    expect(join('d', 'y')).toBeNull();
    expect(join('a')).toBeNull();
  });

  test('wake all when the leader was answered', () => {
    const { flights, woken, join } = waiting();
    flights.answered('a');
    expect(woken).toEqual([]);
    flights.leave('a');
    expect(woken).toEqual(['b', 'c']);
    expect(join('d')).toBeNull();
  });

  test('wake the next one alone when it was not: that one leads, and the others wait for it', () => {
    const { flights, woken, join, wait } = waiting();
    flights.leave('a');
    expect(woken).toEqual(['b']);
    expect(join('b')).toBeNull();
    wait('d');
    flights.leave('b');
    expect(woken).toEqual(['b', 'c']);
  });

  test('pass over who waits no longer', () => {
    const { flights, woken, b } = waiting();
    b?.unsubscribe();
    flights.leave('a');
    expect(woken).toEqual(['c']);
  });

  test('let go of the earlier bytes of a document that changed', () => {
    const { woken, join } = waiting();
    expect(join('a', 'other')).toBeNull();
    expect(woken).toEqual(['b']);
  });

  test('mind nobody who leaves without leading', () => {
    const { flights, woken } = waiting();
    flights.leave('c');
    flights.answered('c');
    flights.leave('nobody');
    expect(woken).toEqual([]);
  });
});
