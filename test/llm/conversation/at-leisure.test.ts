import { setImmediate as immediately } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { atLeisure } from '../../../src/llm/conversation/split-text.ts';

/** Takes longer than a turn for each item. */
function* slowly(items: number): Generator<number> {
  for (let item = 0; item < items; item += 1) {
    const until = performance.now() + 30;
    while (performance.now() < until);
    yield item;
  }
}

function* broken(): Generator<number> {
  yield 1;
  throw new Error('No more.');
}

describe('what is worked out at leisure', () => {
  test('is there at once where it is little', () => {
    const made: unknown[] = [];
    atLeisure(['a', 'b']).subscribe((all) => made.push(all));
    expect(made).toEqual([['a', 'b']]);
  });

  test('lets other work go on in between', async () => {
    const order: string[] = [];
    setImmediate(() => order.push('other work'));
    expect(await firstValueFrom(atLeisure(slowly(4)))).toEqual([0, 1, 2, 3]);
    order.push('made');
    expect(order).toEqual(['other work', 'made']);
  });

  test('is not gone on with when nobody waits for it any more', async () => {
    const taken: number[] = [];
    function* watched() {
      for (const item of slowly(4)) {
        taken.push(item);
        yield item;
      }
    }
    atLeisure(watched()).subscribe().unsubscribe();
    for (let turn = 0; turn < 5; turn += 1) await immediately();
    expect(taken).toEqual([0]);
  });

  test('errors as what makes it does', async () => {
    await expect(firstValueFrom(atLeisure(broken()))).rejects.toThrow('No more.');
  });
});
