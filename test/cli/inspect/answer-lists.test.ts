import { expect, test } from '@jest/globals';
import { hasList, listNames, listPath, nameOf, unrolled } from '../../../src/cli/inspect/answer-value.ts';
import { parseJson } from '../../../src/lib/json.ts';

test.each([
  ['lines', ['lines']],
  ['data.lines', ['data', 'lines']],
  ['.', []],
  [String.raw`a.b\.c`, ['a', 'b.c']],
  [String.raw`a\\.b`, ['a\\', 'b']],
  [String.raw`a\\\.b`, [String.raw`a\.b`]],
  [String.raw`\.`, ['.']],
])('the name %j is a path, and back', (name, path) => {
  expect(listPath(name)).toEqual(path);
  expect(nameOf(path)).toBe(name);
});

interface Case {
  readonly of: string;
  readonly list: string;
  readonly value: unknown;
  readonly rows: readonly unknown[];
  /** Whether there is such a list. */
  readonly there: boolean;
}

const CASES: readonly Case[] = [
  {
    of: 'objects',
    list: 'lines',
    value: { number: 7, lines: [{ text: 'a' }, { text: 'b' }] },
    rows: [
      { number: 7, lines: { text: 'a' } },
      { number: 7, lines: { text: 'b' } },
    ],
    there: true,
  },
  {
    of: 'plain values',
    list: 'tags',
    value: { tags: ['a', null] },
    rows: [{ tags: 'a' }, { tags: null }],
    there: true,
  },
  {
    of: 'an object within',
    list: 'data.lines',
    value: { data: { page: 1, lines: [1, 2] } },
    rows: [{ data: { page: 1, lines: 1 } }, { data: { page: 1, lines: 2 } }],
    there: true,
  },
  {
    of: 'every item of another list',
    list: 'orders.lines',
    value: { orders: [{ id: 1, lines: ['a', 'b'] }, { id: 2, lines: [] }, { id: 3 }] },
    rows: [
      { orders: { id: 1, lines: 'a' } },
      { orders: { id: 1, lines: 'b' } },
      { orders: { id: 2, lines: undefined } },
      { orders: { id: 3 } },
    ],
    there: true,
  },
  {
    of: 'an answer that is a list, whose items stay whole',
    list: '.',
    value: [[1, 2], [], { a: [3] }],
    rows: [[1, 2], [], { a: [3] }],
    there: true,
  },
  {
    of: 'the items of an answer that is a list',
    list: 'lines',
    value: [{ lines: [1] }, { lines: [2] }],
    rows: [{ lines: 1 }, { lines: 2 }],
    there: true,
  },
  {
    of: 'no item',
    list: 'lines',
    value: { number: 7, lines: [] },
    rows: [{ number: 7, lines: undefined }],
    there: true,
  },
  { of: 'null', list: 'lines', value: { lines: null }, rows: [{ lines: undefined }], there: true },
  { of: 'an empty answer', list: '.', value: [], rows: [undefined], there: true },
  { of: 'null on the way', list: 'data.lines', value: { data: null }, rows: [{ data: undefined }], there: false },
  { of: 'another field', list: 'lines', value: { rows: [1] }, rows: [{ rows: [1] }], there: false },
  { of: 'what is no list', list: 'lines', value: { lines: 'none' }, rows: [{ lines: 'none' }], there: false },
  { of: 'text', list: 'lines', value: 'None.', rows: ['None.'], there: false },
  { of: 'text as a whole', list: '.', value: 'None.', rows: ['None.'], there: false },
  { of: 'what every object has', list: 'constructor.prototype', value: {}, rows: [{}], there: false },
  {
    of: 'a hostile key',
    list: '__proto__',
    value: parseJson('{"__proto__": [1, 2]}'),
    rows: [parseJson('{"__proto__": 1}'), parseJson('{"__proto__": 2}')],
    there: true,
  },
];

test.each(CASES)('the list $list, of $of', ({ list, value, rows, there }) => {
  expect([...unrolled(value, listPath(list))]).toStrictEqual(rows);
  expect(hasList(value, listPath(list))).toBe(there);
});

function namesIn(value: unknown): readonly string[] {
  return [...new Set(listNames(value))];
}

test.each([
  [{ a: [], b: { c: [{ d: [1] }, { e: [[2]] }] }, f: 'no' }, ['a', 'b.c', 'b.c.d', 'b.c.e']],
  [[{ lines: [1] }], ['.', 'lines']],
  [{ a: { 'b.c': [] }, 'a.b.c': [] }, [String.raw`a.b\.c`, String.raw`a\.b\.c`]],
  ['None.', []],
])('listNames tells the lists of %j, and nothing that is none', (value, names) => {
  expect(namesIn(value)).toEqual(names);
  expect(names.filter((name) => !hasList(value, listPath(name)))).toEqual([]);
});
