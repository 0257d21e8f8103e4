import { describe, expect, test } from '@jest/globals';
import type { AttemptOutcome } from '../../../src/domain/attempt.ts';
import { createReplyReader } from '../../../src/llm/reply/parse.ts';
import { attemptOutcome } from '../../../src/llm/verdict/outcome.ts';
import { answerBody, chunkBody, events, STARTED_AT, USAGE } from '../support.ts';

const START = { number: 1, startedAt: STARTED_AT };

/** What comes of a body, as it comes over the wire. */
function outcomeOf(body: object | string, status = 200, asksForJson = false, insured = true): AttemptOutcome {
  const reader = createReplyReader();
  reader.push(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  const result = { sent: true, status, headers: {}, failure: null, body: reader.end(true), seconds: 1 };
  const costs = { costsAreUsd: true, prices: null, model: 'a/model', isModel: () => false, sound: false, insured };
  return attemptOutcome(result, START, (text) => text, costs, asksForJson);
}

const messageBody = (message: object, finish = 'stop', rest: object = {}) =>
  answerBody('', {
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', ...message } }],
    ...rest,
  });

const PIXEL = { type: 'image_url', image_url: { url: 'data:image/png;base64,AP8=' } };
const CITATION = { type: 'url_citation', url_citation: { url: 'https://example.org' } };
const PARSED = { type: 'file', file: { hash: 'a1', name: 'a.pdf', content: [{ type: 'text', text: 'Page 1' }] } };

describe('an error behind a text, without usage', () => {
  const broken = events(chunkBody({ content: 'Half of it' }), { error: { code: 500, message: 'down' }, choices: [] });

  test('is not billed where the API bills no reply that ends so', () => {
    expect(outcomeOf(broken).record).toMatchObject({ verdict: 'retry', billing: 'none' });
  });

  test('is in doubt at any other: the text may have been billed', () => {
    expect(outcomeOf(broken, 200, false, false).record).toMatchObject({ verdict: 'retry', billing: 'in doubt' });
  });
});

test('a cost has none of the noise that binary fractions add', () => {
  const usage = { ...USAGE, cost: 0.0002 * 3 };
  expect(outcomeOf(answerBody('x', { usage })).record.costUsd).toBe(0.0006);
});

describe('the reply of an attempt', () => {
  test('has nothing but its text where nothing else came', () => {
    expect(outcomeOf(answerBody('Yes.')).reply).toEqual({ text: 'Yes.', cut: false, extras: {} });
  });

  test('has what came with the text', () => {
    const message = { content: 'Yes.', reasoning: 'Hm.', images: [PIXEL], annotations: [CITATION, PARSED] };
    const usage = {
      ...USAGE,
      prompt_tokens_details: { cached_tokens: 7 },
      completion_tokens_details: { reasoning_tokens: 2 },
    };
    const { reply, record, annotations } = outcomeOf(messageBody(message, 'stop', { usage }));
    expect(reply).toEqual({
      text: 'Yes.',
      cut: false,
      extras: {
        reasoning: 'Hm.',
        reasoningTokens: 2,
        annotations: [CITATION, PARSED],
        images: [{ mediaType: 'image/png', base64: 'AP8=' }],
      },
    });
    expect(record).toMatchObject({ promptTokens: 12, cachedTokens: 7 });
    expect(annotations).toBeNull();
  });

  test('has it from a stream, too, and what was told twice once', () => {
    const stream = events(
      chunkBody({ reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }),
      chunkBody({ reasoning: '.', annotations: [PARSED] }),
      chunkBody({ content: 'Yes.', images: [PIXEL], annotations: [CITATION, PARSED] }),
      chunkBody({ annotations: [CITATION] }, 'stop', { usage: USAGE }),
      '[DONE]',
    );
    expect(outcomeOf(stream).reply?.extras).toEqual({
      reasoning: 'Hm.',
      annotations: [PARSED, CITATION],
      images: [{ mediaType: 'image/png', base64: 'AP8=' }],
    });
  });

  test.each([
    ['details', { reasoning_details: [{ text: 'H' }, { summary: 'm.' }, { data: 'sealed' }, null] }],
    ['a field of other servers', { reasoning_content: 'Hm.' }],
  ])('has its reasoning from %s where it has no text of it', (_, told) => {
    expect(outcomeOf(messageBody({ content: 'Yes.', ...told })).reply?.extras).toEqual({ reasoning: 'Hm.' });
  });

  test.each([
    null,
    7,
    {},
    { image_url: { url: 'https://example.org/a.png' } },
    { image_url: { url: 'data:text/plain,x' } },
  ])('has no image from %j', (image) => {
    expect(outcomeOf(messageBody({ content: 'Yes.', images: [image] })).reply?.extras).toEqual({});
  });

  test('may be an image without a word', () => {
    const { reply, verdict } = outcomeOf(messageBody({ content: null, images: [PIXEL] }));
    expect(verdict).toEqual({ kind: 'answer' });
    expect(reply).toMatchObject({ text: '', cut: false, extras: { images: [{ base64: 'AP8=' }] } });
  });

  test('that was cut is there, though it is no answer', () => {
    const { reply, partial, verdict } = outcomeOf(messageBody({ content: 'Yes, beca' }, 'length'));
    expect(verdict).toEqual({ kind: 'fail', suspect: false });
    expect(reply).toEqual({ text: 'Yes, beca', cut: true, extras: {} });
    expect(partial).toBe('Yes, beca');
  });

  test.each([
    ['', {}],
    [' (900 tokens of it)', { completion_tokens_details: { reasoning_tokens: 900 } }],
  ])('that was cut before it began tells that reasoning used the limit up%s', (told, details) => {
    const body = messageBody({ content: '' }, 'length', { usage: { ...USAGE, ...details } });
    const { reply, partial, record } = outcomeOf(body);
    expect(record).toMatchObject({ code: 'length', message: expect.stringContaining(`token limit${told} before`) });
    expect(reply).toMatchObject({ text: '', cut: true });
    expect(partial).toBeNull();
  });

  test.each([
    ['a stream that broke off', events(chunkBody({ content: 'x' }))],
    ['a stream that broke off after it was cut', events(chunkBody({ content: 'x' }, 'length'))],
    ['an empty answer', answerBody('')],
    ['a refusal', messageBody({ content: 'x', refusal: 'I cannot.' })],
    ['an error', { error: { code: 500, message: 'x' } }],
  ])('is none after %s', (_, body) => {
    expect(outcomeOf(body).reply).toBeNull();
  });
});

describe('the words of a refusal', () => {
  test.each([
    [{ content: null, refusal: 'I cannot.' }, 'I cannot.'],
    [{ content: 'As a model', refusal: 'I cannot.' }, 'As a model\n\nI cannot.'],
  ])('are kept for people: %j', (message, partial) => {
    const { record, ...outcome } = outcomeOf(messageBody(message));
    expect(record).toMatchObject({ code: 'refused-by-model', verdict: 'fail' });
    expect(outcome).toMatchObject({ partial, reply: null });
  });
});

const failure = (fileAnnotations: unknown) => ({
  error: { code: 502, message: 'down', metadata: { file_annotations: fileAnnotations } },
});

describe('what was parsed of files before the model failed', () => {
  test('is kept', () => {
    expect(outcomeOf(failure([PARSED]), 502).annotations).toEqual([PARSED]);
    expect(outcomeOf(messageBody({ content: '', annotations: [CITATION, PARSED] })).annotations).toEqual([PARSED]);
  });

  test.each([
    ['it is nothing', failure([])],
    ['it is no list', failure({ type: 'file' })],
    ['it is of no file', failure([CITATION, null])],
    ['it is too much to keep', failure([{ ...PARSED, text: 'x'.repeat(5_000_001) }])],
    ['nothing is told of it', { error: { code: 502, message: 'down' } }],
  ])('is not kept where %s', (_, body) => {
    expect(outcomeOf(body, 502).annotations).toBeNull();
  });
});

const asked = (body: object) => outcomeOf(body, 200, true);

describe('an answer that came as reasoning', () => {
  const message = { content: '', reasoning_content: '\n{"name":"a"}' };
  test('is one if JSON was asked for, and it is JSON', () => {
    expect(asked(messageBody(message))).toMatchObject({
      record: { code: 'answered' },
      reply: { text: '\n{"name":"a"}', extras: { misplaced: true } },
    });
    expect(asked(messageBody(message)).reply?.extras).not.toHaveProperty('reasoning');
  });

  test.each([
    ['JSON was not asked for', () => outcomeOf(messageBody(message)), 'empty-answer'],
    ['it is no JSON', () => asked(messageBody({ ...message, reasoning_content: '{name}' })), 'empty-answer'],
    ['it is a number', () => asked(messageBody({ ...message, reasoning_content: '7' })), 'empty-answer'],
    ['it was cut', () => asked(messageBody(message, 'length')), 'length'],
  ])('is none if %s', (_, outcome, code) => {
    expect(outcome().record.code).toBe(code);
  });

  test('stays reasoning beside an answer', () => {
    expect(asked(messageBody({ ...message, content: '{}' })).reply).toMatchObject({
      text: '{}',
      extras: { reasoning: '\n{"name":"a"}' },
    });
  });
});
