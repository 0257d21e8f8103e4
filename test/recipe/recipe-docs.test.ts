import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parseRecipe } from '../../src/recipe/parse-recipe.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/recipes.md', import.meta.url)), 'utf8');

/** A value for each key that the page explains. */
const VALUES: Readonly<Record<string, string>> = {
  model: 'openai/gpt-5-mini',
  config: '{temperature: 0.2, max_tokens: 4000}',
  'output.schema': '{vendor: string}',
  'output.format': 'json',
  'output.extract': 'fenced',
  'output.extension': 'srt',
  'output.name': '"{{folder}}/{{stem}}"',
  'sluice.concurrency': '2',
  'sluice.max_cost': '2.50',
  'sluice.api': '[ollama, localhost]',
  'sluice.after': 'archive',
  'sluice.pdf': 'text',
  'sluice.left_out': 'fail',
  'sluice.on_too_long': 'truncate',
  'sluice.split': '{tokens: 2000, overlap: 100, combine: Make one of them.}',
  'sluice.on_length': 'continue',
  'sluice.keep': '[reasoning, annotations, images]',
};

function parsed(frontMatter: string) {
  const origin = { name: 'recipes/default.prompt', kind: 'dotprompt', trusted: true, maxTokens: 64_000 } as const;
  return parseRecipe(`---\n${frontMatter}\n---\nSummarise.`, origin);
}

function written(key: string, value: string): string {
  const [group = '', name] = key.split('.');
  return name === undefined ? `${key}: ${value}` : `${group}: {${name}: ${value}}`;
}

describe('the page about recipes', () => {
  test('explains the keys that there are', () => {
    const explained = Array.from(page.matchAll(/^\| `([a-z_.]+)` \|/gm), ([, key]) => key);
    expect(explained).toEqual(Object.keys(VALUES));
  });

  test.each(Object.entries(VALUES).filter(([key]) => key !== 'sluice.split'))(
    'explains %s, which is taken',
    (key, value) => {
      expect(() => parsed(written(key, value))).not.toThrow();
    },
  );

  test('explains how to split, which is taken together with the rule to do so', () => {
    expect(() => parsed(`sluice: {on_too_long: split, split: ${VALUES['sluice.split']}}`)).not.toThrow();
  });

  test('shows a recipe that can be used', () => {
    const shown = /^```text\n(---\n.*?)^```$/ms.exec(page)?.[1] ?? '';
    const origin = { name: 'r.prompt', kind: 'dotprompt', trusted: false, maxTokens: 64_000 } as const;
    const recipe = parseRecipe(shown, origin);
    expect(recipe).toMatchObject({ model: 'openai/gpt-5-mini', maxTokens: 4000, handling: { maxCostUsd: 2.5 } });
    expect(recipe.handling.output.schema).toMatchObject({ required: ['vendor', 'total', 'lines'] });
  });
});
