import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { jsonAnswer, wrongJson } from '../../src/simulator/json-answer.ts';

const STRING = { type: 'string' };

const SCHEMAS: readonly (readonly [string, object])[] = [
  [
    'an object',
    {
      type: 'object',
      properties: { a: STRING, b: { type: 'integer' } },
      required: ['a', 'b'],
      additionalProperties: false,
    },
  ],
  ['a required property that is not described', { type: 'object', required: ['x'] }],
  ['an enum', { enum: ['red', 'green', 7] }],
  ['a constant', { const: { a: 1 } }],
  [
    'an array of objects',
    { type: 'array', minItems: 3, items: { type: 'object', properties: { a: STRING }, required: ['a'] } },
  ],
  ['an array of nothing', { type: 'array', maxItems: 0, items: STRING }],
  ['a tuple', { type: 'array', prefixItems: [STRING, { type: 'number' }], items: false, minItems: 2 }],
  [
    'formats',
    {
      type: 'object',
      properties: Object.fromEntries(
        ['date', 'date-time', 'time', 'email', 'uuid', 'uri', 'ipv4', 'ipv6', 'hostname', 'duration'].map((format) => [
          format,
          { type: 'string', format },
        ]),
      ),
    },
  ],
  ['a string of some length', { type: 'string', minLength: 200, maxLength: 220 }],
  ['a short string', { type: 'string', maxLength: 3 }],
  ['a number in a range', { type: 'number', minimum: 0.25, maximum: 0.75 }],
  ['a number in an open range', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }],
  ['a whole number above another', { type: 'integer', exclusiveMinimum: 3, maximum: 4 }],
  ['a negative number', { type: 'number', maximum: -5 }],
  ['a number of steps', { type: 'integer', minimum: 11, multipleOf: 5 }],
  ['something that may be null', { type: ['null', 'string'] }],
  ['alternatives', { anyOf: [{ type: 'object', properties: { a: STRING }, required: ['a'] }, { type: 'null' }] }],
  [
    'a whole of parts',
    {
      allOf: [
        { type: 'object', properties: { a: STRING }, required: ['a'] },
        { properties: { b: { type: 'boolean' } }, required: ['b'] },
      ],
    },
  ],
  [
    'references',
    {
      $ref: '#/$defs/person',
      $defs: {
        person: {
          type: 'object',
          properties: { name: STRING, home: { $ref: '#/$defs/home' } },
          required: ['name', 'home'],
        },
        home: { type: 'object', properties: { town: STRING }, required: ['town'] },
      },
    },
  ],
  [
    'a tree',
    {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { label: STRING, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
          required: ['label'],
        },
      },
    },
  ],
  [
    'a list of links that may end with null',
    {
      type: 'object',
      properties: { label: STRING, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
      required: ['label', 'next'],
    },
  ],
  [
    'itself or null',
    { type: ['object', 'null'], properties: { one: { $ref: '#' }, other: { $ref: '#' } }, required: ['one', 'other'] },
  ],
  ['anything', {}],
];

function holds(schema: object, text: string): boolean {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  return ajv.validate(schema, JSON.parse(text));
}

test.each(SCHEMAS)('answers with %s', (_, schema) => {
  expect(holds(schema, jsonAnswer('# Minutes\n\nThe board met.', { schema }))).toBe(true);
});

test('a schema that branches into itself gets a short answer', () => {
  const branch = { anyOf: [{ $ref: '#' }, { type: 'null' }] };
  const properties = { a: branch, b: branch, c: { type: 'array', items: { $ref: '#' } } };
  const schema = { type: 'object', properties, required: ['a', 'b', 'c'] };
  const answer = jsonAnswer('# Minutes', { schema });
  expect(holds(schema, answer)).toBe(true);
  expect(JSON.stringify(JSON.parse(answer)).length).toBeLessThan(50_000);
});

test('a schema that no value satisfies is answered too', () => {
  const self = { $ref: '#' };
  const schema = { type: 'object', properties: { a: self, b: self, c: self }, required: ['a', 'b', 'c'] };
  expect(JSON.parse(jsonAnswer('# Minutes', { schema }))).toHaveProperty('a.a.a');
});

test('takes its texts from the document, line by line', () => {
  const schema = { type: 'object', properties: { title: STRING, first: STRING } };
  expect(JSON.parse(jsonAnswer('# Minutes\n\nThe board met.', { schema }))).toEqual({
    title: 'Minutes',
    first: 'The board met.',
  });
});

test('is some object without a schema', () => {
  expect(JSON.parse(jsonAnswer('', { schema: null }))).toEqual({ title: 'nothing', summary: 'nothing' });
});

test.each([
  ['a text', { type: 'object', properties: { a: STRING } }],
  ['an object', { type: 'object', properties: { a: { type: 'object' } } }],
  ['a list', { type: 'array' }],
])('breaks a schema of %s', (_, schema) => {
  expect(holds(schema, wrongJson({ schema }))).toBe(false);
});
