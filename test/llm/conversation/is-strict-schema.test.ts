import { describe, expect, test } from '@jest/globals';
import type { JsonRecord } from '../../../src/lib/json.ts';
import { isStrictSchema } from '../../../src/llm/conversation/capabilities.ts';

const objectOf = (properties: JsonRecord, rest: JsonRecord = {}): JsonRecord => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...rest,
});

describe('a schema that an API can hold to strictly', () => {
  test.each<[string, JsonRecord]>([
    ['a closed object', objectOf({ a: { type: 'string' } })],
    ['an object in an object', objectOf({ a: objectOf({ b: { type: 'number' } }) })],
    ['a value that may be missing', objectOf({ a: { type: ['string', 'null'] } })],
    ['an enumeration of a type', objectOf({ a: { type: 'string', enum: ['x', 'y'] } })],
    ['a list', objectOf({ a: { type: 'array', items: { type: 'string' } } })],
    ['one of several', objectOf({ a: { anyOf: [{ type: 'string' }, objectOf({})] } })],
    ['a reference', objectOf({ a: { $ref: '#/$defs/b' } }, { $defs: { b: { type: 'string' } } })],
  ])('%s', (_name, schema) => {
    expect(isStrictSchema(schema)).toBe(true);
  });
});

describe('a schema that it cannot hold to strictly', () => {
  test.each<[string, JsonRecord]>([
    ['any value', objectOf({ a: {} })],
    ['any value, said otherwise', objectOf({ a: true })],
    ['any value with a description', objectOf({ a: { description: 'What it is.' } })],
    ['an enumeration without a type', objectOf({ a: { enum: ['x', 'y'] } })],
    ['a list of anything', objectOf({ a: { type: 'array' } })],
    ['a list of values without a type', objectOf({ a: { type: 'array', items: { enum: [1] } } })],
    ['one of several without a type', objectOf({ a: { anyOf: [{ type: 'string' }, { const: 1 }] } })],
    ['a definition without a type', objectOf({ a: { $ref: '#/$defs/b' } }, { $defs: { b: {} } })],
    ['an open object', objectOf({ a: objectOf({}, { additionalProperties: true }) })],
    ['a property that is not required', objectOf({ a: { type: 'string' } }, { required: [] })],
    ['a list at the top', { type: 'array', items: { type: 'string' } }],
    ['allOf', objectOf({ a: { type: 'string', allOf: [] } })],
  ])('%s', (_name, schema) => {
    expect(isStrictSchema(schema)).toBe(false);
  });
});
