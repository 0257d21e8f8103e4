import { describe, expect, test } from '@jest/globals';
import { createRecipe } from '../../src/recipe/recipe.ts';
import { definitionOf, partialsOf, RUN, recipeOf } from './support.ts';

const alice = { id: 'n/alice.md', size: 3, mtimeMs: 1 };
const bob = { id: 'n/bob.md', size: 3, mtimeMs: 2 };

function tellsApart(template: string, partials: Readonly<Record<string, string>> = {}): boolean {
  const recipe = recipeOf(template, partialsOf(partials));
  return recipe.circumstances(alice) !== recipe.circumstances(bob);
}

describe('documents of the same bytes are asked the same', () => {
  test.each([
    ['{{document}}'],
    ['The name says it: {{document}}'],
    ['{{role "system"}}Be short.{{role "user"}}{{document}}'],
  ])('by a template that prints nothing else of them: %s', (template) => {
    expect(recipeOf(template).circumstances(alice)).toBe('');
  });

  test('by a plain recipe', () => {
    const plain = createRecipe(definitionOf('', { template: { kind: 'plain', text: 'Use {{name}}.' } }), RUN);
    expect(plain.circumstances(alice)).toBe('');
  });

  test('by a template that prints what they have in common', () => {
    expect(tellsApart('{{size}} bytes: {{document}}')).toBe(false);
  });
});

describe('documents of the same bytes are not asked the same', () => {
  test.each([
    ['{{name}}: {{document}}'],
    ['{{path}}: {{document}}'],
    ['{{modified}}: {{document}}'],
    ['{{#ifEquals name "bob.md"}}Be kind.{{/ifEquals}}{{document}}'],
    ['{{json path}} {{document}}'],
  ])('by a template that prints what differs: %s', (template) => {
    expect(tellsApart(template)).toBe(true);
  });

  test('by a partial that does', () => {
    expect(tellsApart('{{> head}}{{document}}', { head: 'Of {{name}}.' })).toBe(true);
  });
});
