import { hash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AttemptOutcome } from '../../../src/domain/attempt.ts';
import type { ChatMessage, Prompt } from '../../../src/domain/request.ts';
import { resolveApi } from '../../../src/llm/api.ts';
import type { LlmSettings } from '../../../src/llm/llm.ts';
import { type CountTokens, loadTokenCounter } from '../../../src/llm/tokens.ts';
import { createPromptCheck } from '../../../src/llm/verdict/prompt-cut.ts';
import { answerBody, attemptAgainst, chunkBody, events, PROMPT, sendJson, serve } from '../support.ts';

let count: CountTokens;
beforeAll(async () => {
  count = await loadTokenCounter();
});

const PROSE = 'The harvest was late, and prices rose again because the quay had not been mended in time. '.repeat(2000);
const TABLE = Array.from(
  { length: 800 },
  (_, row) => `|${`item ${row}`.padEnd(90)}|${`${row * 7}`.padStart(60)}|${''.padEnd(200, '-')}|`,
).join('\n');
const CONTENTS = Array.from({ length: 600 }, (_, page) => `Chapter ${page} ${'. '.repeat(60)}${page}`).join('\n');

const HASHES = Array.from({ length: 500 }, (_, index) => hash('sha256', `${index}`)).join('\n');

const promptOf = (content: ChatMessage['content'], fields: Prompt['fields'] = {}): Prompt => ({
  ...PROMPT,
  messages: [{ role: 'user', content }],
  fields,
});

/** What comes of a prompt at an API that tells this usage. */
function outcomeOf(prompt: Prompt, usage: object, settings: Partial<LlmSettings> = {}): Promise<AttemptOutcome> {
  const server = serve((_, response) => sendJson(response, 200, answerBody('A short answer.', { usage })));
  return attemptAgainst(server, settings, prompt);
}

/** The same by the tokens that it read alone. */
const reading = (text: string, tokens: number, settings: Partial<LlmSettings> = {}) =>
  outcomeOf(promptOf(text), { prompt_tokens: Math.round(tokens), completion_tokens: 3 }, settings);

const NO_USAGE = { cachedTokens: null, completionTokens: null, reasoningTokens: null, stated: {} };
const CUT = {
  record: { code: 'prompt-cut', verdict: 'fail', billing: 'known' },
  verdict: { kind: 'fail', suspect: true },
};
const ANSWERED = { record: { code: 'answered' }, verdict: { kind: 'answer' } };

describe('a prompt of which the API read too little', () => {
  test('fails its document, and says what to set; its answer is kept for people', async () => {
    const { reply, partial, ...outcome } = await reading(PROSE, 4096);
    expect(outcome).toMatchObject(CUT);
    expect({ reply, partial }).toEqual({ reply: null, partial: 'A short answer.' });
    expect(outcome.record.message).toMatch(
      /^The API read 4,096 of about 40,\d{3} tokens: raise the context of the model/,
    );
    for (const word of ['OLLAMA_CONTEXT_LENGTH', 'num_ctx', 'LM Studio', 'sluice.on_too_long: split'])
      expect(outcome.record.message).toContain(word);
  });

  test('is told by less than half of it, or by less than 0.9 where a context may end', async () => {
    const text = PROSE.slice(0, 90_000);
    const tokens = count(text);
    expect(await reading(text, tokens * 0.48)).toMatchObject(CUT);
    expect(await reading(text, tokens * 0.52)).toMatchObject(ANSWERED);
    expect(tokens * 0.9).toBeGreaterThan(16_384);
    expect(await reading(text, 16_384 - 10)).toMatchObject(CUT);
    expect(await reading(text, 16_384 - 20)).toMatchObject(ANSWERED);
    const little = PROSE.slice(0, 80_000);
    expect(count(little) * 0.9).toBeLessThan(16_384 - 10);
    expect(await reading(little, 16_384 - 10)).toMatchObject(ANSWERED);
  });

  test('is told by the context that its model is known to have', async () => {
    const tokens = count(PROSE);
    const settings = { contextTokens: () => 30_000 };
    expect(tokens * 0.9).toBeGreaterThan(30_000);
    expect(await reading(PROSE, 30_000, settings)).toMatchObject(CUT);
    expect(await reading(PROSE, 30_000 - 60, settings)).toMatchObject(ANSWERED);
    expect(await reading(PROSE, 30_000)).toMatchObject(ANSWERED);
  });

  test('is told of an answer that was cut, too, and of a stream', async () => {
    const usage = { prompt_tokens: 4096, completion_tokens: 3 };
    for (const finish of ['stop', 'length']) {
      const stream = events(chunkBody({ content: 'A sh' }, finish, { usage }), '[DONE]');
      const server = serve((_, response) => response.writeHead(200).end(stream));
      expect(await attemptAgainst(server, {}, promptOf(PROSE))).toMatchObject({ ...CUT, partial: 'A sh' });
    }
  });

  test('is told of a prompt that is too long to be kept', async () => {
    const long = PROSE.repeat(12);
    expect(long.length).toBeGreaterThan(2_000_000);
    expect(await reading(long, 131_072)).toMatchObject(CUT);
    expect(await reading(long, count(long) * 0.97)).toMatchObject(ANSWERED);
  });
});

describe('a prompt that was read whole', () => {
  test.each([
    ['prose', PROSE, 1],
    ['prose, by a tokenizer that takes fewer tokens', PROSE, 0.7],
    ['prose, by one that takes more', PROSE, 2.5],
    ['a table padded with blanks and dashes', TABLE, 1],
    ['the same, by a tokenizer that takes no blanks', TABLE, 0.7],
    ['a table of contents with dot leaders', CONTENTS, 1],
    ['the same, by a tokenizer that takes twenty dots at once', CONTENTS, 0.25],
    ['hexadecimal digits, by an API that divides characters by four', HASHES, null],
    ['Chinese', '港口委员会于五月二日开会，决定修复码头。'.repeat(700), 0.75],
    ['base64', Buffer.from(PROSE).toString('base64').slice(0, 60_000), 0.8],
  ])('is none that was cut: %s', async (_, text, share) => {
    let tokens = Math.round(share === null ? text.length / 4 : count(text) * share);
    // Not by chance where a context may end.
    if (Math.abs(Math.log2(tokens / 2048) % 1) < 0.01) tokens += 100;
    expect(await reading(text, tokens)).toMatchObject(ANSWERED);
  });

  test('is told at once, and nothing is counted, if it is written in words', async () => {
    const outcome = await reading(PROSE, count(PROSE));
    const usage = { ...NO_USAGE, promptTokens: count(PROSE), promptTokensWithCached: count(PROSE) };
    const check = createPromptCheck(promptOf(PROSE), PROSE.length, [PROSE], () => null);
    expect(check?.(outcome, usage)).toBe(outcome);
    expect(check?.(outcome, { ...usage, promptTokensWithCached: 4096 })).toBeInstanceOf(Promise);
  });

  test('may have been in a cache, counted in or beside the others', async () => {
    const tokens = count(PROSE);
    const rest = 300;
    for (const usage of [
      { prompt_tokens: tokens, prompt_tokens_details: { cached_tokens: tokens - rest } },
      { prompt_tokens: rest, prompt_tokens_details: { cached_tokens: tokens - rest } },
      { prompt_tokens: rest, cache_read_input_tokens: tokens - rest },
      { prompt_tokens: rest, cache_creation_input_tokens: tokens - rest },
    ])
      expect(await outcomeOf(promptOf(PROSE), { completion_tokens: 3, ...usage })).toMatchObject(ANSWERED);
    const cut = { prompt_tokens: 4096, prompt_tokens_details: { cached_tokens: 4000 } };
    expect(await outcomeOf(promptOf(PROSE), cut)).toMatchObject(CUT);
  });

  test.each([
    ['is short', promptOf(PROSE.slice(0, 7000))],
    [
      'holds an image',
      promptOf([
        { kind: 'text', text: PROSE },
        { kind: 'linked image', url: 'https://example.org/a.png' },
      ]),
    ],
    [
      'holds a file',
      promptOf([
        { kind: 'text', text: PROSE },
        { kind: 'file', name: 'a.pdf', mediaType: 'application/pdf', bytes: Buffer.from('%PDF') },
      ]),
    ],
    ['may be shortened on the way', promptOf(PROSE, { transforms: ['middle-out'] })],
    ['may be compressed', promptOf(PROSE, { plugins: [{ id: 'context-compression' }] })],
  ])('is not told by its tokens if it %s', async (_, prompt) => {
    expect(await outcomeOf(prompt, { prompt_tokens: 2048, completion_tokens: 3 })).toMatchObject(ANSWERED);
  });

  test('is told by its tokens if compression is turned off', async () => {
    const prompt = promptOf(PROSE, { plugins: [{ id: 'context-compression', enabled: false }], transforms: [] });
    expect(await outcomeOf(prompt, { prompt_tokens: 2048 })).toMatchObject(CUT);
  });

  test.each([{}, { prompt_tokens: 0 }, { prompt_tokens: '4096' }, { prompt_tokens: 4096.5 }])(
    'is taken for one if the API does not say what it read: %j',
    async (usage) => {
      expect(await outcomeOf(promptOf(PROSE), { completion_tokens: 3, ...usage })).toMatchObject(ANSWERED);
    },
  );
});

/** What comes of an empty answer. */
const empty = (tokens: number, settings: Partial<LlmSettings> = {}) => {
  const stream = events(
    chunkBody({}, 'stop'),
    { choices: [], usage: { prompt_tokens: tokens, completion_tokens: 0 } },
    '[DONE]',
  );
  const server = serve((_, response) => response.writeHead(200).end(stream));
  return attemptAgainst(server, settings, promptOf(PROSE));
};

describe('an empty answer', () => {
  test('to a prompt that fills the context is not asked for again', async () => {
    const full = { record: { code: 'context-too-long' }, verdict: { kind: 'fail', suspect: false } };
    expect(await empty(4096)).toMatchObject(full);
    expect(await empty(36_000, { contextTokens: () => 30_000 })).toMatchObject(full);
  });

  test('is the same without choices', async () => {
    const usage = { prompt_tokens: 4096, completion_tokens: 0 };
    const server = serve((_, response) => response.writeHead(200).end(events({ choices: [], usage }, '[DONE]')));
    expect(await attemptAgainst(server, {}, promptOf(PROSE))).toMatchObject({ record: { code: 'context-too-long' } });
  });

  test('to any other one is', async () => {
    expect(await empty(36_000)).toMatchObject({ record: { code: 'empty-answer' }, verdict: { kind: 'retry' } });
  });
});

/** The server is not known by its address. */
async function saidTo(prompt: Prompt, told: number, list: unknown): Promise<AttemptOutcome> {
  const server = await serve((request, response) => {
    if (request.url === '/api/v1/models') return sendJson(response, 200, list);
    if (request.method === 'GET') return sendJson(response, 404, {});
    response.end(events({ choices: [], usage: { prompt_tokens: told, completion_tokens: 0 } }, '[DONE]'));
  });
  return attemptAgainst(Promise.resolve(server), { api: resolveApi(`${server.url}/v1`) }, prompt);
}

describe("a long prompt to which a server of one's own says nothing", () => {
  const loaded = { models: [{ key: PROMPT.model, loaded_instances: [{ id: 'a', config: { context_length: 4096 } }] }] };

  test('fails where the server tells that the model is loaded for less, and is not paid for again', async () => {
    const outcome = await saidTo(promptOf(PROSE), 40_003, loaded);
    expect(outcome).toMatchObject({ verdict: { kind: 'fail' }, record: { code: 'context-too-long' } });
    expect(outcome.record.message).toMatch(/fills the context of the model \(40,003 tokens\)/);
  });

  test.each([
    ['it fits', 3000, loaded],
    ['nothing is told', 40_003, {}],
  ])('is asked for again where %s', async (_, told, list) => {
    expect((await saidTo(promptOf(PROSE), told, list)).verdict.kind).toBe('retry');
  });
});
