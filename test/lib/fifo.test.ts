import { describe, expect, test } from '@jest/globals';
import { Fifo } from '../../src/lib/fifo.ts';

describe('Fifo', () => {
  test('gives back what it was given, in order, and then nothing', () => {
    const queue = new Fifo<string>();
    queue.push('a');
    queue.push('b');
    expect(queue.size).toBe(2);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['a', 'b', undefined]);
    expect(queue.size).toBe(0);
  });

  test('keeps the order over many items that come and go', () => {
    const queue = new Fifo<number>();
    const taken: (number | undefined)[] = [];
    for (let count = 0; count < 10_000; count += 1) {
      queue.push(count);
      if (count % 3 !== 0) taken.push(queue.shift());
    }
    while (queue.size > 0) taken.push(queue.shift());
    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
  });
});
