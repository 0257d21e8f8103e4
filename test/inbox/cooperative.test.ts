import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { lastValueFrom, take, tap, toArray } from 'rxjs';
import { cooperatively } from '../../src/inbox/cooperative.ts';

function* endless(onEnd: () => void): Generator<number> {
  try {
    for (let number = 0; ; number++) yield number;
  } finally {
    onEnd();
  }
}

function* broken(): Generator<number> {
  yield 1;
  throw new Error('broken');
}

describe('in slices', () => {
  test('everything is emitted in order', async () => {
    expect(await lastValueFrom(cooperatively(() => [1, 2, 3]).pipe(toArray()))).toEqual([1, 2, 3]);
  });

  test('the event loop goes on during a long source, and unsubscribing ends it', async () => {
    const ended = new Promise<void>((resolve) => {
      const subscription = cooperatively(() => endless(resolve)).subscribe();
      void setImmediate().then(() => subscription.unsubscribe());
    });
    await expect(ended).resolves.toBeUndefined();
  });

  test('no more is pulled once the consumer has enough', async () => {
    let pulled = 0;
    const source = function* (): Generator<number> {
      for (;;) yield pulled++;
    };
    await lastValueFrom(cooperatively(source).pipe(take(3)));
    expect(pulled).toBe(3);
  });

  test('an item waits for what comes before it', async () => {
    const gate = new EventEmitter();
    const opened = once(gate, 'open').then(() => undefined);
    const seen: number[] = [];
    const items = cooperatively(
      () => [1, 2],
      (item) => (item === 2 ? opened : undefined),
    );
    const done = lastValueFrom(items.pipe(tap((item) => seen.push(item))));
    await setImmediate();
    expect(seen).toEqual([1]);
    gate.emit('open');
    await done;
    expect(seen).toEqual([1, 2]);
  });

  test('a source that throws is an error of the stream', async () => {
    await expect(lastValueFrom(cooperatively(broken))).rejects.toThrow('broken');
  });
});
