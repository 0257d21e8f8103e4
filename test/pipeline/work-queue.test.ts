import { describe, expect, test } from '@jest/globals';
import { type Later, type Wait, WorkQueue } from '../../src/pipeline/work-queue.ts';
import { promiseTime } from '../support/virtual-time.ts';

interface Item {
  readonly id: string;
  readonly version: number;
}

function item(id: string, version = 1): Item {
  return { id, version };
}

const [a, newerA, b, c] = [item('a'), item('a', 2), item('b'), item('c')];

/**
 * A queue, and what it does: `+a1` joins the line, `>a1` has its turn, `-a1` is given up, `|` is the end of all streams.
 */
function queueOf(limit = 2) {
  const time = promiseTime();
  const queue = new WorkQueue<Item>({
    key: ({ id }) => id,
    same: (earlier, later) => earlier.version === later.version,
    limit,
    clock: time.clock,
  });
  const log: string[] = [];
  const note = (what: string) => void log.push(time.clock.now() === 0 ? what : `${time.clock.now()} ${what}`);
  const open = new Set(['added', 'items', 'left']);
  const ended = (stream: string) => () => {
    open.delete(stream);
    if (open.size === 0) note('|');
  };
  queue.added$.subscribe({ next: ({ id, version }) => note(`+${id}${version}`), complete: ended('added') });
  queue.items$.subscribe({ next: ({ id, version }) => note(`>${id}${version}`), complete: ended('items') });
  queue.left$.subscribe({ next: ({ id, version }) => note(`-${id}${version}`), complete: ended('left') });
  /** The item was processed, and comes back after a wait. */
  const putAway = (processed: Item, after: Wait, more: Partial<Later<Item>> = {}): void => {
    queue.addAfter({ item: processed, after, ...more });
    queue.done(processed);
  };
  return { time, queue, log, putAway };
}

describe('WorkQueue', () => {
  test('has at most as many items processed as it may, in order', () => {
    const { queue, log } = queueOf();
    for (const each of [a, b, c]) queue.add(each);
    expect(log).toEqual(['+a1', '>a1', '+b1', '>b1', '+c1']);
    queue.end();
    queue.done(a);
    expect(log.slice(5)).toEqual(['>c1']);
    queue.done(b);
    expect(log.slice(6)).toEqual([]);
    queue.done(c);
    expect(log.slice(6)).toEqual(['|']);
  });

  test('does not take an item twice while it is in line or processed, and takes it again afterwards', () => {
    const { queue, log } = queueOf(1);
    for (const each of [a, a, b, b]) queue.add(each);
    expect(log).toEqual(['+a1', '>a1', '+b1']);
    queue.done(a);
    queue.add(a);
    expect(log.slice(3)).toEqual(['>b1', '+a1']);
  });

  test('lets a newer version follow the one that is processed', () => {
    const { queue, log } = queueOf();
    for (const each of [a, newerA, newerA]) queue.add(each);
    expect(log).toEqual(['+a1', '>a1']);
    queue.done(a);
    expect(log.slice(2)).toEqual(['+a2', '>a2']);
    queue.end();
    queue.done(newerA);
    expect(log.slice(4)).toEqual(['|']);
  });

  test('lets a newer version follow in place of the return of the one that is processed', async () => {
    const { queue, log, putAway, time } = queueOf();
    for (const each of [a, newerA]) queue.add(each);
    putAway(a, 100);
    queue.done(newerA);
    await time.play();
    expect(log).toEqual(['+a1', '>a1', '+a2', '>a2']);
  });

  test('lets a newer version take the place of one in line', () => {
    const { queue, log } = queueOf(1);
    for (const each of [b, a, newerA]) queue.add(each);
    queue.done(b);
    expect(log).toEqual(['+b1', '>b1', '+a1', '>a2']);
  });

  test('brings an item back after its time, and holds no place for it meanwhile', async () => {
    const { time, queue, log, putAway } = queueOf(1);
    for (const each of [a, b]) queue.add(each);
    queue.addAfter({ item: newerA, after: 6 });
    queue.done(a);
    expect(log).toEqual(['+a1', '>a1', '+b1', '>b1']);
    queue.done(b);
    queue.end();
    await time.play();
    expect(log.slice(4)).toEqual(['6 +a2', '6 >a2']);
    putAway(newerA, 4);
    await time.play();
    queue.done(newerA);
    expect(log.slice(6)).toEqual(['10 +a2', '10 >a2', '10 |']);
  });

  test('brings an item back when it is woken', () => {
    const { queue, log, putAway } = queueOf();
    const wakes: (() => void)[] = [];
    queue.add(a);
    putAway(a, (wake) => {
      wakes.push(wake);
      return () => undefined;
    });
    expect(log).toEqual(['+a1', '>a1']);
    for (const wake of wakes) wake();
    expect(log.slice(2)).toEqual(['+a1', '>a1']);
  });

  test.each<[string, Wait]>([
    ['at once', 0],
    [
      'and is woken before it is away',
      (wake) => {
        wake();
        return () => undefined;
      },
    ],
  ])('takes an item that comes back %s, behind those in line', (_, after) => {
    const { queue, log, putAway } = queueOf(1);
    for (const each of [a, b]) queue.add(each);
    putAway(a, after);
    expect(log).toEqual(['+a1', '>a1', '+b1', '+a1', '>b1']);
    queue.done(b);
    expect(log.slice(5)).toEqual(['>a1']);
  });

  test.each([
    ['a newer version', newerA],
    ['the same', a],
  ])('takes %s of an item that is away at once, and the wait is over', async (_, again) => {
    const { time, queue, log, putAway } = queueOf();
    queue.add(a);
    putAway(a, 100);
    queue.add(again);
    const { version } = again;
    expect(log).toEqual(['+a1', '>a1', `+a${version}`, `>a${version}`]);
    queue.done(again);
    await time.play();
    expect(log).toHaveLength(4);
  });

  test.each([
    ['comes again as it was', true, a, ['8 +a1', '8 >a1']],
    ['comes newer', true, newerA, ['4 +a2', '4 >a2']],
    ['comes again and has reason to come back', false, a, ['4 +a1', '4 >a1']],
  ])('has an item that is to stay away, and %s', async (_, stays, again, expected) => {
    const { time, queue, log, putAway } = queueOf();
    queue.add(a);
    putAway(a, 8, { stays: () => stays });
    time.schedule(() => queue.add(again), 4);
    await time.play();
    expect(log.slice(2)).toEqual(expected);
  });

  test('ends when nothing is in line, processed or away', async () => {
    const { time, queue, log, putAway } = queueOf();
    queue.add(a);
    putAway(a, 8);
    queue.end();
    expect(log).toEqual(['+a1', '>a1']);
    await time.play();
    queue.done(a);
    expect(log.slice(2)).toEqual(['8 +a1', '8 >a1', '8 |']);
  });

  test('ends at once where nothing was added', () => {
    const { queue, log } = queueOf();
    queue.end();
    expect(log).toEqual(['|']);
  });
});

describe('a queue that is closed', () => {
  test('lets what is processed end, gives up what is in line, and forgets what is away', async () => {
    const { time, queue, log, putAway } = queueOf(1);
    for (const each of [a, b, c]) queue.add(each);
    putAway(a, 1000);
    log.length = 0;
    queue.close();
    expect(log).toEqual(['-c1']);
    await time.play();
    expect(time.clock.now()).toBe(0);
    expect(log).toEqual(['-c1']);
    queue.done(b);
    expect(log).toEqual(['-c1']);
    queue.end();
    expect(log).toEqual(['-c1', '|']);
  });

  test('gives up what is added until nothing more is, also when it is idle', () => {
    const { queue, log } = queueOf();
    queue.close();
    queue.add(b);
    expect(log).toEqual(['-b1']);
    queue.end();
    expect(log).toEqual(['-b1', '|']);
  });

  test('gives up what is added, or was to follow, and lets nothing come back', async () => {
    const { time, queue, log, putAway } = queueOf();
    for (const each of [a, newerA, b]) queue.add(each);
    queue.close();
    queue.add(c);
    expect(log.slice(3)).toEqual(['>b1', '-c1']);
    queue.end();
    queue.done(a);
    expect(log.slice(5)).toEqual(['-a2']);
    putAway(b, 5);
    expect(log.slice(6)).toEqual(['|']);
    await time.play();
    expect(log.slice(7)).toEqual([]);
  });

  test('stops waits that someone would wake', () => {
    const { queue, putAway } = queueOf();
    let stopped = 0;
    queue.add(a);
    putAway(a, () => () => (stopped += 1));
    queue.close();
    queue.close();
    expect(stopped).toBe(1);
  });

  test('gives up a long line in slices, between which others have their turn', async () => {
    const { time, queue, log } = queueOf(1);
    const many = Array.from({ length: 5000 }, (_, index) => item(`${index}`));
    for (const each of many) queue.add(each);
    log.length = 0;
    queue.close();
    const slice = log.length;
    expect(slice).toBeLessThan(2000);
    time.schedule(() => log.push('another'), 0);
    await time.play();
    const given = log.filter((line) => line.startsWith('-'));
    expect(given).toHaveLength(4999);
    expect(new Set(given).size).toBe(4999);
    expect(log.indexOf('another')).toBeLessThan(log.length - 1000);
  });

  test('leaves no timer behind where no one listens', async () => {
    const time = promiseTime();
    const queue = new WorkQueue<Item>({ key: ({ id }) => id, same: () => true, limit: 1, clock: time.clock });
    for (let count = 0; count < 5000; count += 1) queue.add(item(`${count}`));
    queue.close();
    expect(time.clock.scheduler.actions).toHaveLength(0);
  });
});

test('a queue takes any number of items that are done as soon as they have their turn', () => {
  const queue = new WorkQueue<Item>({
    key: ({ id }) => id,
    same: () => true,
    limit: 1,
    clock: promiseTime().clock,
  });
  let count = 0;
  let ended = false;
  queue.items$.subscribe({
    next: (each) => {
      count += 1;
      if (each.id !== '0') queue.done(each);
    },
    complete: () => {
      ended = true;
    },
  });
  for (let index = 0; index < 100_000; index += 1) queue.add(item(`${index}`));
  queue.end();
  expect(count).toBe(1);
  queue.done(item('0'));
  expect({ count, ended }).toEqual({ count: 100_000, ended: true });
});
