import { describe, expect, test } from '@jest/globals';
import { DEEPEST, scanJson } from '../../../src/llm/conversation/find-json.ts';

const nested = (depth: number) => scanJson('['.repeat(depth) + ']'.repeat(depth)).kind;

describe('a JSON value', () => {
  test.each([
    ['{}', '{}'],
    ['[ ]', '[]'],
    ['{"a":[1,{"b":null}],"c":""}', '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": ""\n}'],
    ['12345678901234567890', '12345678901234567890'],
    ['1e400', '1e400'],
    ['-0.10E+5', '-0.10E+5'],
    ['"\\ud83d\\u0041 😀"', '"\\ud83d\\u0041 😀"'],
    ['{"__proto__": {"a": 1}}', '{\n  "__proto__": {\n    "a": 1\n  }\n}'],
  ])('%j keeps its own characters', (json, pretty) => {
    expect(scanJson(json)).toEqual({ kind: 'value', end: json.length, pretty });
  });

  test('is indented as JSON.stringify does it', () => {
    const value = { list: [[], {}, [1, [2]], 'a"b\\'], deep: { deeper: { x: true } }, none: null };
    expect(scanJson(JSON.stringify(value))).toMatchObject({ pretty: JSON.stringify(value, null, 2) });
  });

  test('ends where it ends', () => {
    expect(scanJson('x {"a": 1} y', 2)).toMatchObject({ kind: 'value', end: 10 });
  });
});

describe('no JSON value', () => {
  test.each([
    ['', 0],
    ['NaN', 0],
    ['Infinity', 0],
    ['01', 0],
    ['1.', 0],
    ['.5', 0],
    ['+1', 0],
    ['0x10', 0],
    ['nul', 0],
    ['truely', 0],
    ["{'a': 1}", 1],
    ['{a: 1}', 1],
    ['{"a": 1,}', 8],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['{"a": 1', 7],
    ['"a\nb"', 0],
    ['"\\x"', 0],
    ['"open', 0],
    ['[1 // one\n]', 3],
    ['{"a": undefined}', 6],
    ['[NaN]', 1],
  ])('is %j', (json, at) => {
    expect(scanJson(json)).toMatchObject({ kind: 'broken', at });
  });

  test('is an object with a name that stands twice, however it is spelt', () => {
    expect(scanJson(String.raw`{"a": 1, "\u0061": 2}`)).toMatchObject({ reason: 'a name stands twice in one object' });
    expect(scanJson('{"a": {"a": 1}}').kind).toBe('value');
  });

  test('is what is nested too deep', () => {
    expect(nested(DEEPEST)).toBe('value');
    expect(nested(DEEPEST + 2)).toBe('broken');
    expect(nested(1_000_000)).toBe('broken');
  });
});
