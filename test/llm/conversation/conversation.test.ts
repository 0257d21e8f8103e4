import { describe, expect, test } from '@jest/globals';
import type { Handling, Recipe } from '../../../src/domain/recipe.ts';
import type { Reply } from '../../../src/domain/request.ts';
import { resolveApi } from '../../../src/llm/api.ts';
import { unsaidPdfEngine } from '../../../src/llm/conversation/capabilities.ts';
import {
  ask,
  conversationOf,
  converse,
  cut,
  type InquirySettings,
  image,
  inquiryOf,
  lastText,
  pdf,
  quarterBytes,
  refusal,
  reply,
  type Surroundings,
  text,
} from './support.ts';

const plain = { tokens: null, overlap: 0, combine: null };
const long = (paragraphs: number) =>
  Array.from({ length: paragraphs }, (_, index) => `${index}`.padEnd(998, ' x')).join('\n\n');

const enginePlugin = (engine: string) => ({ plugins: [{ id: 'file-parser', pdf: { engine } }] });

const held = (onLength: Handling['onLength'], script: readonly Reply[], facts = {}) =>
  converse(conversationOf({ facts }).conversation, inquiryOf({ handling: { onLength } }), script);

const tooLong = (onTooLong: Handling['onTooLong'], split = {}): Partial<Handling> => ({
  onTooLong,
  split: { ...plain, ...split },
});

describe('a short text', () => {
  test('is asked at once as the recipe renders it, and nothing is looked up', async () => {
    const { conversation, asked } = conversationOf();
    let turns = 0;
    const count = setImmediate(() => (turns += 1));
    await ask(conversation, inquiryOf());
    clearImmediate(count);
    expect(turns).toBe(0);
    const { prompt, judge } = await ask(conversation, inquiryOf());
    expect(prompt.messages.at(-1)?.content).toEqual([text('Hello')]);
    expect(prompt.fields).toBeUndefined();
    expect(judge(reply('Hi', { extras: { reasoning: 'Hm.' } }))).toEqual({
      kind: 'answer',
      answer: { text: 'Hi', extras: { reasoning: 'Hm.' }, notes: [] },
    });
    expect(asked).toEqual([]);
  });

  test('that cannot be rendered is refused', async () => {
    const inquiry = inquiryOf();
    const recipe = { ...inquiry.recipe, render: () => Promise.reject(new Error('No such partial.')) };
    expect(await refusal(conversationOf().conversation, { ...inquiry, recipe })).toEqual({
      kind: 'refused',
      code: 'not-rendered',
      reason: 'No such partial.',
      partial: null,
    });
  });
});

describe('what a model takes', () => {
  test('an image it takes is sent', async () => {
    const { conversation } = conversationOf({ facts: { inputs: ['text', 'image'] } });
    const { prompt } = await ask(conversation, inquiryOf({ parts: [image()] }));
    expect(prompt.fields).toBeUndefined();
  });

  test('an image is sent if it is not known what the model takes', async () => {
    await expect(ask(conversationOf().conversation, inquiryOf({ parts: [image()] }))).resolves.toBeDefined();
  });

  test('an image it does not take is refused, with models that do', async () => {
    const { conversation } = conversationOf({ facts: { inputs: ['text'] } });
    const { code, reason } = await refusal(conversation, inquiryOf({ parts: [text('Look:'), image()] }));
    expect(code).toBe('unsupported-input');
    expect(reason).toBe('lab/model takes no image input. Name a model in the recipe that does: able/image');
  });

  test('so is one by its address', async () => {
    const { conversation } = conversationOf({ facts: { inputs: ['text'] } });
    const messages = [
      { role: 'user' as const, content: [{ kind: 'linked image' as const, url: 'https://host/a.png' }] },
    ];
    expect((await refusal(conversation, inquiryOf({ prompt: { messages } }))).code).toBe('unsupported-input');
  });
});

describe('what an API takes, whatever the model', () => {
  const takes = { inputs: ['text', 'image'] } as const;

  test('is what holds where the model is not known', async () => {
    const { conversation } = conversationOf({ takes: { inputs: ['text'] } });
    expect((await refusal(conversation, inquiryOf({ parts: [image()] }))).code).toBe('unsupported-input');
    await expect(ask(conversationOf({ takes }).conversation, inquiryOf({ parts: [image()] }))).resolves.toBeDefined();
  });

  test('gives way to what is said of the model', async () => {
    const { conversation } = conversationOf({ takes, facts: { inputs: ['text'] } });
    expect((await refusal(conversation, inquiryOf({ parts: [image()] }))).code).toBe('unsupported-input');
  });

  test.each([
    ['openrouter', null],
    ['openai', null],
    ['gemini', 'text'],
    ['ollama', 'text'],
    ['https://llm.example.org/v1', 'text'],
  ])('PDFs go to %s by the engine %j, if the recipe says nothing of it', (name, engine) => {
    expect(unsaidPdfEngine(resolveApi(name))).toBe(engine);
  });
});

describe('the engine for PDFs', () => {
  test.each([
    [null, ['text', 'file'], 'native'],
    [null, ['text'], 'cloudflare-ai'],
    [null, null, 'cloudflare-ai'],
    ['mistral-ocr', ['text', 'file'], 'mistral-ocr'],
    ['native', null, 'native'],
  ] as const)('of recipe %j, for a model that takes %j, is %s', async (engine, inputs, chosen) => {
    const { conversation } = conversationOf({ facts: { inputs } });
    const { prompt } = await ask(conversation, inquiryOf({ parts: [pdf()], handling: { pdf: engine } }));
    expect(prompt.fields).toEqual(enginePlugin(chosen));
  });

  test('that the recipe sets as a plugin stands', async () => {
    const plugins = [{ id: 'web' }, { id: 'file-parser', pdf: { engine: 'mistral-ocr' } }];
    const inquiry = inquiryOf({
      parts: [pdf()],
      prompt: { fields: { plugins } },
      handling: { pdf: 'mistral-ocr' },
    });
    expect((await ask(conversationOf().conversation, inquiry)).prompt.fields).toEqual({ plugins });
  });

  test.each<readonly [string, readonly object[], object, object?]>([
    ['names none', [{ id: 'file-parser' }], {}],
    ['names none of its PDFs', [{ id: 'file-parser', pdf: {} }], {}],
    ['says something else of them', [{ id: 'file-parser', pdf: { pages: 3 }, more: 1 }], { pages: 3 }, { more: 1 }],
    ['is turned off', [{ id: 'file-parser', enabled: false }], {}],
    ['is turned off, and paid', [{ id: 'file-parser', enabled: false, pdf: { engine: 'mistral-ocr' } }], {}],
    ['stands there twice', [{ id: 'file-parser' }, { id: 'file-parser', pdf: { engine: 'cloudflare-ai' } }], {}],
  ])(
    'is sent where the plugin of the recipe %s: the API would choose the paid one',
    async (_, plugins, rest, more = {}) => {
      const { conversation } = conversationOf({ facts: { inputs: ['text'] } });
      const { prompt } = await ask(conversation, inquiryOf({ parts: [pdf()], prompt: { fields: { plugins } } }));
      const parser = { id: 'file-parser', ...more, pdf: { ...rest, engine: 'cloudflare-ai' } };
      expect(prompt.fields).toEqual({ plugins: [parser] });
    },
  );

  test('stands beside other plugins', async () => {
    const { conversation } = conversationOf({ facts: { inputs: ['file'] } });
    const { prompt } = await ask(
      conversation,
      inquiryOf({ parts: [pdf()], prompt: { fields: { plugins: [{ id: 'web' }] } } }),
    );
    expect(prompt.fields).toEqual({ plugins: [{ id: 'web' }, { id: 'file-parser', pdf: { engine: 'native' } }] });
  });

  test('is none where the API has none', async () => {
    const { conversation } = conversationOf({ routes: false });
    expect((await ask(conversation, inquiryOf({ parts: [pdf()] }))).prompt.fields).toBeUndefined();
  });

  test.each([
    [true, 'native', ['text'], 'cloudflare-ai'],
    [false, null, ['text'], 'sluice.pdf: text'],
    [false, 'cloudflare-ai', null, 'sluice.pdf: text'],
    [false, 'mistral-ocr', ['file'], 'sluice.pdf: text'],
  ] as const)(
    'cannot read it (routes %j, engine %j, takes %j): says what to do',
    async (routes, engine, inputs, advice) => {
      const { conversation } = conversationOf({ routes, facts: { inputs } });
      const { code, reason } = await refusal(conversation, inquiryOf({ parts: [pdf()], handling: { pdf: engine } }));
      expect(code).toBe('unsupported-input');
      expect(reason).toContain(advice);
    },
  );
});

describe('an answer that was cut', () => {
  test('fails, with what there is of it', async () => {
    const { last } = await held('fail', [cut('Half an ans')]);
    expect(last).toMatchObject({ kind: 'fail', code: 'length', partial: 'Half an ans' });
    expect(last).toHaveProperty('message', expect.stringContaining('1,000 tokens'));
  });

  test('and is empty: reasoning used the tokens', async () => {
    const { last } = await held('continue', [cut(' ')]);
    expect(last).toMatchObject({ kind: 'fail', code: 'length', partial: null });
    expect(last).toHaveProperty('message', expect.stringContaining('on reasoning'));
  });

  test('is asked for once more with twice the tokens', async () => {
    const { prompts, judgements } = await held('retry', [cut('Half'), reply('The whole')]);
    expect(prompts.map(({ maxTokens }) => maxTokens)).toEqual([undefined, 2000]);
    expect(prompts[1]?.messages).toEqual(prompts[0]?.messages);
    expect(judgements).toMatchObject([
      { kind: 'further', code: 'retried-longer' },
      { kind: 'answer', answer: { text: 'The whole', notes: [expect.stringContaining('twice as many')] } },
    ]);
  });

  test('once more, but not a third time', async () => {
    const { last } = await held('retry', [cut('Half'), cut('Half and more')]);
    expect(last).toMatchObject({ kind: 'fail', code: 'length', partial: 'Half and more' });
  });

  test('with no more tokens than the model writes', async () => {
    const { prompts } = await held('retry', [cut('Half'), reply('Whole')], { maxCompletionTokens: 1500 });
    expect(prompts[1]?.maxTokens).toBe(1500);
  });

  test('and cannot be longer, fails at once', async () => {
    const { judgements } = await held('retry', [cut('Half')], { maxCompletionTokens: 1000 });
    expect(judgements).toMatchObject([{ kind: 'fail', code: 'length' }]);
  });

  test('is gone on with, and joined', async () => {
    const script = [cut('One two '), cut('three four '), reply('five.')];
    const { prompts, judgements } = await held('continue', script);
    expect(prompts[2]?.messages.slice(-2)).toEqual([
      { role: 'assistant', content: 'One two three four ' },
      { role: 'user', content: expect.stringContaining('Go on exactly where it stopped') },
    ]);
    expect(judgements).toMatchObject([
      { kind: 'further', code: 'continued' },
      { kind: 'further', code: 'continued' },
      { kind: 'answer', answer: { text: 'One two three four five.', notes: [expect.stringContaining('2 times')] } },
    ]);
  });

  test('is gone on with eight times at most', async () => {
    const script = Array.from({ length: 12 }, (_, index) => cut(`Part number ${index}. `));
    const { judgements, last } = await held('continue', script);
    expect(judgements).toHaveLength(9);
    expect(last).toMatchObject({ kind: 'fail', code: 'length', partial: expect.stringContaining('Part number 8.') });
  });

  test('and does not grow, is given up', async () => {
    const { last } = await held('continue', [cut('One two '), cut('')]);
    expect(last).toMatchObject({ kind: 'fail', code: 'length', partial: 'One two ' });
  });

  test('what was parsed out of files is sent along', async () => {
    const file = { type: 'file', file: { hash: 'h' } };
    const annotations = [file, { type: 'url_citation' }];
    const { prompts, last } = await held('continue', [
      reply('One ', { cut: true, extras: { annotations } }),
      reply('two', { extras: { annotations: [file] } }),
    ]);
    expect(prompts[1]?.messages.at(-2)).toEqual({ role: 'assistant', content: 'One ', annotations: [file] });
    expect(last).toHaveProperty('answer.extras', { annotations });
  });
});

const twice: Recipe['render'] = async (_document, parts) => ({
  model: 'lab/model',
  messages: [{ role: 'user', content: [...parts, text('Once more:'), ...parts] }],
});

describe('a document that is too long', () => {
  const facts = { contextTokens: 4000 };
  const conversation = () => conversationOf({ facts }).conversation;
  test('fails by default, with the figures', async () => {
    const { code, reason } = await refusal(conversation(), inquiryOf({ parts: [text(long(20))] }));
    expect(code).toBe('too-long');
    expect(reason).toMatch(/about 5,\d+ tokens, and lab\/model takes 2,727 beside the answer.*sluice\.on_too_long/);
  });

  test('is not, where it fits after all', async () => {
    const { prompt } = await ask(conversation(), inquiryOf({ parts: [text(long(9))] }));
    expect(prompt.maxTokens).toBeUndefined();
  });

  test('is not, where a shorter answer makes it fit', async () => {
    const { conversation: generous } = conversationOf({ facts, maxTokens: 64_000 });
    const { prompt } = await ask(generous, inquiryOf({ parts: [text(long(9))] }));
    expect(prompt.maxTokens).toBe(4000 - Math.ceil((2250 + 3) * 1.1));
  });

  test('is never cut in silence by the API', async () => {
    const { prompt } = await ask(conversation(), inquiryOf({ parts: [text(long(9))] }));
    expect(prompt.fields).toEqual({ plugins: [{ id: 'context-compression', enabled: false }] });
  });

  test('is cut by the recipe, and that is said', async () => {
    const { prompt, judge } = await ask(
      conversation(),
      inquiryOf({ parts: [text(long(20))], handling: tooLong('truncate') }),
    );
    const sent = lastText(prompt);
    expect(long(20).startsWith(sent)).toBe(true);
    expect(judge(reply('Short.'))).toMatchObject({
      answer: { text: 'Short.', notes: [`${sent.length.toLocaleString('en-US')} of 19,998 characters were sent.`] },
    });
  });

  test('is split, and the answers are joined', async () => {
    const inquiry = inquiryOf({ parts: [text(long(20))], handling: tooLong('split') });
    const script = [reply('First.\n'), reply('Second.')];
    const { prompts, judgements } = await converse(conversation(), inquiry, script);
    expect(prompts.map(lastText).join('')).toBe(long(20));
    expect(judgements).toMatchObject([
      { kind: 'further', code: 'part-answered', message: 'Request 1 of 2 is answered' },
      { kind: 'answer', answer: { text: 'First.\n\nSecond.', notes: ['The document was asked in 2 parts.'] } },
    ]);
  });

  test('is split as small as the recipe says, no matter what the model takes', async () => {
    const inquiry = inquiryOf({ parts: [text('One.\n\nTwo.\n\nSix.')], handling: tooLong('split', { tokens: 2 }) });
    const { prompts } = await converse(conversationOf().conversation, inquiry, [reply('1'), reply('2'), reply('3')]);
    expect(prompts.map(lastText)).toEqual(['One.\n\n', 'Two.\n\n', 'Six.']);
  });

  test('is split, and a last request combines the answers', async () => {
    const split = { tokens: 2, combine: 'Make one of these.' };
    const inquiry = inquiryOf({ parts: [text('One.\n\nTwo.')], handling: tooLong('split', split) });
    const { prompts, judgements, last } = await converse(conversationOf().conversation, inquiry, [
      reply('1'),
      reply('2'),
      reply('3'),
    ]);
    expect(prompts[2]?.messages).toEqual([
      { role: 'system', content: 'Make one of these.' },
      { role: 'user', content: 'Part 1 of 2:\n\n1\n\nPart 2 of 2:\n\n2' },
    ]);
    expect(judgements.map(({ kind }) => kind)).toEqual(['further', 'further', 'answer']);
    expect(last).toHaveProperty('answer.text', '3');
  });

  test('lists of JSON become one list, with their own digits', async () => {
    const output = { format: 'json', schema: null, extract: null } as const;
    const inquiry = inquiryOf({
      parts: [text('One.\n\nTwo.')],
      handling: { ...tooLong('split', { tokens: 2 }), output },
    });
    const { last } = await converse(conversationOf().conversation, inquiry, [reply('[1.0, 2]'), reply('[]')]);
    expect(last).toHaveProperty('answer.text', '[\n  1.0,\n  2\n]\n');
  });

  test('is not split where a schema leaves nothing to join', async () => {
    const output = { format: 'json', schema: { type: 'object' }, extract: null } as const;
    const inquiry = inquiryOf({
      parts: [text('One.\n\nTwo.')],
      handling: { ...tooLong('split', { tokens: 2 }), output },
    });
    expect((await refusal(conversationOf().conversation, inquiry)).code).toBe('not-joinable');
  });

  test.each([
    [
      'fail',
      'Set sluice.on_too_long to truncate or split in the recipe, or name a model with a larger context',
      inquiryOf({ parts: [text(long(20))] }),
    ],
    [
      'no text',
      'Only a document that is all text can be cut or split',
      inquiryOf({ parts: [text(long(20)), image()], handling: tooLong('split') }),
    ],
    [
      'no room',
      'The recipe alone leaves no room for the document: shorten it, or name a model with a larger context',
      inquiryOf({ system: long(20), handling: tooLong('truncate') }),
    ],
  ])('cannot be asked: the figures, and what to do (%s)', async (_name, advice, inquiry) => {
    const { code, reason } = await refusal(conversation(), inquiry);
    expect(code).toBe('too-long');
    expect(reason).toMatch(/^The prompt has about 5,0\d\d tokens, and lab\/model takes 2,727 beside the answer\. /);
    expect(reason.slice(reason.indexOf('. ') + 2)).toBe(advice);
  });

  test('is longer than the parts that the recipe asks for, and not all text', async () => {
    const parts = [text('One two.'.repeat(9)), image()];
    const { reason } = await refusal(
      conversationOf().conversation,
      inquiryOf({ parts, handling: tooLong('split', { tokens: 2 }) }),
    );
    expect(reason).toBe(
      'The document has about 18 tokens, and sluice.split.tokens is 2. Only a document that is all text can be cut or split',
    );
  });

  test.each(['truncate', 'split'] as const)(
    'stands twice in the prompt, and fits all the same: %s',
    async (onTooLong) => {
      const inquiry = inquiryOf({ parts: [text(long(20))], handling: tooLong(onTooLong) });
      const { prompt } = await ask(conversation(), { ...inquiry, recipe: { ...inquiry.recipe, render: twice } });
      expect(quarterBytes(lastText(prompt))).toBeGreaterThan(1000);
      expect(quarterBytes(lastText(prompt))).toBeLessThanOrEqual(2727);
    },
  );

  test('would be asked in more than a thousand parts', async () => {
    const inquiry = inquiryOf({ parts: [text('word '.repeat(5000))], handling: tooLong('split', { tokens: 2 }) });
    expect(await refusal(conversationOf().conversation, inquiry)).toMatchObject({
      code: 'too-many-parts',
      reason: expect.stringMatching(/^The document would be asked in more than 1,000 parts: /),
    });
  });
});

describe('replies that were kept', () => {
  test('lead to the same requests and answer again, from the beginning and from any place', async () => {
    const schema = { type: 'array', items: { type: 'integer' } };
    const handling = {
      onTooLong: 'split',
      onLength: 'continue',
      split: { tokens: 4, overlap: 1, combine: 'All of it.' },
      output: { format: 'json', schema, extract: null },
    } as const;
    const inquiry = () => inquiryOf({ parts: [text('One one.\n\nTwo two.\n\nThree.')], handling });
    const script = [cut('[1,'), reply('2]'), reply('["x"]'), cut('[3'), reply(']'), reply('[4]'), reply('[1,2,3,4]')];
    const once = await converse(conversationOf().conversation, inquiry(), script);
    expect(once.judgements.map((judgement) => ('code' in judgement ? judgement.code : judgement.kind))).toEqual([
      'continued',
      'part-answered',
      'repairing',
      'continued',
      'part-answered',
      'part-answered',
      'answer',
    ]);
    for (const [index, said] of script.entries()) {
      const next = await ask(conversationOf().conversation, inquiry(), script.slice(0, index));
      expect(next.prompt).toEqual(once.prompts[index]);
      expect(next.judge(said)).toEqual(once.judgements[index]);
    }
  });

  test('of more parts than there are now: it is refused, with what they say', async () => {
    const handling = tooLong('split', { tokens: 2 });
    const inquiry = inquiryOf({ parts: [text('One.\n\nTwo.')], handling });
    expect(await refusal(conversationOf().conversation, inquiry, [reply('1'), reply('2'), reply('3')])).toMatchObject({
      code: 'asked-otherwise',
      partial: '1\n\n2\n\n3',
    });
  });

  test('of which one ended it: it is refused', async () => {
    const next = await conversationOf().conversation.next(inquiryOf(), [cut('Half')]);
    expect(next).toMatchObject({ kind: 'refused', code: 'length' });
  });
});

describe('a document in many parts', () => {
  const handling = tooLong('split', { tokens: 100 });
  const content = long(20);
  const inquiry = (fingerprint = 'a') => ({ ...inquiryOf({ parts: [text(content)], handling }), fingerprint });
  const replies = Array.from({ length: 20 }, (_, index) => reply(`${index}`));

  test('is rendered as a whole once for all the replies that were kept', async () => {
    let rendered = 0;
    const { recipe, ...asked } = inquiry();
    const render: typeof recipe.render = (document, parts) => {
      rendered += parts === asked.parts ? 1 : 0;
      return recipe.render(document, parts);
    };
    const watched = { ...asked, recipe: { ...recipe, render } };
    const { conversation } = conversationOf();
    for (let kept = 0; kept < 20; kept += 1) await ask(conversation, watched, replies.slice(0, kept));
    expect(rendered).toBe(1);
  });

  test('is counted once for all its requests', async () => {
    let counted = 0;
    const countTokens = (piece: string) => {
      counted += piece.length;
      return quarterBytes(piece);
    };
    const { conversation } = conversationOf({ countTokens });
    await ask(conversation, inquiry());
    const once = counted;
    for (let kept = 0; kept < 20; kept += 1) {
      const { prompt } = await ask(conversation, inquiry(), replies.slice(0, kept));
      expect(content).toContain(lastText(prompt));
    }
    expect(counted).toBe(once);
    await ask(conversation, inquiry('b'));
    expect(counted).toBe(2 * once);
  });

  test('has each reply read once', async () => {
    const read: number[] = [];
    const told = replies.map((said, index) => ({
      ...said,
      get cut() {
        read.push(index);
        return false;
      },
    }));
    const asked = inquiry();
    const { conversation } = conversationOf();
    await ask(conversation, asked, told.slice(0, 1));
    const once = read.length;
    for (let kept = 1; kept < 20; kept += 1) await ask(conversation, asked, told.slice(0, kept));
    expect(once).toBeGreaterThan(0);
    expect(read).toHaveLength(19 * once);
  });

  test('may be asked of other replies with the same inquiry', async () => {
    const asked = inquiry();
    const { conversation } = conversationOf();
    const second = await ask(conversation, asked, replies.slice(0, 1));
    await ask(conversation, asked, replies.slice(0, 5));
    expect((await ask(conversation, asked, [reply('another')])).prompt).toEqual(second.prompt);
  });

  test('says how it is planned', async () => {
    const split = { tokens: 2, combine: 'Make one of these.' };
    const two = inquiryOf({ parts: [text('One.\n\nTwo.')], handling: tooLong('split', split) });
    const plan = await conversationOf().conversation.plan(two);
    expect(plan.segments).toHaveLength(2);
    expect(plan.combine).toBe('Make one of these.');
  });
});

describe('a short prompt to a model that may write no long answer', () => {
  test('asks for as much as the model writes', async () => {
    const { conversation, asked } = conversationOf({
      facts: { maxCompletionTokens: 600 },
      roomyModel: 'another/model',
    });
    expect((await ask(conversation, inquiryOf())).prompt.maxTokens).toBe(600);
    expect(asked).toEqual(['lab/model']);
  });

  test('asks for what its context leaves', async () => {
    const { conversation } = conversationOf({ facts: { contextTokens: 800 }, roomyModel: null });
    const { maxTokens = 0 } = (await ask(conversation, inquiryOf())).prompt;
    expect(maxTokens).toBeGreaterThan(700);
    expect(maxTokens).toBeLessThan(800);
  });

  test('asks for what it was told to if the limits are not known', async () => {
    const { conversation } = conversationOf({ facts: null, roomyModel: null });
    expect((await ask(conversation, inquiryOf())).prompt.maxTokens).toBeUndefined();
  });

  test('asks a server of one’s own for what it has loaded', async () => {
    const takes = { context: 'ollama' } as const;
    const { conversation } = conversationOf({ facts: { contextTokens: 800 }, routes: false, roomyModel: null, takes });
    expect((await ask(conversation, inquiryOf())).prompt.maxTokens).toBeLessThan(800);
    const { reason } = await refusal(conversation, inquiryOf({ parts: [text(long(20))] }));
    expect(reason).toMatch(/takes \d+ beside the answer\. Set sluice\.on_too_long .*, or set OLLAMA_CONTEXT_LENGTH/);
  });

  test('looks nothing up where the API tells nothing', async () => {
    const { conversation, asked } = conversationOf({
      facts: { maxCompletionTokens: 1 },
      roomyModel: null,
      routes: false,
    });
    expect((await ask(conversation, inquiryOf())).prompt.maxTokens).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

/** The next next where the API cannot be asked for its models. */
const unreached = (settings: InquirySettings, surroundings: Surroundings = {}, replies: readonly Reply[] = []) =>
  conversationOf({ reached: false, ...surroundings }).conversation.next(inquiryOf(settings), replies);

describe('a list of models that cannot be had', () => {
  const bound = { format: 'json', schema: { type: 'object' }, extract: null } as const;

  test.each<readonly [string, InquirySettings]>([
    ['is long', { parts: [text(long(20))] }],
    ['is to be split where it is too long', { parts: [text(long(20))], handling: tooLong('split') }],
    ['is a PDF', { parts: [pdf()] }],
    ['is an image', { parts: [image()] }],
    ['is to be answered by a schema', { handling: { output: bound } }],
    ['has a limit of what it may cost', { handling: { maxCostUsd: 1 } }],
  ])('keeps a document waiting that %s', async (_, settings) => {
    expect(await unreached(settings)).toEqual({
      kind: 'later',
      reason: 'what lab/model takes, or costs, cannot be learned now: the API does not list its models',
    });
    expect((await unreached(settings, { reached: true })).kind).toBe('ask');
    expect((await unreached(settings, { routes: false })).kind).toBe('ask');
  });

  test.each([null, 'lab/model'])('holds no short text up (roomy: %j)', async (roomyModel) => {
    expect((await unreached({}, { roomyModel })).kind).toBe('ask');
  });

  test('keeps a short document waiting whose answer grew long', async () => {
    const settings: InquirySettings = { handling: { onLength: 'continue' } };
    expect((await unreached(settings, {}, [cut('Half')])).kind).toBe('ask');
    expect((await unreached(settings, {}, [cut(long(20))])).kind).toBe('later');
  });
});

test('a prompt is bounded by its price where the recipe limits what is spent', async () => {
  const { conversation } = conversationOf();
  expect((await ask(conversation, inquiryOf({ handling: { maxCostUsd: 1 } }))).prompt.bounded).toBe(true);
  expect((await ask(conversation, inquiryOf())).prompt.bounded).toBeUndefined();
});
