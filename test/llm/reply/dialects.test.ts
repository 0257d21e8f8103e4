import { describe, expect, test } from '@jest/globals';
import { type Finish, finishOf } from '../../../src/llm/reply/finish.ts';
import { createReplyReader } from '../../../src/llm/reply/parse.ts';
import { judgeReply } from '../judge-reply.ts';
import { answerBody, chunkBody, events, GOOD_STREAM, USAGE } from '../support.ts';

function read(text: string, byItself = true) {
  const reader = createReplyReader();
  reader.push(Buffer.from(text));
  return reader.end(byItself);
}

/** A chunk of one choice. */
const choice = (fields: object, rest: object = {}): Record<string, unknown> => ({
  id: 'gen-1',
  choices: [{ index: 0, ...fields }],
  ...rest,
});

const WORDS = ['Alpha ', 'beta ', 'gamma.'];
const TEXT = WORDS.join('');
const soFar = (index: number) => WORDS.slice(0, index + 1).join('');
const finishAt = (index: number) => (index === WORDS.length - 1 ? 'stop' : null);

/** Chunks, one for each word, that say it in a `message` of all so far, in a `delta` of what is new, or in both. */
function chunksOf(message: (index: number) => object | undefined, delta: (index: number) => object | undefined) {
  return WORDS.map((_, index) =>
    choice({ finish_reason: finishAt(index), message: message(index), delta: delta(index) }),
  );
}

const NOTHING = () => undefined;
const cumulative = (index: number) => ({ role: 'assistant', content: soFar(index) });
const incremental = (index: number) => ({ content: WORDS[index] });

describe('a stream says its answer once', () => {
  test.each([
    ['in deltas', NOTHING, incremental],
    ['in deltas, and all so far in messages beside them', cumulative, incremental],
    ['in deltas beside empty messages', () => ({ role: 'assistant', content: '' }), incremental],
    [
      'in deltas, and all of it in the last message',
      (index: number) => (index === 2 ? { content: TEXT } : undefined),
      incremental,
    ],
    ['in messages of all so far alone', cumulative, NOTHING],
    ['in messages of all so far beside empty deltas', cumulative, () => ({})],
    ['in messages beside deltas that name the role alone', cumulative, () => ({ role: 'assistant', content: '' })],
    ['in messages of what is new alone', incremental, NOTHING],
    [
      'in messages of what is new, and of all at the end',
      (index: number) => (index === 2 ? { content: TEXT } : incremental(index)),
      NOTHING,
    ],
    ['in one message at the end', (index: number) => (index === 2 ? { content: TEXT } : undefined), NOTHING],
  ])('%s', (_, message, delta) => {
    expect(read(events(...chunksOf(message, delta), '[DONE]'))).toMatchObject({ whole: true, content: TEXT });
  });

  test('and stays cut, whatever finish reason follows', () => {
    const cut = choice({ finish_reason: 'length', delta: { content: TEXT } });
    const late = choice({ finish_reason: 'stop', delta: {} });
    expect(read(events(cut, late, '[DONE]'))).toMatchObject({ content: TEXT, finishReason: 'length' });
  });

  test('and its reasoning', () => {
    const chunks = WORDS.map((_, index) =>
      choice({
        finish_reason: finishAt(index),
        message: { content: soFar(index), reasoning: 'Hm.' },
        delta: { reasoning: index === 0 ? 'Hm.' : '' },
      }),
    );
    expect(read(events(...chunks, '[DONE]'))).toMatchObject({ content: TEXT, reasoning: 'Hm.' });
  });

  test('however messages and deltas are mixed', () => {
    // Each word comes in one of four ways: delta, delta with message, delta with an empty message, delta with a late message.
    const ways = [undefined, cumulative, () => ({ content: '' }), () => ({ content: soFar(0) })];
    for (let mixture = 0; mixture < ways.length ** WORDS.length; mixture += 1) {
      const chunks = chunksOf(
        (index) => ways[Math.floor(mixture / ways.length ** index) % ways.length]?.(index),
        incremental,
      );
      expect(read(events(...chunks, '[DONE]')).content).toBe(TEXT);
    }
  });
});

/** Delta by delta, all of a text so far. */
const growing = (text: string, steps: number) =>
  Array.from({ length: steps }, (_, index) => text.slice(0, Math.ceil((text.length * (index + 1)) / steps)));
const streamOf = (deltas: readonly string[], beside: (delta: string) => object = () => ({})) =>
  events(
    ...deltas.map((content) => choice({ delta: { content }, ...beside(content) })),
    choice({ delta: {}, finish_reason: 'stop' }),
    '[DONE]',
  );
const SENTENCE = 'The harvest was late, and prices rose again.';

describe('deltas that hold all so far', () => {
  test.each([4, 7, SENTENCE.length])('are not added up: %i of them', (steps) => {
    const deltas = growing(SENTENCE, steps);
    expect(read(streamOf(deltas)).content).toBe(SENTENCE);
    expect(read(streamOf([...deltas, SENTENCE, ''])).content).toBe(SENTENCE);
    expect(read(streamOf(deltas, (content) => ({ message: { content } }))).content).toBe(SENTENCE);
  });

  test('are not added up where they are thoughts', () => {
    const chunks = growing(SENTENCE, 6).map((reasoning) => choice({ delta: { reasoning_content: reasoning } }));
    const stream = events(...chunks, choice({ delta: { content: 'Yes.' }, finish_reason: 'stop' }), '[DONE]');
    expect(read(stream)).toMatchObject({ content: 'Yes.', reasoning: SENTENCE });
  });

  test('are not added up whatever the steps, and however they are cut', () => {
    for (let steps = 4; steps <= SENTENCE.length; steps += 1)
      expect(read(streamOf(growing(SENTENCE, steps).map((delta) => `  ${delta}`))).content).toBe(`  ${SENTENCE}`);
  });

  test.each([
    ['the same again', Array.from({ length: 30 }, () => 'Row of the table\n')],
    ['longer runs of a sign', ['-', '--', '----', '--------', '-'.repeat(16), '-'.repeat(32)]],
    ['longer runs of a word', ['ha', 'haha', 'hahaha', 'ha'.repeat(12), 'ha'.repeat(20)]],
    ['a beginning that comes twice', ['A short answer', 'A short answer that goes on', ', and ends.']],
    ['a few that begin alike', ['a', 'ab', 'abc', 'abcd']],
    ['long ones that begin alike twice', [SENTENCE, `${SENTENCE} And`, `${SENTENCE} And so on`]],
    ['all so far, until one is not', [...growing(SENTENCE, 8), ' End.']],
  ])('are told from deltas with %s', (_, deltas) => {
    expect(read(streamOf(deltas)).content).toBe(deltas.join(''));
  });
});

describe('an answer that told its end', () => {
  const said = choice({ delta: { content: TEXT } });
  const stopped = choice({ delta: {}, finish_reason: 'stop' });
  const usage = { choices: [], usage: USAGE };
  const failure = { error: { code: 502, message: 'late' } };
  const withChoice = choice({ delta: { content: 'x' }, finish_reason: 'error' }, failure);

  test.each([
    ['an error', events(said, stopped, usage, failure)],
    ['an error by the name of its event', `${events(said, stopped, usage)}event: error\ndata: {"message":"late"}\n\n`],
    ['an error of words', `${events(said, stopped, usage)}event: error\ndata: late\n\n`],
    ['an error with a choice', events(said, stopped, usage, withChoice)],
    ['an error before its usage', events(said, stopped, failure, usage)],
    ['an error, without usage', events(said, stopped, failure, '[DONE]')],
    ['a finish reason that is an error', events(said, stopped, usage, choice({ delta: {}, finish_reason: 'error' }))],
  ])('is whole whatever comes after it: %s', (_, stream) => {
    expect(read(stream, false)).toMatchObject({ whole: true, content: TEXT, finishReason: 'stop', error: null });
    expect(judgeReply(200, stream)).toMatchObject({ verdict: { kind: 'answer' }, billing: 'known' });
  });

  test('by the limit of tokens is not asked for again for a late error', () => {
    const cut = choice({ delta: {}, finish_reason: 'length' });
    expect(judgeReply(200, events(said, cut, usage, failure))).toMatchObject({ code: 'length', billing: 'known' });
  });

  test('is no answer where it lacks the end of its stream', () => {
    expect(read(events(said, stopped, failure), false)).toMatchObject({ whole: false, error: { message: 'late' } });
    expect(read(events(said, failure, usage, '[DONE]'))).toMatchObject({ error: { message: 'late' } });
    expect(read(events(stopped, usage, failure))).toMatchObject({ content: '', error: { message: 'late' } });
  });
});

describe('of several choices, one is read', () => {
  test.each([
    ['the first of them', [0, 1]],
    ['whatever its number', [3, 4]],
    ['the one that begins first', [1, 0]],
  ])('%s', (_, [one, other]) => {
    const chunks = WORDS.flatMap((word, index) => [
      { choices: [{ index: one, delta: { content: word }, finish_reason: finishAt(index) }] },
      { choices: [{ index: other, delta: { content: 'Other. ' }, finish_reason: index === 2 ? 'length' : null }] },
    ]);
    expect(read(events(...chunks, '[DONE]'))).toMatchObject({ content: TEXT, finishReason: 'stop' });
  });

  test('and one without a number belongs to it', () => {
    const chunks = [
      choice({ delta: { content: 'Alpha ' } }),
      { choices: [{ delta: { content: 'beta.' }, finish_reason: 'stop' }] },
    ];
    expect(read(events(...chunks, '[DONE]')).content).toBe('Alpha beta.');
  });
});

const piece = (index: number, content: string, finish: string | null = null) => ({
  choices: [{ index, delta: { content }, finish_reason: finish }],
});

describe('pieces of one answer that are numbered as choices', () => {
  test.each([
    ['each by its own number', [piece(0, 'Alpha '), piece(1, 'beta '), piece(2, 'gamma.', 'stop')]],
    ['what is thought by another', [piece(0, ''), piece(1, 'Alpha '), piece(1, 'beta gamma.'), piece(1, '', 'stop')]],
  ])('are put together: %s', (_, pieces) => {
    const stream = events(...pieces, { choices: [], usage: USAGE }, '[DONE]');
    expect(read(stream)).toMatchObject({ whole: true, content: TEXT, finishReason: 'stop' });
  });

  test.each([
    ['numbers that come back', [piece(0, 'Alpha '), piece(1, 'beta '), piece(0, '', 'stop')]],
    ['an end before the last', [piece(0, 'Alpha ', 'stop'), piece(1, 'beta ')]],
  ])('are no answer with %s', (_, pieces) => {
    expect(read(events(...pieces, { choices: [], usage: USAGE }, '[DONE]'))).toMatchObject({ whole: false });
  });
});

describe('a stream without a finish reason', () => {
  const said = (finish: string | null) => events(choice({ delta: { content: TEXT }, finish_reason: finish }));
  const end = events({ choices: [], usage: USAGE }, '[DONE]');

  test.each([null, '', ' ', 'null'])('(%j) is whole by its text, its usage and [DONE]', (finish) => {
    expect(judgeReply(200, said(finish) + end)).toMatchObject({ verdict: { kind: 'answer' }, billing: 'known' });
  });

  test.each([
    ['[DONE]', said(null) + events({ choices: [], usage: USAGE })],
    ['text', events(choice({ delta: { content: ' \n' } })) + end],
  ])('is cut where it lacks %s', (_, text) => {
    expect(judgeReply(200, text)).toMatchObject({ verdict: { kind: 'retry' }, code: 'cut-reply' });
  });
});

test.each([
  [
    'a stream that tells neither usage nor why it ended',
    events(choice({ delta: { content: TEXT } }), '[DONE]'),
    'unknown-finish',
  ],
  [
    'lines of JSON',
    '{"message":{"content":"Al"},"done":false}\n{"message":{"content":"pha"},"done":true}\n',
    'unreadable-reply',
  ],
  ['thinking without an end', answerBody('<think>Let me see.'), 'empty-answer'],
])('what would end alike is not asked for again: %s', (_, body, code) => {
  expect(judgeReply(200, body)).toMatchObject({ verdict: { kind: 'fail' }, code });
});

test('a page is told as one', () => {
  expect(judgeReply(200, '\n<!doctype html><html><form>Log in</form></html>').message).toMatch(
    /web page \(HTML\).*login/,
  );
});

describe('a stream that goes by other rules', () => {
  test.each([
    ['an object with an error', '{"error":{"code":503,"message":"down"}}', 'down'],
    ['an object that is one', '{"message":"down","type":"server_error"}', 'down'],
    ['words', 'down', 'down'],
  ])('tells an error by the name of its event: %s', (_, data, message) => {
    const text = `${events(chunkBody({ content: 'x' }))}event: error\ndata: ${data}\n\n`;
    expect(read(text).error).toMatchObject({ message });
  });

  test('may lack the lines between its events', () => {
    expect(read(GOOD_STREAM.replaceAll('\n\n', '\n'))).toMatchObject({ whole: true, content: 'A short answer.' });
    const damaged = GOOD_STREAM.replaceAll('\n\n', '\n').replace('"delta":{"content":"answer."}', '"delta":{"cont');
    expect(read(damaged)).toMatchObject({ whole: false });
  });
});

describe('a stream that is cut, at whatever byte', () => {
  const STREAMS: readonly [string, string][] = [
    ['as OpenRouter sends it', GOOD_STREAM],
    [
      'with messages beside its deltas',
      events(...chunksOf(cumulative, incremental), { choices: [], usage: USAGE }, '[DONE]'),
    ],
    ['with messages alone', events(...chunksOf(cumulative, NOTHING), { choices: [], usage: USAGE }, '[DONE]')],
    [
      'without a finish reason',
      events(...WORDS.map((word) => choice({ delta: { content: word } })), { choices: [], usage: USAGE }, '[DONE]'),
    ],
    [
      'with usage in each chunk',
      events(...chunksOf(NOTHING, incremental).map((chunk) => Object.assign(chunk, { usage: USAGE })), '[DONE]'),
    ],
    [
      'with thinking',
      events(
        choice({ delta: { content: '<think>Hm</think>\n' } }),
        choice({ delta: { content: TEXT }, finish_reason: 'stop' }),
        '[DONE]',
      ),
    ],
  ];

  test.each(STREAMS)('is an answer only if it says all of it: %s', (_, stream) => {
    const bytes = Buffer.from(stream);
    const whole = read(stream).content;
    const parts = Array.from({ length: bytes.length }, (_unused, length) => bytes.toString('utf8', 0, length));
    const replies = parts.flatMap((part) => [read(part, true), read(part, false)]);
    expect(new Set(replies.filter((reply) => reply.whole).map(({ content }) => content))).toEqual(new Set([whole]));
    const kinds = parts.map((part) => judgeReply(200, part).verdict.kind);
    expect(new Set(kinds)).toEqual(new Set(['answer', 'retry']));
    expect(judgeReply(200, stream).verdict).toEqual({ kind: 'answer' });
  });
});

const FINISHES: Readonly<Record<Finish, readonly string[]>> = {
  // OpenAI, Together, TGI, watsonx, Anthropic, Bedrock, Cohere, Gemini, pi's gateway
  stop: ['stop', 'eos', 'eos_token', 'end', 'end_turn', 'stop_sequence', 'COMPLETE', 'STOP'],
  tool_calls: ['tool_calls', 'tool_use', 'TOOL_CALL', 'function_call'],
  length: ['length', 'max_tokens', 'MAX_TOKENS', 'model_length', 'token_limit', 'model_context_window_exceeded'],
  content_filter: [
    'content_filter',
    'content_filtered',
    'guardrail_intervened',
    'SAFETY',
    'RECITATION',
    'sensitive',
    'ERROR_TOXIC',
  ],
  refusal: ['refusal'],
  error: ['error', 'ERROR'],
  aborted: ['abort', 'USER_CANCEL', 'timeout', 'insufficient_system_resource', 'network_error'],
  unknown: ['paused', 'OTHER', 'MALFORMED_FUNCTION_CALL', 'x'.repeat(300)],
};

const CODES: Readonly<Record<Finish, readonly [kind: string, code: string, empty: string]>> = {
  stop: ['answer', 'answered', 'empty-answer'],
  tool_calls: ['answer', 'answered', 'tool-call'],
  length: ['fail', 'length', 'length'],
  content_filter: ['fail', 'content-filter', 'content-filter'],
  refusal: ['fail', 'refused-by-model', 'refused-by-model'],
  error: ['retry', 'error-finish', 'error-finish'],
  aborted: ['retry', 'aborted', 'aborted'],
  unknown: ['fail', 'unknown-finish', 'unknown-finish'],
};

const WORDS_OF_FINISHES = Object.entries(FINISHES).flatMap(([finish, words]) =>
  words.map((word) => [word, finish as Finish] as const),
);

describe('a finish reason', () => {
  test.each(WORDS_OF_FINISHES)('%s means %s, however it is written', (word, finish) => {
    for (const written of [word, word.toLowerCase(), word.toUpperCase(), ` ${word}\n`, word.replaceAll('_', '-')])
      expect(finishOf(written)).toBe(finish);
  });

  test.each(WORDS_OF_FINISHES)('%s means the same in a stream and in JSON, with text and without', (word, finish) => {
    const [kind, code, empty] = CODES[finish];
    const body = (content: string) =>
      answerBody('', { choices: [{ index: 0, finish_reason: word, message: { content } }] });
    const stream = (content: string) =>
      events(choice({ delta: { content }, finish_reason: word }, { usage: USAGE }), '[DONE]');
    for (const form of [body, stream]) {
      expect(judgeReply(200, form('text'))).toMatchObject({ verdict: { kind }, code });
      expect(judgeReply(200, form(''))).toMatchObject({ code: empty });
    }
  });

  test('that is not known is told', () => {
    const body = answerBody('', { choices: [{ finish_reason: 'OTHER', message: { content: 'x' } }] });
    expect(judgeReply(200, body).message).toContain('(HTTP 200, Anthropic, OTHER)');
  });
});
