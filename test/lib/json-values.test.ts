import { describe, expect, test } from '@jest/globals';
import { asAmount, asArray, asObject, asText } from '../../src/lib/json.ts';

describe('what a reply may hold in the place of', () => {
  test.each([
    ['an object', asObject, { a: 1 }, [null, undefined, [1], 'text', 7], {}],
    ['a list', asArray, [1], [null, undefined, { length: 1 }, 'text'], []],
    ['a text', asText, ' text ', [null, undefined, '', ' \n\t', 7, {}], null],
    ['an amount', asAmount, 0.5, [null, undefined, '0.5', -1, Number.NaN, Number.POSITIVE_INFINITY], null],
  ] as readonly (readonly [string, (value: unknown) => unknown, unknown, readonly unknown[], unknown])[])(
    '%s reads as nothing',
    (_, read, good, others, nothing) => {
      expect(read(good)).toEqual(good);
      for (const other of others) expect(read(other)).toEqual(nothing);
    },
  );
});

test('nothing costs nothing: zero is an amount', () => {
  expect(asAmount(0)).toBe(0);
});
