import { expect, test } from '@jest/globals';
import { createSchemaCheck } from '../../../src/llm/conversation/schema-check.ts';

const rows = (count: number) => Array.from({ length: count }, () => 1);

test('all that breaks a schema is told', () => {
  const check = createSchemaCheck({ type: 'array', items: { type: 'string' } });

  expect(check(['a'])).toEqual([]);
  expect(check(rows(3)).map(({ detail }) => detail)).toEqual([
    '/0 must be string',
    '/1 must be string',
    '/2 must be string',
  ]);
});

test('where that is without end, the first alone is', () => {
  const item = { type: 'string', description: 'x'.repeat(1000) };
  const check = createSchemaCheck({ type: 'array', items: { allOf: [item, item, item] } });

  expect(check(rows(100_000))).toEqual([{ detail: '/0 must be string', rule: expect.stringContaining('type') }]);
});
