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

describe('a stream without a finish reason', () => {
  const said = (finish: string | null) => events(choice({ delta: { content: TEXT }, finish_reason: finish }));
  const end = events({ choices: [], usage: USAGE }, '[DONE]');

  test.each([null, '', ' ', 'null'])('(%j) is whole by its text, its usage and [DONE]', (finish) => {
    expect(judgeReply(200, said(finish) + end)).toMatchObject({ verdict: { kind: 'answer' }, billing: 'known' });
  });

  test.each([
    ['usage', said(null) + events('[DONE]')],
    ['[DONE]', said(null) + events({ choices: [], usage: USAGE })],
    ['text', events(choice({ delta: { content: ' \n' } })) + end],
  ])('is cut where it lacks %s', (_, text) => {
    expect(judgeReply(200, text)).toMatchObject({ verdict: { kind: 'retry' }, code: 'cut-reply' });
  });
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
