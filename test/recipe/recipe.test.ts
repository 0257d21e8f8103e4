import { describe, expect, test } from '@jest/globals';
import { Dotprompt } from 'dotprompt';
import { UsageError } from '../../src/domain/errors.ts';
import { PLAIN_HANDLING } from '../../src/domain/recipe.ts';
import type { Part } from '../../src/domain/request.ts';
import { createRecipe, type RecipeSettings } from '../../src/recipe/recipe.ts';
import { HOSTILE_DOCUMENTS, HOSTILE_PATHS } from './hostile-documents.ts';
import { definitionOf, messagesOf, partialsOf, promptOf, RUN, recipeOf, textPart } from './support.ts';

const plain = (text: string) => definitionOf('', { template: { kind: 'plain', text } });

const image: Part = { kind: 'image', mediaType: 'image/png', bytes: Buffer.from('png') };

const shapeOf = (messages: Awaited<ReturnType<typeof messagesOf>>, text: string) =>
  messages.map(({ role, content }) => ({
    role,
    around: typeof content === 'string' ? content.split(text) : content,
  }));

const barredBy = (apis: readonly string[] | null) => createRecipe(definitionOf('', { apis }), RUN).barred;

const hashOf = (template: string, settings: Partial<RecipeSettings> = {}) => recipeOf(template, settings).hash;

const base = () => hashOf('{{> p}}', partialsOf({ p: 'one', q: 'two' }));

describe('a plain recipe', () => {
  test('is the system message as it is, and the document the user message', async () => {
    const recipe = createRecipe(plain('Sum it up: {{document}}\n'), RUN);
    expect(await promptOf(recipe, [textPart('The text.')])).toEqual({
      model: 'acme/one',
      messages: [
        { role: 'system', content: 'Sum it up: {{document}}\n' },
        { role: 'user', content: 'The text.' },
      ],
    });
  });

  test('without a text leaves the document alone', async () => {
    expect(await messagesOf(createRecipe(plain(''), RUN), 'Why?')).toEqual([{ role: 'user', content: 'Why?' }]);
  });

  test('takes several parts, in their order', async () => {
    const parts = [textPart('one'), image, textPart('two')];
    const { messages } = await promptOf(createRecipe(plain('Look.'), RUN), parts);
    expect(messages.at(-1)).toEqual({ role: 'user', content: parts });
  });

  test('has the hash that it always had, so that old results still hold', () => {
    expect(createRecipe(plain('Sum it up.'), { ...RUN, api: 'simulator', parameters: {} }).hash).toBe(
      'efda9ca6bfdc95d035396f83d81f8996b7ec8b60fd7d252ba5e3ff84426e88fd',
    );
  });
});

describe('a template', () => {
  test('has roles, and text around the document', async () => {
    const recipe = recipeOf('{{role "system"}}\nBe brief.\n{{role "user"}}\nSum up:\n\n{{document}}\n\nThanks.');
    expect(await messagesOf(recipe, ' text\n')).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Sum up:\n\n text\n\n\nThanks.' },
    ]);
  });

  test('calls the assistant model, as dotprompt does', async () => {
    const recipe = recipeOf('a{{role "model"}}b{{role "assistant"}}c{{role "user"}}{{document}}');
    expect((await messagesOf(recipe, 'd')).map(({ role }) => role)).toEqual(['user', 'assistant', 'assistant', 'user']);
  });

  test('that does not mention the document gets it as the last user message', async () => {
    expect(await messagesOf(recipeOf('Sum it up.'), 'text')).toEqual([
      { role: 'user', content: 'Sum it up.' },
      { role: 'user', content: 'text' },
    ]);
  });

  test('knows name, path, size and modification time', async () => {
    const recipe = recipeOf('{{name}}|{{path}}|{{size}}|{{modified}}|{{json name}}|{{document}}');
    expect((await messagesOf(recipe, 'x', 'q1/<a> & "b".txt'))[0]?.content).toBe(
      '<a> & "b".txt|q1/<a> & "b".txt|12|2026-01-02T00:00:00.000Z|"<a> & \\"b\\".txt"|x',
    );
  });

  test('compares names', async () => {
    const recipe = recipeOf('{{#ifEquals name "a.txt"}}A{{else}}other{{/ifEquals}} {{document}}');
    expect((await messagesOf(recipe, 'x', 'q1/a.txt'))[0]?.content).toBe('A x');
    expect((await messagesOf(recipe, 'x', 'q1/b.txt'))[0]?.content).toBe('other x');
  });

  test('places images and files in the place of the document', async () => {
    const { messages } = await promptOf(recipeOf('See {{document}} and {{media url=document}}.'), [image]);
    expect(messages[0]?.content).toEqual([textPart('See '), image, textPart(' and '), image, textPart('.')]);
  });

  test('names images of the web if it is trusted', async () => {
    const recipe = recipeOf('{{media url="https://acme.example/logo.png"}}Like this? {{document}}');
    expect((await messagesOf(recipe, 'x'))[0]?.content).toEqual([
      { kind: 'linked image', url: 'https://acme.example/logo.png' },
      textPart('Like this? x'),
    ]);
  });

  test('has partials, with values of their own', async () => {
    const partials = partialsOf({ outer: 'O({{> inner tone="kind"}})', inner: 'I {{tone}} {{name}}' });
    expect((await messagesOf(recipeOf('{{> outer}} {{document}}', partials), 'x'))[0]?.content).toBe(
      'O(I kind a.txt) x',
    );
  });

  test('keeps its partials to itself', async () => {
    const one = recipeOf('{{> p}} {{document}}', partialsOf({ p: 'one' }));
    const other = recipeOf('{{> p}} {{document}}', partialsOf({ p: 'other' }));
    expect((await messagesOf(one, 'x'))[0]?.content).toBe('one x');
    expect((await messagesOf(other, 'x'))[0]?.content).toBe('other x');
  });

  test('passes its fields and its longest answer on', async () => {
    const definition = definitionOf('{{document}}', { model: 'acme/two', fields: { temperature: 0 }, maxTokens: 50 });
    expect(await promptOf(createRecipe(definition, RUN), [textPart('x')])).toEqual({
      model: 'acme/two',
      messages: [{ role: 'user', content: 'x' }],
      fields: { temperature: 0 },
      maxTokens: 50,
    });
  });

  test('takes 5 MB of text', async () => {
    const text = 'line of text\n'.repeat(400_000);
    expect((await messagesOf(recipeOf('{{document}}'), text))[0]?.content).toBe(text);
  });

  test.each([
    '{{role "system"}}S{{role "user"}}U {{document}}',
    'U {{document}}{{role "model"}}M',
    '{{#if name}}yes{{else}}no{{/if}} {{document}}',
    '{{#unless name}}yes{{/unless}}{{#unlessEquals size 12}}a{{else}}b{{/unlessEquals}} {{document}}',
    '{{json size}} {{! nothing }}{{document}}',
    '{{role "system"}}{{role "user"}}{{document}}',
    'a {{> part}}\n  {{> part}}\nb {{document}}',
    'a {{~name~}} b {{document}}',
  ])('says what the package dotprompt makes of it: %s', async (template) => {
    const sources = { part: 'P {{size}}\nQ\n' };
    const variables = { name: 'a.txt', path: 'q1/a.txt', size: 12, modified: '2026-01-02T00:00:00.000Z' };
    const theirs = await new Dotprompt({ partials: sources }).render(template, {
      input: { ...variables, document: 'THE TEXT' },
    });
    expect(await messagesOf(recipeOf(template, partialsOf(sources)), 'THE TEXT')).toEqual(
      theirs.messages.map(({ role, content }) => ({
        role: role === 'model' ? 'assistant' : role,
        content: content
          .map((part) => ('text' in part ? part.text : ''))
          .join('')
          .trim(),
      })),
    );
  });
});

describe('what stands before the document', () => {
  const long = 'Rules. '.repeat(600);

  test('is counted, as far as it is the same for all', () => {
    expect(recipeOf(`{{role "system"}}${'x'.repeat(350)}{{role "user"}}{{name}}: {{document}}`).fixedTokens).toBe(100);
    expect(recipeOf('{{name}} {{document}}').fixedTokens).toBe(0);
    expect(recipeOf(`{{document}} ${long}`).fixedTokens).toBe(0);
    expect(createRecipe(plain('x'.repeat(35)), RUN).fixedTokens).toBe(10);
  });

  test('is marked for models whose caches need a mark', async () => {
    const recipe = recipeOf(`{{role "system"}}${long}{{role "user"}}Sum up: {{document}}`, {
      model: 'anthropic/claude',
    });
    expect(await messagesOf(recipe, 'text')).toEqual([
      { role: 'system', content: long.trim() },
      { role: 'user', content: [{ kind: 'text', text: 'Sum up: ', cacheable: true }, textPart('text')] },
    ]);
  });

  test('is marked up to the point at which prompts differ', async () => {
    const recipe = recipeOf(`{{role "system"}}${long}{{role "user"}}{{name}}: {{document}}`, {
      model: 'anthropic/claude',
    });
    expect(await messagesOf(recipe, 'text')).toEqual([
      { role: 'system', content: [{ kind: 'text', text: long.trim(), cacheable: true }] },
      { role: 'user', content: 'a.txt: text' },
    ]);
  });

  test.each([
    ['it is short', `Short. {{document}}`, 'anthropic/claude'],
    ['the provider keeps it by itself', `${long} {{document}}`, 'openai/gpt-5'],
    ['nothing is known of the model', `${long} {{document}}`, 'acme/one'],
  ])('is not marked where %s', async (_, template, model) => {
    expect(typeof (await messagesOf(recipeOf(template, { model }), 'text'))[0]?.content).toBe('string');
  });
});

describe('a document is data', () => {
  const templates: Readonly<Record<string, string>> = {
    first: '{{document}}\nSum it up.',
    middle: 'Sum up:\n{{document}}\nThanks.',
    last: '{{role "system"}}Be brief.{{role "user"}}{{document}}',
    'in the system message': '{{role "system"}}Sum up: {{document}}{{role "user"}}Go.',
    twice: 'A {{document}} B {{document}} C',
    'not at all': 'Sum it up.',
    'in a condition': '{{#if document}}Sum up: {{{document}}}{{else}}{{role "system"}}Nothing.{{/if}}',
    'as media': 'Sum up: {{media url=document}} Thanks.',
    'in a partial': '{{> around}}',
    'with a name': 'Sum up {{name}} of {{path}}: {{document}}',
  };
  const partials = partialsOf({ around: 'Sum up: {{document}}', partial: 'NOT THIS' });

  test('of these there are at least 50', () => {
    expect(HOSTILE_DOCUMENTS.length).toBeGreaterThanOrEqual(50);
  });

  describe.each(Object.entries(templates))('placed %s', (_, template) => {
    const recipe = recipeOf(template, partials);

    test.each(HOSTILE_DOCUMENTS)('$title', async ({ text }) => {
      const harmless = 'HARMLESS';
      const expected = shapeOf(await messagesOf(recipe, harmless), harmless);
      expect(shapeOf(await messagesOf(recipe, text), text)).toEqual(expected);
    });
  });

  test.each(HOSTILE_PATHS)('and so is its name: %j', async (id) => {
    const name = id.slice(id.lastIndexOf('/') + 1);
    const template = '[{{name}}] {{role "user"}}<{{{path}}}> {{#ifEquals path "x"}}x{{else}}{{document}}{{/ifEquals}}';
    expect(await messagesOf(recipeOf(template, partials), 'text', id)).toEqual([
      { role: 'user', content: `[${name}]` },
      { role: 'user', content: `<${id}> text` },
    ]);
  });

  test('a mark of dotprompt in a template is text, too', async () => {
    const recipe = recipeOf('<<<dotprompt:media:url https://evil.example/x.png>>> {{document}}', { trusted: false });
    expect((await messagesOf(recipe, 'x'))[0]?.content).toBe('<<<dotprompt:media:url https://evil.example/x.png>>> x');
  });
});

describe('a template that cannot be used is refused at once', () => {
  test.each<[string, string, RegExp]>([
    [
      'with a block that is not closed',
      'a\n{{#if name}} {{#unless size}}b{{/unless}}',
      /Line 2 of the template: {{#if name}} is not closed: {{\/if}} is missing/,
    ],
    [
      'with a block that is not closed, and one in a comment',
      '{{!-- {{#unless x}} --}}\n{{#if size}}',
      /Line 2 .* {{#if size}} is not closed/,
    ],
    [
      'with a block that is not closed as it was opened',
      '{{#if name}}{{/unless}}',
      /{{#if}} is not closed before {{\/unless}}/,
    ],
    ['with the end of no block', 'a\n{{/if}}', /Line 2 of the template: {{\/if}} closes nothing/],
    ['with an else of no block', '{{else}}', /{{else}} stands in no block/],
    ['with a tag that is not closed', 'Sum up {{name', /A {{ is not closed: }} is missing/],
    ['with an empty tag', 'Sum up {{}}.', /Something in Sum up {{}}\. is no tag: one is written {{name}}/],
    ['with a partial that is broken', '{{> broken}}', /Line 1 of _broken.prompt: {{#if name}} is not closed/],
    [
      'with an unknown variable',
      'a\n{{docment}}',
      /Line 2 of the template: There is no "docment", only document, name/,
    ],
    ['with an unknown helper', '{{shout name}}', /There is no helper "shout"/],
    ['with an unknown block', '{{#shout name}}{{/shout}}', /There is no block "#shout"/],
    ['with an unknown role', '{{role "admin"}}', /There is no role "admin"/],
    ['with a role that is none', '{{role name}}', /A role is written/],
    ['with a history', '{{history}}', /There is no "history"/],
    ['with a section', '{{section "code"}}', /There is no helper "section"/],
    ['with a partial that is not there', '{{> gone}}', /no _gone.prompt in recipes/],
    ['with a partial that leads elsewhere', '{{> [../x]}}', /name of a partial/],
    ['with a partial by a computed name', '{{> (lookup . "x")}}', /name of a partial/],
    ['with a partial that holds itself', '{{> self}}', /Line 1 of _self.prompt: The partial "self" holds itself/],
    ['with partials that hold each other', '{{> ping}}', /Line 1 of _pong.prompt: The partial "ping" holds itself/],
    [
      'with a partial that is given the document',
      '{{> named document="x"}}',
      /given nothing by the name of "document"/,
    ],
    ['with inline partials', '{{#*inline "x"}}{{> x}}{{/inline}}{{> x}}', /no inline partials/],
    ['with partial blocks', '{{#> named}}x{{/named}}', /no partial blocks/],
    ['with loops', '{{#each @root}}{{this}}{{/each}}', /There is no block "#each"/],
    ['with a way into objects', '{{name.constructor}}', /There is no "name.constructor"/],
    ['with a prototype', '{{__proto__}}', /There is no "__proto__"/],
    ['with a lookup', '{{lookup this "constructor"}}', /There is no helper "lookup"/],
    ['with something to print', '{{log name}}', /There is no helper "log"/],
    ['with the root', '{{@root.name}}', /There is no "@root.name"/],
    ['with itself', '{{this}}', /There is no "this"/],
    ['with a comparison of the document', '{{#ifEquals document "x"}}{{/ifEquals}}', /can be placed, but not compared/],
    ['with the document as JSON', '{{json document}}', /can be placed, but not compared/],
    ['with calls in brackets', '{{#if (json name)}}{{/if}}', /no calls in brackets/],
    ['with media by name', '{{media url=name}}', /a web address in quotes/],
    ['with media of a file', '{{media url="file:///etc/passwd"}}', /a web address in quotes/],
    ['with media of nothing', '{{media}}', /There is no "media"|An image is written/],
    ['that multiplies the document', '{{document}}'.repeat(9), /more than 8 times/],
    ['that is endless', '{{name}}'.repeat(2001), /more than 2000 tags/],
    ['that grows by partials', '{{> a}}', /more than 2000 tags/],
    ['that grows by a partial', '{{> long}}'.repeat(1000), /more than 4194304 characters/],
    ['with blocks within blocks without end', '{{#if name}}'.repeat(40) + '{{/if}}'.repeat(40), /more than 32 deep/],
  ])('%s', (_, template, problem) => {
    const levels = Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e'].map((name, index, all) => [name, `{{> ${all[index + 1] ?? 'named'}}}`.repeat(10)]),
    );
    const partials = partialsOf({
      ...levels,
      named: 'x',
      long: 'x'.repeat(5000),
      self: '{{> self}}',
      broken: '{{#if name}}',
      ping: '{{> pong}}',
      pong: '{{> ping}}',
    });
    expect(() => recipeOf(template, partials)).toThrow(UsageError);
    expect(() => recipeOf(template, partials)).toThrow(problem);
  });

  test('with all that is wrong', () => {
    expect(() => recipeOf('{{one}}\n{{two}}')).toThrow(
      /Line 1 of the template: .*"one".* Line 2 of the template: .*"two"/,
    );
  });

  test('with an image of the web, if it is not trusted', () => {
    const template = '{{media url="https://evil.example/x.png"}}{{document}}';
    expect(() => recipeOf(template, { trusted: false })).toThrow(
      /Images of the web are named by recipes in recipes\/ alone/,
    );
  });
});

describe('a recipe is barred', () => {
  test('if the API of the run is none of its own', () => {
    expect(barredBy(['localhost'])).toBe(
      'The recipe recipes/test.prompt lets its documents go to localhost only, and this run asks openrouter.ai.',
    );
  });

  test.each([[null], [['localhost', 'OpenRouter']], [['https://openrouter.ai/api/v1/']], [['openrouter.ai']]])(
    'not by %j',
    (apis) => {
      expect(barredBy(apis)).toBeNull();
    },
  );
});

describe('the hash of a recipe', () => {
  test.each<[string, () => string]>([
    ['template', () => hashOf('{{> p}}.', partialsOf({ p: 'one' }))],
    ['partial', () => hashOf('{{> p}}', partialsOf({ p: 'other' }))],
    ['model', () => hashOf('{{> p}}', { ...partialsOf({ p: 'one' }), model: 'acme/two' })],
    ['API', () => hashOf('{{> p}}', { ...partialsOf({ p: 'one' }), api: 'simulator' })],
    ['parameter', () => hashOf('{{> p}}', { ...partialsOf({ p: 'one' }), parameters: {} })],
    ['part that is sent', () => hashOf('{{> p}}', { ...partialsOf({ p: 'one' }), truncate: 5 })],
    [
      'field',
      () =>
        createRecipe(definitionOf('{{> p}}', { fields: { seed: 1 } }), { ...RUN, ...partialsOf({ p: 'one' }) }).hash,
    ],
  ])('is another for another %s', (_, other) => {
    expect(other()).not.toBe(base());
  });

  test('is the same whatever lies beside, and whatever it may cost', () => {
    const handling = {
      ...PLAIN_HANDLING,
      leftOut: 'fail' as const,
      concurrency: 1,
      maxCostUsd: 5,
      after: 'archive' as const,
    };
    const definition = definitionOf('{{> p}}', { handling, name: 'other', resultName: '{{stem}}' });
    expect(createRecipe(definition, { ...RUN, ...partialsOf({ p: 'one' }) }).hash).toBe(base());
  });
});
