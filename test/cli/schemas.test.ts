import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { configTemplate } from '../../src/cli/init/init.ts';
import { STARTER_RECIPES } from '../../src/cli/init/starter-recipes.ts';
import { editorSchemas, flagOf, optionKeys, optionTable } from '../../src/cli/options/table.ts';
import { CONFIG_FIELDS } from '../../src/recipe/config-fields.ts';
import { splitFrontMatter } from '../../src/recipe/front-matter.ts';
import { KNOWN } from '../../src/recipe/header.ts';
import { parseRecipe } from '../../src/recipe/parse-recipe.ts';
import { settingShapes } from '../../src/recipe/settings.ts';

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
formats.default(ajv);
const schemas = editorSchemas();
const config = ajv.compile(schemas['config.schema.json']);
const recipe = ajv.compile(schemas['recipe.schema.json']);

/** As an editor reads the lines of the file. */
const takesConfig = (yaml: string): boolean => config(parse(yaml));
const takesRecipe = (yaml: string): boolean => recipe(parse(yaml));

describe('the schema of sluice.config.yaml', () => {
  test('knows every option but root, with what it means', () => {
    const { properties } = schemas['config.schema.json'];
    const flags = optionKeys.filter((key) => key !== 'root').map(flagOf);
    expect(Object.keys(properties ?? {}).toSorted()).toEqual(flags.toSorted());
    for (const key of optionKeys) expect(optionTable[key].kind.schema).not.toEqual({});
  });

  test('takes what init writes, and nothing at all', () => {
    expect(takesConfig(configTemplate())).toBe(true);
    expect(takesConfig('# all is commented out')).toBe(true);
  });

  test.each([
    'max-bytes: 10M',
    'max-bytes: 500',
    'concurrency: auto',
    'concurrency: 7',
    'timeout: 15m',
    'rescan: 0.5',
    'max-cost: 2.50',
    'api: ollama',
    'api: http://127.0.0.1:4010/v1',
    'redo: stale',
    'receipts: true',
    'no-recipe: true',
    'prompt: Summarize in five lines.',
    'proxy: env',
    'include: "**/*.pdf"',
    'include: ["**/*.pdf", "q1/*"]',
  ])('takes %s', (line) => {
    expect(takesConfig(line)).toBe(true);
  });

  test.each([
    'concurency: 7',
    'root: elsewhere',
    'max-bytes: 10X',
    'concurrency: many',
    'concurrency: 0',
    'redo: everything',
    'receipts: perhaps',
    'api: olama',
    'timeout: [1]',
  ])('refuses %s', (line) => {
    expect(takesConfig(line)).toBe(false);
  });
});

/** What the program says of it. */
const isUsable = (header: string): boolean => {
  try {
    parseRecipe(`---\n${header}\n---\nSay it.`, { name: 'r', kind: 'dotprompt', trusted: true, maxTokens: 64_000 });
    return true;
  } catch {
    return false;
  }
};

describe('the schema of the front matter of a recipe', () => {
  test('knows every name at the top, every field of config and every setting', () => {
    const { properties } = schemas['recipe.schema.json'] as { properties: Record<string, { properties?: object }> };
    expect(Object.keys(properties).toSorted()).toEqual([...KNOWN].toSorted());
    expect(Object.keys(properties['config']?.properties ?? {})).toEqual(Object.keys(CONFIG_FIELDS));
    for (const name of Object.keys(settingShapes(true))) {
      const steps = name.split('.').flatMap((step) => ['properties', step]);
      expect(schemas['recipe.schema.json']).toHaveProperty(['properties', 'sluice', ...steps]);
    }
    expect(Object.keys(settingShapes(true)).length).toBeGreaterThan(15);
  });

  test.each(Object.entries(STARTER_RECIPES))('takes that of %s, as init writes it', (_, source) => {
    expect(takesRecipe(splitFrontMatter(source).header ?? 'x: 1')).toBe(true);
  });

  test.each([
    'model: openai/gpt-5',
    'config: {temperature: 0.2, reasoning: {effort: low}, stop: [a, b]}',
    'config: {plugins: [{id: file-parser, pdf: {engine: native}}]}',
    'config: {seed: null, brand_new_field: 1}',
    'output: {format: json, schema: {name: string}}',
    'sluice: {on_too_long: split, split: {tokens: 8000, overlap: 100}, max_cost: 2.5, api: [ollama, localhost]}',
    'sluice: {output: {extension: srt}, keep: [reasoning]}',
    'sluice.after: archive',
    'other.setting: 1',
    'config:\nsluice:',
  ])('takes what the program takes: %s', (header) => {
    expect([takesRecipe(header), isUsable(header)]).toEqual([true, true]);
  });

  test.each([
    'modle: openai/gpt-5',
    'model: ""',
    'config: {temperature: hot}',
    'config: {max_tokens: 0}',
    'output: {fromat: json}',
    'output: {format: xml}',
    'sluice: {max_costs: 1}',
    'sluice: {split: {token: 5}}',
    'sluice: {concurrency: 1.5}',
    'sluice: {after: burn}',
  ])('refuses what the program refuses: %s', (header) => {
    expect([takesRecipe(header), isUsable(header)]).toEqual([false, false]);
  });
});
