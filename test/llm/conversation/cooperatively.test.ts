import { describe, expect, test } from '@jest/globals';
import { cooperatively } from '../../../src/llm/conversation/split-text.ts';

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

describe('what is worked out cooperatively', () => {
  test('is there at once if it is little', async () => {
    const order: string[] = [];
    const other = setImmediate(() => order.push('other work'));
    expect(await cooperatively(['a', 'b'])).toEqual(['a', 'b']);
    clearImmediate(other);
    expect(order).toEqual([]);
  });

  test('lets other work go on in between', async () => {
    const order: string[] = [];
    setImmediate(() => order.push('other work'));
    expect(await cooperatively(slowly(4))).toEqual([0, 1, 2, 3]);
    order.push('made');
    expect(order).toEqual(['other work', 'made']);
  });

  test('rejects as what makes it throws', async () => {
    await expect(cooperatively(broken())).rejects.toThrow('No more.');
  });
});
