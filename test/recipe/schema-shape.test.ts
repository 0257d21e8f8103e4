import { describe, expect, test } from '@jest/globals';
import { picoschema as dotprompts } from 'dotprompt';
import { parse } from 'yaml';
import { problemsOf, recipeOf } from './recipe-sources.ts';

function schemaOf(yaml: string): unknown {
  return recipeOf(`output: {schema: ${yaml}}`).handling.output.schema;
}

describe('Picoschema', () => {
  test.each([
    'string',
    '"integer, how many"',
    '{}',
    '{title: string, pages: integer, score: number, ok: boolean, none: "null", rest: any}',
    '{title: "string, what it is called, in short", any: "any, whatever"}',
    '{subtitle?: string, extra?: any, "parent?": {name: string}}',
    '{only?: string}',
    '{tags(array): string, "lines?(array, of the bill)": {what: string, "much?": number}}',
    '{"address(object, where)": {street: string}, "other?(object)": {a: string}}',
    '{"status(enum, how it went)": [good, bad, null], "kind?(enum)": [a, 1]}',
    '{id: string, (*): "string, any other"}',
    '{(*): {deep: {deeper: string}}}',
    '{toString: string, constructor?: number}',
    '{"matrix(array)": {"row(array)": number}}',
  ])('%s becomes what dotprompt makes of it', async (yaml) => {
    const theirs: unknown = JSON.parse(JSON.stringify(await dotprompts(parse(yaml))));

    expect(schemaOf(yaml)).toEqual(theirs);
  });

  test('a key that never ends is read at once', () => {
    const key = `x(a,${' '.repeat(60_000)}`;

    expect(problemsOf(`output: {schema: {"${key}": string}}`)).toBe('');
  });

  test('a property that need not be there may be null, in an enum, too, whose list stays as it was', () => {
    const { schema } = recipeOf('config: {a_list: &kinds [a]}\noutput: {schema: {"kind?(enum)": *kinds}}').handling
      .output;

    expect(schema).toMatchObject({ properties: { kind: { enum: ['a', null] } } });
  });

  test.each([
    ['strnig', 'output.schema "strnig" is not known: did you mean string?'],
    ['{a: Invoice}', 'output.schema.a "Invoice" is not known; known are any, boolean, integer, null, number, string'],
    ['{a: {b: 5}}', 'output.schema.a.b is 5; Picoschema takes a type'],
    ['{a: [string]}', 'output.schema.a is ["string"]; Picoschema takes a type'],
    ['{a: null}', 'output.schema.a is null; Picoschema takes a type'],
    ['{"a(list)": string}', 'output.schema.a(list) "list" is not known; known are array, enum, object'],
    ['{"a(enum)": string}', 'output.schema.a(enum) is "string"; an enum takes a list'],
  ])('%s is refused', (yaml, problem) => {
    expect(problemsOf(`output: {schema: ${yaml}}`)).toContain(problem);
  });
});

describe('JSON Schema', () => {
  test.each([
    '{type: array, items: {type: string}}',
    '{type: [object, "null"], properties: {a: {}}}',
    '{type: object, properties: {when: {type: string, format: date-time, pattern: "^2"}}, required: [when], x-own: 1}',
    '{$ref: "#/$defs/node", $defs: {node: {type: object, properties: {next: {$ref: "#/$defs/node"}}}}}',
    '{$ref: "#/$defs/a", $defs: {a: {anyOf: [{$ref: "#/$defs/b"}, {$ref: "#/$defs/b"}]}, b: {type: string}}}',
    '{type: object, definitions: {a: {type: string}}, properties: {b: {$ref: "#/definitions/a"}}}',
    '{anyOf: [{type: string}, {type: number}]}',
    '{enum: [a, b]}',
    '{$schema: "http://json-schema.org/draft-07/schema#", type: array, items: [{type: string}]}',
    '{$schema: "https://json-schema.org/draft/2020-12/schema", type: array, prefixItems: [{type: string}]}',
    '{type: string, title: t, description: d, default: x, examples: [x], deprecated: true}',
  ])('%s is taken as it is', (yaml) => {
    expect(schemaOf(yaml)).toEqual(parse(yaml));
  });

  test('properties alone are those of an object', () => {
    expect(schemaOf('{properties: {a: {type: string}}}')).toEqual({
      type: 'object',
      properties: { a: { type: 'string' } },
    });
  });

  test.each([
    ['{type: any}', 'is no valid JSON Schema: schema/type must be'],
    ['{type: object, properties: {a: {type: text}}}', 'is no valid JSON Schema: schema/properties/a/type'],
    [
      '{type: object, properties: {a: {type: strng}}}',
      'output.schema is no valid JSON Schema: schema/properties/a/type must be one of array, boolean, integer, null, number, object, string, not "strng" (did you mean string?).',
    ],
    ['{type: object, required: a}', 'is no valid JSON Schema: schema/required must be array'],
    ['{type: string, pattern: "("}', 'is no valid JSON Schema'],
    [
      '{type: object, properties: {a: {$ref: "https://example.org/a.json"}}}',
      "can't resolve reference https://example.org/a.json",
    ],
    ['{type: object, properties: {a: {$ref: "#/$defs/none"}}}', "can't resolve reference #/$defs/none"],
    ['{$schema: "https://example.org/own", type: string}', 'is no valid JSON Schema'],
    ['{$ref: "#"}', 'it refers to itself without end'],
    ['{type: object, properties: {a: {$ref: "#/properties/a"}}}', 'it refers to itself without end'],
    ['{anyOf: [{type: string}, {$ref: "#"}]}', 'it refers to itself without end'],
    ['{type: object, $defs: {"a/b": {not: {$ref: "#/$defs/a~1b"}}}}', 'it refers to itself without end'],
    ['{$ref: "#/$defs/a/allOf/0", $defs: {a: {allOf: [{$ref: "#/$defs/a"}]}}}', 'it refers to itself without end'],
    [
      '{$schema: "https://json-schema.org/draft/2020-12/schema", $ref: "#a", $defs: {b: {$anchor: a, $ref: "#a"}}}',
      'it refers to itself without end',
    ],
    ['{type: string, $async: true}', '$async is not for answers'],
    ['{type: object, propertys: {}}', 'has "propertys", which is no keyword of JSON Schema'],
    ['{type: object, properties: {a: {type: number, minimun: 1}}}', 'has "minimun", which is no keyword'],
    [
      '{type: string, confidence: number}',
      'has "confidence", which is no keyword of JSON Schema: that is what a schema with a type',
    ],
  ])('%s is refused', (yaml, problem) => {
    expect(problemsOf(`output: {schema: ${yaml}}`)).toContain(problem);
  });

  test('one whose references double at each level is looked at once', () => {
    const levels = Array.from({ length: 40 }, (_, level) => {
      return `a${level + 1}: {anyOf: [{$ref: "#/$defs/a${level}"}, {$ref: "#/$defs/a${level}"}]}`;
    });

    expect(
      problemsOf(`output: {schema: {$ref: "#/$defs/a40", $defs: {a0: {type: string}, ${levels.join(', ')}}}}`),
    ).toBe('');
  });

  test('a large one is fine', () => {
    const properties = Array.from({ length: 500 }, (_, index) => `p${index}: {type: string, enum: [a, b]}`).join(', ');

    expect(problemsOf(`output: {schema: {type: object, properties: {${properties}}}}`)).toBe('');
  });
});
