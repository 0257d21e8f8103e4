import { describe, expect, test } from '@jest/globals';
import { PLAIN_HANDLING } from '../../src/domain/recipe.ts';
import { parseRecipe } from '../../src/recipe/parse-recipe.ts';
import { complaint, problemsOf, promptOf, recipeOf } from './recipe-sources.ts';

const ORIGIN = { name: 'it', trusted: true, maxTokens: 64_000 } as const;

describe('what a recipe says', () => {
  test('a plain recipe is its text, as it is', () => {
    const source = '---\r\nmodel: x\r\n---\r\nSum it up: {{document}}\r\n';

    expect(parseRecipe(source, { ...ORIGIN, kind: 'plain' })).toEqual({
      name: 'it',
      template: { kind: 'plain', text: source },
      model: null,
      fields: {},
      maxTokens: null,
      handling: PLAIN_HANDLING,
      resultName: null,
      resultEnding: null,
      apis: null,
    });
  });

  test('a prompt without front matter is its template alone', () => {
    const { template, ...recipe } = parseRecipe('Sum it up: {{document}}\n', { ...ORIGIN, kind: 'dotprompt' });

    expect(template).toEqual({ kind: 'dotprompt', text: 'Sum it up: {{document}}' });
    expect(recipe).toMatchObject({ model: null, fields: {}, handling: PLAIN_HANDLING });
  });

  test('everything that can be said is read', () => {
    const recipe = recipeOf(`
name: invoices
description: what people read
model: openai/gpt-5
config:
  temperature: 0.2
  max_tokens: 2000
  provider: {sort: {by: price, partition: none}, max_price: {prompt: 1, completion: "2.5"}}
  reasoning: {effort: low, exclude: true}
  plugins: [{id: file-parser, pdf: {engine: pdf-text}}, {id: context-compression, enabled: false}]
  stop: ["\\n\\n", END]
  a_field_of_next_year: {any: [thing]}
input:
  schema: {document: string}
output:
  format: json
  schema: {type: array, items: {type: number}}
sluice:
  output: {name: "{{folder}}/{{ stem }}", extension: geojson}
  concurrency: 2
  max_cost: 1.5
  api: localhost
  after: archive
  on_too_long: split
  split: {tokens: 1000, overlap: 100}
  left_out: fail
  on_length: continue
  keep: [reasoning, images]
other.program: its own`);

    expect(recipe).toEqual({
      name: 'recipes/it.prompt',
      template: { kind: 'dotprompt', text: 'Sum it up: {{document}}' },
      model: 'openai/gpt-5',
      fields: {
        temperature: 0.2,
        provider: { sort: { by: 'price', partition: 'none' }, max_price: { prompt: 1, completion: '2.5' } },
        reasoning: { effort: 'low', exclude: true },
        plugins: [
          { id: 'file-parser', pdf: { engine: 'pdf-text' } },
          { id: 'context-compression', enabled: false },
        ],
        stop: ['\n\n', 'END'],
        a_field_of_next_year: { any: ['thing'] },
      },
      maxTokens: 2000,
      handling: {
        pdf: 'cloudflare-ai',
        onTooLong: 'split',
        split: { tokens: 1000, overlap: 100, combine: null },
        leftOut: 'fail',
        onLength: 'continue',
        output: { format: 'json', schema: { type: 'array', items: { type: 'number' } }, extract: null },
        keep: ['reasoning', 'images'],
        after: 'archive',
        concurrency: 2,
        maxCostUsd: 1.5,
      },
      resultName: '{{folder}}/{{ stem }}',
      resultEnding: '.geojson',
      apis: ['localhost'],
    });
  });

  test.each([
    ['nested', 'sluice: {concurrency: 2, split: {tokens: 500}, on_too_long: split, output: {extension: .srt}}'],
    [
      'dotted',
      'sluice.concurrency: 2\nsluice.split.tokens: 500\nsluice.on_too_long: split\nsluice.output.extension: srt',
    ],
    ['mixed', 'sluice:\n  concurrency: 2\n  split.tokens: 500\nsluice.on_too_long: split\noutput: {extension: srt}'],
  ])('settings may be %s', (_, header) => {
    expect(recipeOf(header)).toMatchObject({
      handling: { concurrency: 2, onTooLong: 'split', split: { tokens: 500 } },
      resultEnding: '.srt',
    });
  });

  test.each(['config:', 'output:', 'sluice:', 'sluice: {output: , split: }', 'model:', 'input:', '# model: x', ''])(
    'a section whose lines are commented out says nothing (%j)',
    (header) => {
      expect(recipeOf(header)).toMatchObject({ model: null, fields: {}, handling: PLAIN_HANDLING });
    },
  );

  test('a schema alone asks for JSON', () => {
    expect(recipeOf('output: {schema: {name: string}}').handling.output.format).toBe('json');
  });

  test('max_completion_tokens is the longest answer, too, and null is none', () => {
    expect(recipeOf('config: {max_completion_tokens: 7}')).toMatchObject({ fields: {}, maxTokens: 7 });
    expect(recipeOf('config: {max_tokens: null}')).toMatchObject({ fields: {}, maxTokens: null });
  });
});

describe('front matter', () => {
  test.each([
    ['CRLF', '---\r\nmodel: x\r\n---\r\nIt\r\n'],
    ['white space after the dashes', '---  \nmodel: x\n---\t\nIt'],
  ])('%s is fine', (_, source) => {
    expect(parseRecipe(source, { ...ORIGIN, kind: 'dotprompt' })).toMatchObject({
      model: 'x',
      template: { text: 'It' },
    });
  });

  test.each([
    ['a prompt that ends with it', '---\nmodel: x\n---', ''],
    ['nothing in it', '---\n---\nIt', 'It'],
    ['a line of dashes in the prompt', '---\nmodel: x\n---\nIt\n---\nmore', 'It\n---\nmore'],
  ])('%s is fine', (_, source, text) => {
    expect(parseRecipe(source, { ...ORIGIN, kind: 'dotprompt' }).template.text).toBe(text);
  });

  test.each([
    ['never closes', '---\nmodel: x\nIt', 'does not end'],
    ['stands below blank lines', '\n\n---\nmodel: x\n---\nIt', 'very top'],
    ['is broken', promptOf('model: [x'), 'is no valid YAML: .* line 2'],
    ['has a broken third line', promptOf('model: x\nconfig:\n\t- a'), 'line 4'],
    ['says a key twice', promptOf('model: x\nmodel: y'), 'says "model" twice at line 3'],
    ['says a nested key twice', promptOf('config: {seed: 1, seed: 2}'), 'says "seed" twice at line 2'],
    ['is a list', promptOf('- model'), 'must be a list of settings such as'],
    ['is a text', promptOf('hello'), 'must be a list of settings such as'],
    ['has a tag of its own', promptOf('model: !env MODEL'), 'has a tag, !env, which means nothing here, at line 2'],
    ['has bytes', promptOf('model: !!binary aGk='), 'has a tag, tag:yaml.org,2002:binary'],
    ['has an endless number', promptOf('config:\n  seed: .inf'), 'a number that JSON does not know at line 3'],
    ['has an alias of nothing', promptOf('model: *x'), 'an alias \\*x of nothing'],
    ['contains itself', promptOf('config: &x {a: *x}'), 'an alias \\*x of what it is part of at line 2'],
    ['has a key __proto__', promptOf('config: {__proto__: {a: 1}}'), 'has a key __proto__'],
    ['has a dotted key __proto__', promptOf('sluice.__proto__.x: 1'), 'has a key __proto__'],
    ['is nested without end', promptOf(`config: ${'['.repeat(200)}${']'.repeat(200)}`), 'is nested too deeply'],
    ['is nested beyond all bounds', promptOf(`config: ${'['.repeat(50_000)}`), 'is no valid YAML'],
    ['has an alias before its anchor', promptOf('config: {a: *x, b: &x [1]}'), 'an alias \\*x of nothing'],
    ['has many aliases', promptOf(`config: {stop: &x [a], b: [${'*x, '.repeat(16_000)}]}`), 'has more than 20 aliases'],
    ['is longer than any', promptOf(`# ${'x'.repeat(64 * 1024)}`), 'is longer than 65536 characters'],
    ['has keys that are no texts', promptOf('? [a]\n: b'), 'all keys must be strings'],
  ])('one that %s is refused', (_, source, problem) => {
    expect(complaint(source)).toMatch(
      new RegExp(`^The recipe recipes/it.prompt cannot be used: Its front matter .*${problem}`),
    );
  });

  test('aliases of aliases do not grow without end', () => {
    const levels = Array.from({ length: 10 }, (_, level) => {
      const below = level === 0 ? '0' : `*l${level - 1}, *l${level - 1}`;
      return `l${level}: &l${level} [${below}]`;
    });

    expect(complaint(promptOf(levels.join('\n')))).toContain('Excessive alias count');
  });

  test('aliases are fine', () => {
    expect(recipeOf('config: {stop: &ends [END], a_list: *ends}').fields).toEqual({ stop: ['END'], a_list: ['END'] });
  });

  test('no key reaches the prototypes of others', () => {
    problemsOf(
      '"__proto__": {polluted: 1}\nsluice.__proto__.polluted: 1\nconfig: {constructor: {prototype: {polluted: 1}}}',
    );

    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test.each(['constructor', 'toString', 'hasOwnProperty'])('%s is a name as any other', (name) => {
    expect(problemsOf(`${name}: 1`)).toContain(`${name} is not known`);
    expect(problemsOf(`sluice: {${name}: 1}`)).toContain(`sluice.${name} is not known`);
    expect(problemsOf(`output: {${name}: 1}`)).toContain(`output.${name} is not known`);
    expect(problemsOf(`config: {plugins: [{id: ${name}}]}`)).toBe('');
  });

  test('garbage ends in a UsageError, or is taken', () => {
    const pieces = [
      '---',
      '\n',
      '\n---\n',
      ': ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '!!',
      '? ',
      '|',
      '>',
      '"',
      "'",
      '#',
      ' ',
      '\t',
      '\0',
      '\uD800',
      '\r',
      '%',
      '@',
      '`',
      'config',
      'sluice',
      'output',
      'schema',
      'null',
      '1e999',
      '__proto__',
      '<<',
      ',',
      '{{',
    ];
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    for (let round = 0; round < 3000; round++) {
      const garbage = Array.from({ length: next(30) }, () => pieces[next(pieces.length)]).join('');
      // `complaint` lets every other error through.
      expect(typeof complaint(`---\n${garbage}\n---\nx`, round % 2 === 0)).toBe('string');
    }
  });
});

test('every problem is reported, with its place', () => {
  const message = problemsOf('modle: x\nconfig: {temprature: 1, top_p: 2}\nsluice: {concurency: 0, max_cost: -1}');

  expect(message).toBe(
    'The recipe recipes/it.prompt cannot be used: ' +
      'modle is not known: did you mean model?; ' +
      'config.temprature is not known: did you mean temperature?; ' +
      'config.top_p is 2; it takes a number from 0 to 1; ' +
      'sluice.max_cost is -1; it takes US dollars of more than 0, as 2.50; ' +
      'sluice.concurency is not known: did you mean concurrency?.',
  );
});

test('hundreds of problems are counted', () => {
  const header = Array.from({ length: 100 }, (_, index) => `unheard${index}: 1`).join('\n');

  expect(problemsOf(header)).toMatch(/; and 80 more\.$/);
});
