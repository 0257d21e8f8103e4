import { describe, expect, test } from '@jest/globals';
import { problemsOf, recipeOf } from './recipe-sources.ts';

describe('what stands at the top', () => {
  test.each([
    ['modle: x', 'modle is not known: did you mean model?'],
    ['temperature: 1', 'temperature is not known here: did you mean config.temperature?'],
    ['prompt_of_mine: 1', 'prompt_of_mine is not known; known are name, variant'],
    ['config.temperature: 1', 'config.temperature is not read so: write temperature below config:'],
    ['slucie.concurrency: 1', 'slucie.concurrency is not known: did you mean sluice.concurrency?'],
    ['tools: [search]', 'tools is not for a recipe to set: sluice calls no tools'],
    ['toolDefs: []', 'toolDefs is not for a recipe to set: sluice calls no tools'],
    ['model: 5', 'model is 5; it takes the id of a model'],
    ['model: "two words"', 'model is "two words"'],
    ['model: [a, b]', 'model is ["a","b"]'],
    ['input: {schemas: {}}', 'input.schemas is not known: did you mean schema?'],
    [
      'input: {default: {tone: kind}}',
      'input.default.tone is not known; known are document, name, path, size, modified',
    ],
    ['sluice: 5', 'sluice is 5; it takes a map of settings'],
    ['output: json', 'output is "json"; it takes a map of settings'],
  ])('%s is refused', (header, problem) => {
    expect(problemsOf(header)).toContain(problem);
  });

  test('what is for people or for other programs is left to them', () => {
    const header =
      'name: a\nvariant: b\nversion: c\ndescription: d\nmetadata: {e: f}\next: {}\nother.program: 1\ninput: {schema: {document: string}, default: {name: x}}';

    expect(problemsOf(header)).toBe('');
  });
});

describe('sluice', () => {
  test.each([
    ['concurrency: 0', 'sluice.concurrency is 0; it takes a whole number from 1'],
    ['concurrency: 1.5', 'sluice.concurrency is 1.5'],
    ['concurrency: auto', 'sluice.concurrency is "auto"'],
    ['concurrency: null', 'sluice.concurrency is null'],
    ['max_cost: 0', 'sluice.max_cost is 0; it takes US dollars of more than 0'],
    ['max_cost: "5"', 'sluice.max_cost is "5"'],
    ['maxCost: 5', 'sluice.maxCost is not known: did you mean max_cost?'],
    ['after: remove', 'sluice.after is "remove"; it takes one of keep, archive, delete'],
    ['pdf: ocr', 'sluice.pdf is "ocr"; it takes one of native, cloudflare-ai, mistral-ocr, text'],
    ['on_too_long: cut', 'sluice.on_too_long is "cut"; it takes one of fail, truncate, split'],
    ['left_out: drop', 'sluice.left_out is "drop"; it takes one of note, fail'],
    ['on_length: more', 'sluice.on_length is "more"; it takes one of fail, retry, continue'],
    ['keep: reasoning', 'sluice.keep is "reasoning"; it takes a list'],
    ['keep: [all]', 'sluice.keep[0] is "all"; it takes one of reasoning, annotations, images'],
    ['api: []', 'sluice.api is []; it takes a list'],
    ['api: [ollama, 5]', 'sluice.api[1] is 5; it takes a text'],
    ['split: {tokens: 5}', 'sluice.split.tokens is 5; it takes a whole number of 100 or more'],
    [
      'on_too_long: split, split: {tokens: 1000, overlap: 501}',
      'sluice.split.overlap is 501; it takes at most half of split.tokens, 500',
    ],
    ['split: {overlap: 10}', 'sluice.split.overlap is only for on_too_long: split'],
    ['on_too_long: split, split: {token: 500}', 'sluice.split.token is not known: did you mean split.tokens?'],
    ['split: words', 'sluice.split is "words"; it takes a map of settings'],
    ['outputs: {name: x}', 'sluice.outputs is not known: did you mean output?'],
    ['splits: {tokens: 500}', 'sluice.splits is not known: did you mean split?'],
    ['recipe: x', 'sluice.recipe is not known; known are on_too_long'],
  ])('%s is refused', (settings, problem) => {
    expect(problemsOf(`sluice: {${settings}}`)).toContain(problem);
  });

  test('the same setting twice is refused', () => {
    expect(problemsOf('sluice: {concurrency: 1}\nsluice.concurrency: 1')).toContain(
      'sluice.concurrency is given twice',
    );
  });

  test('a list of APIs, and one alone', () => {
    expect(recipeOf('sluice: {api: ollama}').apis).toEqual(['ollama']);
    expect(recipeOf('sluice: {api: [ollama, localhost]}').apis).toEqual(['ollama', 'localhost']);
  });
});

describe('output', () => {
  test.each([
    ['format: yaml', 'output.format is "yaml"; it takes one of json, text'],
    ['format: text, schema: {a: string}', 'output.schema is only for format: json'],
    ['format: json, extract: fenced', 'output.extract is only for text'],
    ['schema: {a: string}, extract: fenced', 'output.extract is only for text'],
    ['extract: code', 'output.extract is "code"; it takes fenced'],
    ['scheme: {}', 'output.scheme is not known: did you mean output.schema?'],
    ['schema: 5', 'output.schema is 5; it takes Picoschema or JSON Schema'],
    ['schema: [a]', 'output.schema is ["a"]; it takes Picoschema or JSON Schema'],
  ])('%s is refused', (output, problem) => {
    expect(problemsOf(`output: {${output}}`)).toContain(problem);
    expect(problemsOf(`sluice: {output: {${output}}}`)).toContain(problem);
  });

  test('what is given in both places is refused', () => {
    expect(problemsOf('output: {name: "{{stem}}"}\nsluice: {output: {name: "{{stem}}"}}')).toContain(
      'sluice.output.name is given as output.name, too',
    );
  });

  test.each(['srt', '.srt', 'tar.gz', 'geojson', 'c_2-x'])('the ending %s is taken', (ending) => {
    expect(recipeOf(`output: {extension: ${ending}}`).resultEnding).toBe(ending === '.srt' ? ending : `.${ending}`);
  });

  test.each([
    'a/b',
    '..',
    'a..b',
    '../x',
    '.',
    '',
    'a b',
    'x\\\\y',
    'receipt.json',
    'md.receipt.json',
    '.Receipt.json',
    'reasoning.md',
    'partial.md',
    'error.json',
    'image-1.png',
    'tmp',
    'a'.repeat(21),
    '{{name}}',
  ])('the ending %j is refused', (ending) => {
    expect(problemsOf(`output: {extension: "${ending}"}`)).toContain('output.extension is');
  });

  test.each([
    '{{name}}',
    '{{ stem }}',
    '{{folder}}/{{stem}}',
    'all/{{path}}',
    '{{stem}}-{{extension}}',
    '{{stem}}..x',
    'é {{name}}',
  ])('the name %s is taken', (name) => {
    expect(recipeOf(`output: {name: "${name}"}`).resultName).toBe(name);
  });

  test.each([
    '',
    'result',
    '/{{name}}',
    '../{{name}}',
    '{{folder}}/../{{name}}',
    './{{name}}',
    '{{folder}}//{{name}}',
    '{{name}}/',
    '{{folder}}/ .. /{{name}}',
    'C:{{name}}',
    '\\\\{{name}}',
    '{{nmae}}',
    '{{{name}}}',
    '{{name}',
    '{{#if name}}x{{/if}}',
    '{{name}}\\u0000',
    '{{name}}\\n',
    `{{name}}${'a'.repeat(200)}`,
  ])('the name %j is refused', (name) => {
    expect(problemsOf(`output: {name: "${name}"}`)).toContain('output.name is');
  });
});

describe('what is filed beside results', () => {
  test.each([
    ['name: "{{stem}}.receipt", extension: json', 'makes, with .json, a name that sluice writes beside results'],
    ['name: "{{stem}}.error", format: json', 'makes, with .json,'],
    ['name: "{{folder}}/partial"', 'makes, with .md,'],
    ['name: "{{stem}}.image-1", extension: png', 'makes, with .png,'],
    ['name: "{{stem}}.md.receipt", extension: .json', 'makes, with .json,'],
  ])('is no result (%s)', (output, problem) => {
    expect(problemsOf(`output: {${output}}`)).toContain(`output.name ${problem}`);
  });

  test.each([
    'name: "{{stem}}.receipt"',
    'name: "{{stem}}.receipts", extension: json',
    'name: "{{stem}}error", format: json',
  ])('is not called like it (%s)', (output) => {
    expect(problemsOf(`output: {${output}}`)).toBe('');
  });
});

describe('what cannot be had together', () => {
  test.each([
    [
      'JSON in parts that are objects',
      'output: {schema: {a: string}}\nsluice: {on_too_long: split}',
      'give split.combine',
    ],
    ['JSON in parts of any kind', 'output: {format: json}\nsluice: {on_too_long: split}', 'give split.combine'],
    [
      'two engines for PDFs',
      'config: {plugins: [{id: file-parser, pdf: {engine: native}}]}\nsluice: {pdf: text}',
      'has the file-parser with native, but PDFs go through text',
    ],
    [
      'two engines in the plugins',
      'config: {plugins: [{id: file-parser, pdf: {engine: native}}, {id: file-parser, pdf: {engine: mistral-ocr}}]}',
      'has the file-parser with mistral-ocr, but PDFs go through native',
    ],
  ])('%s', (_, header, problem) => {
    expect(problemsOf(header)).toContain(problem);
  });

  test.each([
    ['JSON in parts that are lists', 'output: {schema: {type: array}}\nsluice: {on_too_long: split}'],
    [
      'JSON in parts that are put together',
      'output: {format: json}\nsluice: {on_too_long: split, split: {combine: Merge}}',
    ],
    [
      'one engine, said twice',
      'config: {plugins: [{id: file-parser, pdf: {engine: pdf-text}}]}\nsluice: {pdf: cloudflare-ai}',
    ],
  ])('%s can', (_, header) => {
    expect(problemsOf(header)).toBe('');
  });
});
