import { describe, expect, test } from '@jest/globals';
import { problemsOf } from './recipe-sources.ts';

function withPlugins(plugins: string): string {
  return `config: {plugins: [${plugins}]}`;
}

describe('a recipe of the inbox may not', () => {
  test.each([
    ['delete documents', 'sluice: {after: delete}', 'sluice.after is delete'],
    [
      'answer at greater length than the run in a second try',
      'sluice: {on_length: retry}',
      'sluice.on_length is retry',
    ],
    ['name results', 'output: {name: "{{stem}}"}', 'output.name says where results go'],
    ['name results elsewhere', 'sluice.output.name: "{{stem}}"', 'output.name says where results go'],
    ['say how results end', 'output: {extension: html}', 'output.extension says how results are called'],
    ['have PDFs read for money', 'sluice: {pdf: mistral-ocr}', 'sluice.pdf is mistral-ocr, which is paid by the page'],
    ['have them read so by a plugin', withPlugins('{id: file-parser, pdf: {engine: mistral-ocr}}'), 'paid by the page'],
    ['search the web', withPlugins('{id: web}'), 'config.plugins has one that may be paid by itself'],
    ['fetch from the web', withPlugins('{id: web-fetch}'), 'config.plugins has one that may be paid by itself'],
    ['ask several models at once', withPlugins('{id: fusion}'), 'config.plugins has one that may be paid by itself'],
    ['use an unknown plugin', withPlugins('{id: brand-new}'), 'config.plugins has one that may be paid by itself'],
    [
      'search with an option',
      'config: {web_search_options: {}}',
      'config.web_search_options asks for searches of the web',
    ],
    ['search by the name of a model', 'model: openai/gpt-5:online', 'model ends in :online'],
    ['search by the name of a model, in capitals', 'model: openai/gpt-5:ONLINE', 'model ends in :online'],
    ['take a preset for a model', 'model: "@preset/mine"', 'model is a @preset'],
    ['take one along with a model', 'model: openai/gpt-5@Preset/mine', 'model is a @preset'],
    ['take one for a fallback', 'config: {models: ["@preset/mine"]}', 'model is a @preset'],
    [
      'let providers keep documents',
      'config: {provider: {data_collection: allow}}',
      'config.provider.data_collection is allow',
    ],
    ['let them do so in other words', 'config: {provider: {zdr: false}}', 'config.provider.zdr is false'],
    ['let the API keep documents', 'config: {store: true}', 'config.store is true'],
    ['be served first, for more money', 'config: {service_tier: priority}', 'config.service_tier is priority, or fast'],
    ['be served fast, for more money', 'config: {service_tier: fast}', 'config.service_tier is priority, or fast'],
    ['search by the name of a fallback', 'config: {models: [a/b, a/c:online]}', 'model ends in :online'],
    [
      'answer at greater length than the run',
      'config: {max_tokens: 64001}',
      'config.max_tokens is more than the run allows',
    ],
    [
      'do so by the other name',
      'config: {max_completion_tokens: 64001}',
      'config.max_tokens is more than the run allows',
    ],
    ['send an unknown field', 'config: {brand_new: 1}', 'config.brand_new is not known here'],
    [
      'keep the program busy with a pattern',
      'output: {schema: {type: string, pattern: "(a+)+$"}}',
      'output.schema has a pattern',
    ],
    [
      'do so in the names of properties',
      'output: {schema: {type: object, patternProperties: {"(a+)+$": {type: string}}}}',
      'output.schema has a pattern',
    ],
    [
      'keep it busy with references',
      'output: {schema: {$ref: "#/$defs/a", $defs: {a: {}}}}',
      'output.schema has a $ref',
    ],
    [
      'keep it busy with references of other kinds',
      'output: {schema: {$schema: "https://json-schema.org/draft/2020-12/schema", type: array, items: {$dynamicRef: "#"}}}',
      'output.schema has a $dynamicRef',
    ],
    [
      'keep it busy with comparisons',
      'output: {schema: {type: array, uniqueItems: true}}',
      'output.schema has uniqueItems',
    ],
    [
      'keep it busy with a slow format',
      'output: {schema: {type: string, format: url}}',
      'output.schema has the format url',
    ],
    [
      'keep it busy with choices',
      `output: {schema: {anyOf: [${Array.from({ length: 101 }, () => '{type: string}').join(', ')}]}}`,
      'output.schema has more than 100 choices',
    ],
    [
      'keep it busy with a large schema',
      `output: {schema: {type: object, description: ${'a'.repeat(20_000)}}}`,
      'output.schema is longer than 20000 characters',
    ],
    [
      'do so in Picoschema',
      `output: {schema: {a: "string, ${'a'.repeat(20_000)}"}}`,
      'output.schema is longer than 20000 characters',
    ],
  ])('%s; one of the owner may', (_, header, problem) => {
    expect(problemsOf(header)).toBe('');

    const refusal = problemsOf(header, false);
    expect(refusal).toContain(problem);
    expect(refusal).toContain('one in recipes/ may');
  });

  test('hide a paid engine behind a free one', () => {
    const plugins = '{id: file-parser, pdf: {engine: native}}, {id: file-parser, pdf: {engine: mistral-ocr}}';

    expect(problemsOf(withPlugins(plugins), false)).toContain(
      'config.plugins has the file-parser with mistral-ocr, which is paid',
    );
  });

  test('use tools; no recipe may', () => {
    expect(problemsOf('config: {tools: [{type: "openrouter:web_search"}]}', false)).toContain('sluice calls no tools');
  });
});

describe('a recipe of the inbox may', () => {
  test.each([
    ['choose model and parameters', 'model: a/b\nconfig: {temperature: 1, models: [a/c], reasoning: {effort: max}}'],
    ['answer at less length', 'config: {max_tokens: 64000}'],
    ['ask for JSON', 'output: {schema: {a?: string}}'],
    [
      'ask for a property called pattern',
      'output: {schema: {type: object, properties: {pattern: {type: string, format: date}}}}',
    ],
    [
      'ask for properties that are called like keywords',
      'output: {schema: {type: object, properties: {$ref: {type: string}, uniqueItems: {type: boolean}, format: {}}}}',
    ],
    ['give a choice', `output: {schema: {anyOf: [${Array.from({ length: 100 }, () => '{type: string}').join(', ')}]}}`],
    [
      'keep providers from keeping documents',
      'config: {provider: {data_collection: deny, zdr: true}, store: false, service_tier: flex}',
    ],
    ['take the code block', 'output: {extract: fenced}'],
    ['keep or archive documents', 'sluice: {after: archive}'],
    ['tighten concurrency and cost', 'sluice: {concurrency: 1, max_cost: 0.5}'],
    [
      'use what is free',
      withPlugins('{id: response-healing}, {id: file-parser, pdf: {engine: cloudflare-ai}}, {id: moderation}'),
    ],
    ['have PDFs read by what is chosen for them', withPlugins('{id: file-parser}')],
    ['say nothing of the engine', withPlugins('{id: file-parser, pdf: {}}')],
    ['turn the paid engine off', withPlugins('{id: file-parser, enabled: false, pdf: {engine: mistral-ocr}}')],
    ['name the only APIs that documents may go to', 'sluice: {api: [localhost, ollama]}'],
    [
      'try again at greater length within what the run allows',
      'config: {max_tokens: 32000}\nsluice: {on_length: retry}',
    ],
    ['turn off what is paid', withPlugins('{id: web, enabled: false}')],
    ['have PDFs read for nothing', 'sluice: {pdf: text}'],
    ['split and go on', 'sluice: {on_too_long: split, on_length: continue, keep: [reasoning]}'],
  ])('%s', (_, header) => {
    expect(problemsOf(header, false)).toBe('');
  });
});
