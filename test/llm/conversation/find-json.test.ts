import { describe, expect, test } from '@jest/globals';
import { findJson } from '../../../src/llm/conversation/find-json.ts';

const valuesOf = (reply: string) => {
  const json = findJson(reply);
  return json.kind === 'found' ? json.values.map(({ value }) => value) : json.reason;
};

describe('the JSON of a reply', () => {
  test.each<[string, string, unknown[]]>([
    ['all of it', ' {"a":1}\n', [{ a: 1 }]],
    ['behind a byte order mark', '\uFEFF{"a":1}', [{ a: 1 }]],
    ['a bare value', '"yes"', ['yes']],
    ['a code block', '```json\n{"a":1}\n```', [{ a: 1 }]],
    ['a code block that is not closed', '```\n{"a":1}', [{ a: 1 }]],
    ['a code block amid prose with braces', 'Of {this}:\n\n~~~\n[1]\n~~~\nDone {so}.', [[1]]],
    ['a code block that holds fences in a string', 'Here:\n{"a":"```\\n```"}', [{ a: '```\n```' }]],
    ['prose around it', 'Here it is: {"a":"}"} Enjoy!', [{ a: '}' }]],
    ['a list behind a colon', 'Result: [{"a":1},{"a":2}]', [[{ a: 1 }, { a: 2 }]]],
    ['prose with citations and links', 'As [1] and [2, 3] say, see [here](x): {"a":[4]}', [{ a: [4] }]],
    ['several values', '{"a":1}\n{"a":2,"b":3}', [{ a: 1 }, { a: 2, b: 3 }]],
    ['a list of numbers on a line of its own', 'Numbers:\n[1, 2]', [[1, 2]]],
    ['a list of numbers on an indented line', 'Numbers:\r\n \t[1, 2]', [[1, 2]]],
  ])('is found: %s', (_name, reply, values) => {
    expect(valuesOf(reply)).toEqual(values);
  });

  test.each([
    ['nothing', ' \n', 'it is empty'],
    ['prose', 'I cannot say.', 'it holds no JSON'],
    ['citations alone', 'I cannot say, as of [1].', 'it holds no JSON'],
    [
      'a comma too many',
      '{"items": [{"a":1},{"a":2}],}',
      'line 1, column 29: a string in double quotes is missing, or one is not well-formed',
    ],
    ['a list that is broken', 'So:\n[{"a":1},{"a":2},]', 'line 2, column 18: a JSON value is missing'],
    [
      'Python',
      '{\'items\': ["a"]}',
      'line 1, column 2: a string in double quotes is missing, or one is not well-formed',
    ],
    ['a broken code block', '```json\n{"a":1\n```\nor {"a":2}', 'line 1, column 7: "}" is missing'],
    ['a value that was never ended', 'Here: {"a": {"b": 1}', 'line 1, column 21: "}" is missing'],
  ])('is broken, and no piece of it is taken: %s', (_name, reply, reason) => {
    expect(valuesOf(reply)).toBe(reason);
  });

  test('is looked for in brackets without end in no time', () => {
    expect(valuesOf('[['.repeat(50_000))).toMatch('nested deeper');
    expect(valuesOf('[x'.repeat(50_000))).toBe('it holds no JSON');
    expect(valuesOf(`As of ${'[1]'.repeat(500_000)}`)).toBe('it holds no JSON');
    expect(valuesOf(`So: ${'{}'.repeat(300_000)}`)).toHaveLength(300_000);
    expect(valuesOf(`${' '.repeat(500_000)}x ${'[1] '.repeat(200_000)}`)).toBe('it holds no JSON');
  });
});
