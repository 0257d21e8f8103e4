import { describe, expect, test } from '@jest/globals';
import { createReplyReader } from '../../../src/llm/reply/parse.ts';
import { answerBody, chunkBody, events, GOOD_STREAM, USAGE } from '../support.ts';

function read(text: string, pieceLength = Number.POSITIVE_INFINITY, byItself = true) {
  const bytes = Buffer.from(text);
  const reader = createReplyReader();
  let done = false;
  for (let start = 0; start < bytes.length; start += pieceLength)
    done = reader.push(bytes.subarray(start, start + pieceLength));
  return { ...reader.end(byItself), done };
}

const GOOD = {
  whole: true,
  answered: true,
  content: 'A short answer.',
  finishReason: 'stop',
  refusal: null,
  reasoning: null,
  annotations: [],
  images: [],
  error: null,
  usage: { promptTokens: 12, cachedTokens: null, completionTokens: 3, reasoningTokens: null, stated: USAGE },
  generationId: 'gen-1',
  model: 'anthropic/claude-sonnet-4.5',
  provider: 'Anthropic',
};

function wordsOfProviderError(raw: unknown) {
  return read(JSON.stringify({ error: { code: 400, message: 'Provider returned error', metadata: { raw } } })).error
    ?.message;
}

describe('a JSON reply', () => {
  test.each([
    ['by itself', ''],
    ['after blanks', '   \n\r\n\t     \n'],
    ['after a byte order mark', '\ufeff'],
  ])('is read %s', (_, lead) => {
    expect(read(lead + JSON.stringify(answerBody()))).toMatchObject({ ...GOOD, form: 'json' });
    expect(read(lead + JSON.stringify(answerBody()), 1)).toMatchObject({ ...GOOD, form: 'json' });
  });

  test.each([
    [
      'text parts',
      [{ type: 'text', text: 'A short ' }, { type: 'image_url' }, { type: 'text', text: 'answer.' }, 7, null],
      'A short answer.',
    ],
    ['null', null, ''],
    ['a number', 7, ''],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
  ])('with %s as content', (_, content, text) => {
    expect(read(JSON.stringify(answerBody(content))).content.replaceAll('\ud800', '\ufffd')).toBe(text);
  });

  test('takes the first choice, whatever its number', () => {
    const first = { index: 1, finish_reason: 'stop', message: { content: 'first' } };
    const other = { index: 0, finish_reason: 'length', message: { content: 'other' } };
    expect(read(JSON.stringify({ choices: [first, other] }))).toMatchObject({ content: 'first', finishReason: 'stop' });
  });

  test.each([
    ['choices null', { choices: null }],
    ['no choice', { choices: [] }],
    ['an array', []],
    ['null', null],
    ['a string', 'hello'],
    ['a choice that is no object', { choices: ['x'] }],
  ])('without an answer: %s', (_, body) => {
    expect(read(JSON.stringify(body))).toMatchObject({ form: 'json', whole: true, answered: false, content: '' });
  });

  test.each([
    ['negative', { cost: -1 }],
    ['text', { prompt_tokens: '12', cost: '0.1' }],
    ['null', { cost: null, prompt_tokens: null }],
    ['absent', undefined],
  ])('has no usage where its amounts are %s', (_, usage) => {
    expect(read(JSON.stringify(answerBody('x', { usage }))).usage).toBeNull();
  });

  test.each([
    ['a fraction', '10.5'],
    ['beyond what is exact', '1e19'],
    ['a text', '"12"'],
    ['negative', '-3'],
    ['a list', '[12]'],
    ['true', 'true'],
  ])('has no count that is %s, and keeps the cost', (_, count) => {
    const usage = `{"prompt_tokens":${count},"prompt_tokens_details":{"cached_tokens":${count}},"completion_tokens":3,"cost":0.5}`;
    const text = JSON.stringify(answerBody('x', { usage: 0 })).replace('"usage":0', `"usage":${usage}`);
    expect(read(text).usage).toMatchObject({
      promptTokens: null,
      cachedTokens: null,
      completionTokens: 3,
      stated: { cost: 0.5 },
    });
  });

  test('keeps the numbers of usage that are right', () => {
    const text = JSON.stringify(answerBody('x', { usage: { prompt_tokens: 5, cost: 0 } })).replace(
      '"cost":0',
      '"cost":1e999',
    );
    expect(read(text).usage).toMatchObject({ promptTokens: 5, completionTokens: null });
  });

  test('tells an error of the body and of the choice', () => {
    expect(read('{"error":{"code":502,"message":"x"}}').error).toMatchObject({ status: 502, message: 'x' });
    expect(read('{"error":"no such model"}').error).toMatchObject({ status: null, message: 'no such model' });
    expect(read('{"choices":[{"error":{"code":"503"}}]}').error).toMatchObject({ status: 503 });
    for (const error of ['null', '{}', '""', 'false']) expect(read(`{"error":${error}}`).error).toBeNull();
  });

  test("tells the provider's own words where the API only passes them on", () => {
    expect(wordsOfProviderError('plain words')).toBe('plain words');
    expect(wordsOfProviderError('{"error":{"message":"inner words"}}')).toBe('inner words');
    expect(wordsOfProviderError({ message: 'object words' })).toBe('object words');
    expect(wordsOfProviderError(undefined)).toBe('Provider returned error');
    expect(wordsOfProviderError({ unknown: 1 })).toBe('Provider returned error');
  });
});

describe('a stream', () => {
  test('is read, in whatever pieces', () => {
    for (const pieceLength of [Number.POSITIVE_INFINITY, 1, 7])
      expect(read(GOOD_STREAM, pieceLength)).toMatchObject({ ...GOOD, form: 'stream', done: true });
  });

  test.each([
    ['comments come first', `: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n${GOOD_STREAM}`],
    ['lines end with CRLF', GOOD_STREAM.replaceAll('\n', '\r\n')],
    ['another field comes first', `event: message\n${GOOD_STREAM}`],
    ['the final newline is missing', GOOD_STREAM.trimEnd()],
    [
      'usage stands in a chunk without choices',
      GOOD_STREAM.replace(/"choices":\[[^\]]*\](?=,"usage")/, '"choices":[]'),
    ],
    ['it goes on after [DONE]', GOOD_STREAM + events(chunkBody({ content: ' And more.' }))],
    ['events hold nothing or no object', events('', '17', 'null', '[]', ' ') + GOOD_STREAM],
    ['[DONE] is missing but usage came', GOOD_STREAM.replace('data: [DONE]\n\n', '')],
  ])('is whole where %s', (_, text) => {
    expect(read(text)).toMatchObject({ ...GOOD, form: 'stream' });
  });

  test('is whole without [DONE] and usage where it stopped and nothing cut it', () => {
    const stopped = events(chunkBody({ content: 'x' }, 'stop'));
    expect(read(stopped)).toMatchObject({ whole: true, usage: null });
    expect(read(stopped, 7, false)).toMatchObject({ whole: false });
    expect(read(events(chunkBody({ content: ' ' }, 'stop')))).toMatchObject({ whole: false });
  });

  test('is whole without usage where it came to [DONE]', () => {
    expect(read(events(chunkBody({ content: 'x' }, 'stop'), '[DONE]'))).toMatchObject({ whole: true, usage: null });
  });

  test.each([
    ['finish and [DONE]', events(chunkBody({ content: 'x' }))],
    ['finish', events(chunkBody({ content: 'x' }), '[DONE]')],
    ['finish, with usage', events(chunkBody({ content: 'x' }, null, { usage: USAGE }))],
    ['[DONE], usage and a finish of its own', events(chunkBody({ content: 'x' }, 'length'))],
    [
      'one readable chunk',
      events(chunkBody({ content: 'x' }), '{"choices":[{"del', chunkBody({ content: 'y' }, 'stop'), '[DONE]'),
    ],
  ])('is not whole without %s', (_, text) => {
    expect(read(text)).toMatchObject({ form: 'stream', whole: false, content: expect.stringContaining('x') });
  });

  test('tells an error that comes first, alone, or in its midst', () => {
    const error = { code: 502, message: 'down', metadata: { error_type: 'provider_unavailable' } };
    const breaking = { ...chunkBody({ content: '' }, 'error'), error };
    for (const text of [events(breaking), events(chunkBody({ content: 'x' }), breaking), events({ error })])
      expect(read(text).error).toMatchObject({ status: 502, types: ['provider_unavailable'], message: 'down' });
  });

  test('tells a refusal', () => {
    expect(read(events(chunkBody({ refusal: 'I cannot.' }), chunkBody({}, 'stop'), '[DONE]'))).toMatchObject({
      refusal: 'I cannot.',
    });
  });
});

describe('a body that is neither', () => {
  test.each([
    ['', 'blank'],
    [' \n \r\n\t', 'blank'],
    ['<!DOCTYPE html><html><body>502</body></html>', 'page'],
    ['error code: 1015', 'unreadable'],
    ['data', 'unreadable'],
    [': OPENROUTER PROCESSING\n\n', 'unreadable'],
    ['{"id":"gen-1","choices":[{"mess', 'unreadable'],
    [`${JSON.stringify(answerBody())}{}`, 'unreadable'],
    ['Service unavailable', 'unreadable'],
  ])('%j is %s', (text, form) => {
    expect(read(text)).toMatchObject({ form, whole: false, content: '', error: null });
  });
});
