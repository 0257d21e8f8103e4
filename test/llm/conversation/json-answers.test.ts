import { describe, expect, test } from '@jest/globals';
import type { OutputRules } from '../../../src/domain/recipe.ts';
import { ask, conversationOf, converse, cut, inquiryOf, lastText, refusal, reply } from './support.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    price: { type: 'number' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['name'],
  additionalProperties: false,
};

const output = (rules: Partial<OutputRules> = {}): OutputRules => ({
  format: 'json',
  schema: SCHEMA,
  extract: null,
  ...rules,
});
const judged = (rules: Partial<OutputRules>, ...script: Parameters<typeof converse>[2]) =>
  converse(conversationOf().conversation, inquiryOf({ handling: { output: output(rules) } }), script);

const NO_PROMPT = { model: '', messages: [] };
const SOUND = '{"name":"Äpfel"}';
const PRETTY = '{\n  "name": "Äpfel"\n}\n';
const OPEN = { schema: { type: 'object' } };

const promptOf = async (
  surroundings: Parameters<typeof conversationOf>[0],
  settings: Parameters<typeof inquiryOf>[0],
) => (await ask(conversationOf(surroundings).conversation, inquiryOf(settings))).prompt;

const bound = (schema: object, strict: boolean) => ({
  type: 'json_schema',
  json_schema: { name: 'answer', strict, schema },
});

describe('replies that become a result', () => {
  test.each<[string, Partial<OutputRules>, string, string]>([
    ['the schema holds', {}, SOUND, PRETTY],
    ['fenced', {}, `\`\`\`json\n${SOUND}\n\`\`\``, PRETTY],
    ['prose around', {}, `Of course! ${SOUND} Anything else?`, PRETTY],
    ['a byte order mark', {}, `\uFEFF${SOUND}`, PRETTY],
    ['two values, of which one holds', {}, `{"other":"much larger than that"}\n${SOUND}`, PRETTY],
    [
      'huge numbers',
      OPEN,
      '{"id":12345678901234567890,"x":1e400}',
      '{\n  "id": 12345678901234567890,\n  "x": 1e400\n}\n',
    ],
    [
      'a huge number where one is asked for',
      {},
      '{"name":"","price":1e400}',
      '{\n  "name": "",\n  "price": 1e400\n}\n',
    ],
    ['fractions and escapes as they are', OPEN, '{"a":1.50,"b":"\\u00e4"}', '{\n  "a": 1.50,\n  "b": "\\u00e4"\n}\n'],
    ['__proto__ as data', OPEN, '{"__proto__":{"x":1}}', '{\n  "__proto__": {\n    "x": 1\n  }\n}\n'],
    ['any JSON', { schema: null }, '[1,"a",null]', '[\n  1,\n  "a",\n  null\n]\n'],
    ['a bare value', { schema: null }, 'true', 'true\n'],
    ['formats hold', { schema: { type: 'string', format: 'date' } }, '"2024-02-29"', '"2024-02-29"\n'],
    [
      'draft 2020-12',
      { schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] } },
      '["a"]',
      '[\n  "a"\n]\n',
    ],
  ])('%s', async (_name, rules, text, result) => {
    const { last } = await judged(rules, reply(text));
    expect(last).toMatchObject({ kind: 'answer', answer: { text: result } });
  });

  test.each([
    [
      'the last that holds',
      {},
      '{"name":"a"}\n{"other":1}\n{"name":"a"}\n{"none":"of a longer name"}',
      '{\n  "name": "a"\n}\n',
      4,
    ],
    ['the same twice', { schema: null }, 'A draft: {"a":1}\n\n```json\n{ "a": 1 }\n```', '{\n  "a": 1\n}\n', 2],
  ])('of several values the one that was taken is told: %s', async (_name, rules, text, result, count) => {
    const { last } = await judged(rules, reply(text));
    const notes = [`The reply held ${count} JSON values: the last that holds was taken.`];
    expect(last).toMatchObject({ kind: 'answer', answer: { text: result, notes } });
  });

  test.each([
    ['one after the other', {}, '{"name":"short"}\n{"name":"very much longer"}'],
    ['in code blocks', {}, '```\n{"name":"a"}\n```\n```json\n{"name":"b"}\n```'],
    ['in a code block and behind it', {}, '```\n{"name":"a"}\n```\nNo: {"name":"b"}'],
    ['without a schema', { schema: null }, '{"a":1}\n{"a":1,"b":2}'],
  ])('of several that hold and differ, the model says which: %s', async (_name, rules, text) => {
    const { prompts, judgements, last } = await judged(rules, reply(text), reply(SOUND));
    expect(judgements[0]).toMatchObject({
      kind: 'further',
      code: 'repairing',
      message: expect.stringContaining('2 different JSON values that satisfy what was asked for'),
    });
    expect(lastText(prompts[1] ?? NO_PROMPT)).toContain('decide which one is the answer');
    expect(lastText(prompts[1] ?? NO_PROMPT)).toContain('Write the JSON alone');
    expect(last).toMatchObject({ kind: 'answer', answer: { text: PRETTY } });
  });

  test('and fails if it does not say it', async () => {
    const text = '{"name":"a"}\n{"name":"b"}';
    expect((await judged({}, reply(text), reply(text))).last).toMatchObject({
      kind: 'fail',
      code: 'several-answers',
      partial: text,
    });
  });

  test('that came as reasoning is taken if it holds, and that is said', async () => {
    const misplaced = { text: SOUND, cut: false, extras: { misplaced: true } } as const;
    expect((await judged({}, misplaced)).last).toMatchObject({
      answer: { text: PRETTY, notes: ['The API gave the answer as reasoning of the model.'] },
    });
  });
});

describe('replies that the model is asked to mend, and could not', () => {
  test.each<[string, Partial<OutputRules>, string, string]>([
    ['the schema was ignored: prose', {}, 'It costs three pounds.', 'invalid-json'],
    ['the schema was ignored: other JSON', {}, '{"answer":"x"}', 'schema-broken'],
    ['a wrong type', {}, '{"name":1}', 'schema-broken'],
    ['an extra property', {}, '{"name":"a","extra":1}', 'schema-broken'],
    ['a property that is missing', {}, '{"price":1}', 'schema-broken'],
    ['__proto__ as an extra property', {}, '{"name":"a","__proto__":{}}', 'schema-broken'],
    [
      'a name that every object inherits',
      { schema: { type: 'object', required: ['toString'] } },
      '{}',
      'schema-broken',
    ],
    ['a huge number out of bounds', { schema: { type: 'number', maximum: 9 } }, '1e400', 'schema-broken'],
    ['a format', { schema: { type: 'string', format: 'date' } }, '"2023-02-29"', 'schema-broken'],
    [
      'draft 2020-12',
      { schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] } },
      '[1]',
      'schema-broken',
    ],
    ['NaN', {}, '{"name":"a","price":NaN}', 'invalid-json'],
    ['Infinity', OPEN, '{"x":-Infinity}', 'invalid-json'],
    ['deep nesting', OPEN, `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`, 'invalid-json'],
    ['duplicate names', {}, '{"name":"a","name":"b"}', 'invalid-json'],
    ['a trailing comma', {}, '{"name":"a",}', 'invalid-json'],
    ['a comment', {}, '{"name":"a" /* it */}', 'invalid-json'],
    ['single quotes', {}, "{'name':'a'}", 'invalid-json'],
    ['the end missing, though the reply is whole', {}, '{"name":"a"', 'invalid-json'],
    ['a piece of something broken', OPEN, '{"items":[{"a":1},{"a":2},]}', 'invalid-json'],
  ])('%s', async (_name, rules, text, code) => {
    const { judgements } = await judged(rules, reply(text), reply(text));
    expect(judgements).toMatchObject([
      { kind: 'further', code: 'repairing' },
      { kind: 'fail', code, partial: text },
    ]);
  });

  test('no text of the reply stands in what is told to people', async () => {
    for (const text of ['{"name":"a","sécret":1}', '{"name": sécret}', '{"name":1,"tags":["sécret",2]}']) {
      const { judgements } = await judged({}, reply(text), reply(text));
      for (const judgement of judgements)
        expect(judgement).toHaveProperty('message', expect.not.stringContaining('sécret'));
    }
  });
});

describe('the request that mends', () => {
  test('shows the model its answer and all that is wrong with it', async () => {
    const wrong = '{"price":"3","tags":[1],"colour":"red"}';
    const { prompts, judgements } = await judged({}, reply(wrong), reply(SOUND));
    expect(prompts[1]?.messages.slice(0, 2)).toEqual(prompts[0]?.messages);
    expect(prompts[1]?.messages[2]).toEqual({ role: 'assistant', content: wrong });
    expect(lastText(prompts[1] ?? { model: '', messages: [] })).toContain(
      "- the value itself must have required property 'name'\n" +
        '- the value itself must NOT have additional properties: "colour"\n' +
        '- /price must be number\n' +
        '- /tags/0 must be string\n',
    );
    expect(prompts[1]?.fields).toEqual(prompts[0]?.fields);
    expect(judgements[1]).toMatchObject({ kind: 'answer', answer: { text: PRETTY } });
    expect(judgements[1]).toHaveProperty('answer.notes', [expect.stringContaining('corrected its first answer')]);
  });

  test('is bounded, however much is wrong', async () => {
    const wrong = JSON.stringify({ name: 'a', tags: Array.from({ length: 50_000 }, () => 1) });
    const { prompts } = await judged({}, reply(wrong), reply(SOUND));
    expect(
      lastText(prompts[1] ?? { model: '', messages: [] })
        .split('\n')
        .filter((line) => line.startsWith('- ')),
    ).toHaveLength(20);
    expect(prompts[1]?.messages.at(-2)?.content.length).toBeLessThan(20_100);
  });
});

describe('replies that are never mended', () => {
  test('one that was cut', async () => {
    const { judgements } = await judged({}, cut(SOUND));
    expect(judgements).toMatchObject([{ kind: 'fail', code: 'length', partial: SOUND }]);
  });

  test('a refusal', async () => {
    const { judgements } = await judged({}, reply('I must not.', { extras: { refusal: 'I must not.' } }));
    expect(judgements).toMatchObject([{ kind: 'fail', code: 'refused-by-model', partial: 'I must not.' }]);
  });

  test('an empty one', async () => {
    const { judgements } = await judged({}, reply(' '));
    expect(judgements).toMatchObject([{ kind: 'fail', code: 'invalid-json', partial: null }]);
  });
});

test('JSON that was cut is joined, then read', async () => {
  const inquiry = inquiryOf({ handling: { output: output(), onLength: 'continue' } });
  const { last } = await converse(conversationOf().conversation, inquiry, [
    cut('```json\n{"name": "Ä'),
    reply('pfel"}\n```'),
  ]);
  expect(last).toMatchObject({ kind: 'answer', answer: { text: PRETTY } });
});

test('a schema that is none is refused before anything is paid for', async () => {
  const inquiry = inquiryOf({ handling: { output: output({ schema: { type: 'text' } }) } });
  expect(await refusal(conversationOf().conversation, inquiry)).toMatchObject({ code: 'unusable-schema' });
});

const fenced = (text: string) =>
  converse(
    conversationOf().conversation,
    inquiryOf({ handling: { output: { format: 'text', schema: null, extract: 'fenced' } } }),
    [reply(text)],
  );

describe('the code block of an answer', () => {
  test('is its result', async () => {
    expect((await fenced('Sure:\n```srt\n1\n00:01\n```\nDone.')).last).toMatchObject({
      answer: { text: '1\n00:01\n', notes: [] },
    });
  });

  test('is taken to the end where it is not closed, and that is said', async () => {
    expect((await fenced('```\nabc')).last).toMatchObject({
      answer: { text: 'abc\n', notes: [expect.stringContaining('not closed')] },
    });
  });

  test('is the last of several that are alike', async () => {
    expect((await fenced('```\na\n```\nAgain:\n```\na\n```')).last).toMatchObject({ answer: { text: 'a\n' } });
  });

  test('is asked for if there are several that differ', async () => {
    const { prompts, last } = await converse(
      conversationOf().conversation,
      inquiryOf({ handling: { output: { format: 'text', schema: null, extract: 'fenced' } } }),
      [reply('```\na\n```\nor\n```\nb\n```'), reply('```\nb\n```')],
    );
    expect(lastText(prompts[1] ?? NO_PROMPT)).toContain('2 different code blocks');
    expect(lastText(prompts[1] ?? NO_PROMPT)).not.toContain('JSON');
    expect(last).toMatchObject({ kind: 'answer', answer: { text: 'b\n' } });
  });

  test('is missing: the answer fails, with its text', async () => {
    expect((await fenced('Sorry.')).last).toMatchObject({ kind: 'fail', code: 'no-code-block', partial: 'Sorry.' });
  });
});

describe('what holds the model to JSON', () => {
  const handling = { output: output() };

  test('is the schema, by a provider that obeys', async () => {
    const fields = { provider: { only: ['a'] }, temperature: 0 };
    expect((await promptOf({}, { handling, prompt: { fields } })).fields).toEqual({
      temperature: 0,
      provider: { require_parameters: true, only: ['a'] },
      response_format: bound(SCHEMA, false),
    });
  });

  test('is the schema alone where the API has one provider', async () => {
    expect((await promptOf({ routes: false }, { handling })).fields).toEqual({ response_format: bound(SCHEMA, false) });
  });

  test('is strict where the schema allows it', async () => {
    const schema = { ...SCHEMA, required: ['name', 'price', 'tags'] };
    expect((await promptOf({}, { handling: { output: output({ schema }) } })).fields).toHaveProperty(
      'response_format',
      bound(schema, true),
    );
  });

  test('is words where the model takes no schema', async () => {
    const prompt = await promptOf({ facts: { structuredOutputs: false } }, { handling });
    expect(prompt.fields).toEqual({ response_format: { type: 'json_object' } });
    expect(prompt.messages[0]?.content).toContain(`JSON Schema:\n${JSON.stringify(SCHEMA)}`);
  });

  test.each([
    [{ jsonSchema: false }, { response_format: { type: 'json_object' } }],
    [{ jsonSchema: false, jsonObject: false }, undefined],
  ])('is words where the API takes %j', async (takes, fields) => {
    const prompt = await promptOf({ routes: false, takes }, { handling });
    expect(prompt.fields).toEqual(fields);
    expect(prompt.messages[0]?.content).toContain(`JSON Schema:\n${JSON.stringify(SCHEMA)}`);
  });

  test('is the schema where the API takes it, but no form without one', async () => {
    const takes = { jsonObject: false };
    expect((await promptOf({ routes: false, takes }, { handling })).fields).toEqual({
      response_format: bound(SCHEMA, false),
    });
    const any = await promptOf({ routes: false, takes }, { handling: { output: output({ schema: null }) } });
    expect(any.fields).toBeUndefined();
    expect(any.messages[0]?.content).toContain('Answer with JSON alone.');
  });

  test('without a schema is the word alone, where the recipe does not say it', async () => {
    const any = { output: output({ schema: null }) };
    const quiet = await promptOf({}, { handling: any });
    expect(quiet.fields).toEqual({ response_format: { type: 'json_object' } });
    expect(quiet.messages[0]?.content).toBe('Summarise.\n\nAnswer with JSON alone.');
    const spoken = await promptOf({}, { handling: any, system: 'Give JSON.' });
    expect(spoken.messages[0]?.content).toBe('Give JSON.');
  });

  test.each<[string, Partial<OutputRules>, Parameters<typeof conversationOf>[0]]>([
    ['a schema', {}, {}],
    ['any JSON', { schema: null }, {}],
    ['a schema in words', {}, { facts: { structuredOutputs: false } }],
  ])('is let go of while an answer is gone on with: %s', async (_name, rules, surroundings) => {
    const fields = { provider: { only: ['a'] } };
    const inquiry = inquiryOf({ handling: { output: output(rules), onLength: 'continue' }, prompt: { fields } });
    const { prompts } = await converse(conversationOf(surroundings).conversation, inquiry, [
      cut('{"name": "Ä'),
      reply('pfel}'),
      reply(SOUND),
    ]);
    expect(prompts.map((prompt) => prompt.fields?.['response_format'] !== undefined)).toEqual([true, false, true]);
    expect(prompts[1]?.fields).toEqual(fields);
    expect(prompts[1]?.messages.slice(0, 2)).toEqual(prompts[0]?.messages);
  });
});
