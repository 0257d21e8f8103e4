import { describe, expect, test } from '@jest/globals';
import { NEVER, Observable, of, Subject, type Subscriber } from 'rxjs';
import { Bulk, type BulkShare } from '../../src/pipeline/memory-limit.ts';

const MIB = 1024 * 1024;

/** Documents that were read and are not yet sent. */
class Reading {
  readonly bulk = new Bulk();
  readonly inside: string[] = [];
  readonly closing = new Subject<void>();
  readonly ended: string[] = [];
  readonly #subscribers = new Map<string, Subscriber<never>>();
  readonly #shares = new Map<string, BulkShare>();

  come(name: string, size: number): () => void {
    const work = (share: BulkShare): Observable<never> =>
      new Observable((subscriber) => {
        this.inside.push(name);
        this.#subscribers.set(name, subscriber);
        this.#shares.set(name, share);
      });
    const subscription = this.bulk.hold(size, this.closing, work).subscribe({ complete: () => this.ended.push(name) });
    return () => subscription.unsubscribe();
  }

  sent(name: string): void {
    this.#shares.get(name)?.giveBack();
  }

  end(name: string): void {
    this.#subscribers.get(name)?.complete();
  }
}

describe('Bulk', () => {
  test('lets small documents pass, however many there are', () => {
    const reading = new Reading();
    reading.come('large', 64 * MIB);
    for (let count = 0; count < 1000; count += 1) reading.come('small', 1000);
    expect(reading.inside).toHaveLength(1001);
  });

  test('lets large ones in, in the order in which they came, as those before them are sent', () => {
    const reading = new Reading();
    for (const name of ['a', 'b', 'c', 'd', 'e']) reading.come(name, 20 * MIB);
    expect(reading.inside).toEqual(['a', 'b', 'c']);
    reading.sent('b');
    reading.sent('b');
    expect(reading.inside).toEqual(['a', 'b', 'c', 'd']);
  });

  test('counts a share once, whether it was given back or its document ended', () => {
    const reading = new Reading();
    for (const name of ['a', 'b', 'c', 'd', 'e']) reading.come(name, 20 * MIB);
    reading.sent('a');
    reading.end('a');
    expect(reading.inside).toEqual(['a', 'b', 'c', 'd']);
    reading.end('c');
    expect(reading.inside).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('lets one in that is larger than all the room when nothing else is there', () => {
    const reading = new Reading();
    reading.come('a', 20 * MIB);
    reading.come('huge', 500 * MIB);
    reading.come('b', 20 * MIB);
    expect(reading.inside).toEqual(['a']);
    reading.sent('a');
    expect(reading.inside).toEqual(['a', 'huge']);
    reading.sent('huge');
    expect(reading.inside).toEqual(['a', 'huge', 'b']);
  });

  test('sends those that wait away when the run ends, and goes on with those inside', () => {
    const reading = new Reading();
    for (const name of ['a', 'b']) reading.come(name, 60 * MIB);
    reading.closing.next();
    expect(reading.ended).toEqual(['b']);
    reading.sent('a');
    expect(reading.inside).toEqual(['a']);
  });

  test('forgets who no longer waits', () => {
    const reading = new Reading();
    reading.come('a', 60 * MIB);
    reading.come('b', 60 * MIB)();
    reading.come('c', 60 * MIB);
    reading.sent('a');
    expect(reading.inside).toEqual(['a', 'c']);
  });

  test('starts nothing before it is subscribed to', () => {
    let begun = 0;
    const held = new Bulk().hold(60 * MIB, NEVER, () => {
      begun += 1;
      return of(0);
    });
    expect(begun).toBe(0);
    held.subscribe();
    held.subscribe();
    expect(begun).toBe(2);
  });
});
