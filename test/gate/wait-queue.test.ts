import { describe, expect, test } from '@jest/globals';
import { type QueueItem, WaitQueue } from '../../src/gate/wait-queue.ts';
import { fresh as ticket } from './with-gate.ts';

function waiter(repeated: boolean, refused: QueueItem[] = []): QueueItem {
  const made: QueueItem = {
    ticket: { ...ticket, repeated },
    grant: () => undefined,
    refuse: () => void refused.push(made),
  };
  return made;
}

describe('WaitQueue', () => {
  test('serves repeated attempts before fresh documents, each in order of arrival', () => {
    const queue = new WaitQueue();
    const [fresh1, fresh2, repeated1, repeated2] = [waiter(false), waiter(false), waiter(true), waiter(true)];
    for (const each of [fresh1, repeated1, fresh2, repeated2]) queue.add(each);
    const served: (QueueItem | undefined)[] = [];
    for (let next = queue.next(true); next !== undefined; next = queue.next(true)) {
      expect(queue.take(true)).toBe(next);
      served.push(next);
    }
    expect(served).toEqual([repeated1, repeated2, fresh1, fresh2]);
  });

  test('serves fresh documents first when repeated ones have their share, but none waits for nothing', () => {
    const queue = new WaitQueue();
    const [fresh, repeated] = [waiter(false), waiter(true)];
    queue.add(repeated);
    expect(queue.next(false)).toBe(repeated);
    queue.add(fresh);
    expect(queue.next(false)).toBe(fresh);
  });

  test('refuses all', () => {
    const queue = new WaitQueue();
    const refused: QueueItem[] = [];
    const [fresh, repeated] = [waiter(false, refused), waiter(true, refused)];
    queue.add(fresh);
    queue.add(repeated);
    expect([queue.size, queue.hasRepeated]).toEqual([2, true]);
    queue.refuseAll();
    expect(refused).toEqual([repeated, fresh]);
    expect([queue.size, queue.hasRepeated]).toEqual([0, false]);
    expect(queue.next(true)).toBeUndefined();
  });

  test('keeps the order of arrival also if thousands join and leave', () => {
    const queue = new WaitQueue();
    const all = Array.from({ length: 5000 }, () => waiter(false));
    const served: (QueueItem | undefined)[] = [];
    for (const [index, each] of all.entries()) {
      queue.add(each);
      if (index % 5 > 1) served.push(queue.take(true));
    }
    expect(queue.size).toBe(2000);
    while (queue.size > 0) served.push(queue.take(true));
    expect(served).toEqual(all);
    expect(queue.take(true)).toBeUndefined();
  });
});
