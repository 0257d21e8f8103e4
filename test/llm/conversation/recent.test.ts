import { expect, test } from '@jest/globals';
import { Recent } from '../../../src/llm/conversation/plan.ts';

test('of what was worked out, that which was not asked for longest is forgotten', () => {
  const recent = new Recent<number | null>(2);
  recent.set('a', 1);
  recent.set('b', null);
  expect(recent.get('a')).toBe(1);
  recent.set('c', 3);
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3]);
  recent.set('d', null);
  expect([recent.get('a'), recent.get('d')]).toEqual([undefined, null]);
});
