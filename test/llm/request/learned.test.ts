import { afterEach, describe, expect, test } from '@jest/globals';
import type { AttemptOutcome } from '../../../src/domain/attempt.ts';
import type { Prompt } from '../../../src/domain/request.ts';
import type { JsonRecord } from '../../../src/lib/json.ts';
import { resolveApi } from '../../../src/llm/api.ts';
import type { LlmClient, LlmSettings } from '../../../src/llm/llm.ts';
import {
  openAiError,
  type RefusingServer,
  startRefusing,
  startStrict,
  UNKNOWN_FIELD,
  untaken,
} from '../refusing-server.ts';
import { clientFor, outcomeOf, PROMPT } from '../support.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const leave of leftovers.splice(0)) await leave();
});

const OPENROUTER = resolveApi('openrouter');

/** `routes`: the server is taken for OpenRouter, and gets what only that takes. */
async function clientOf(
  starting: Promise<RefusingServer>,
  { routes = false, ...settings }: Partial<LlmSettings> & { readonly routes?: boolean } = {},
) {
  const server = await starting;
  const api = routes ? { ...OPENROUTER, baseUrl: server.url } : resolveApi(`${server.url}/v1`);
  const client = clientFor(server.url, { reasoning: 'high', ...settings, api });
  leftovers.push(
    () => client.close(),
    () => server.close(),
  );
  return { server, client };
}

/** Attempts of one prompt, until one is not to go again at once. */
async function outcomesOf(client: LlmClient, prompt: Prompt = PROMPT): Promise<readonly AttemptOutcome[]> {
  const outcomes: AttemptOutcome[] = [];
  for (let number = 1; number <= 12; number += 1) {
    const outcome = await outcomeOf(client, { number, prompt });
    outcomes.push(outcome);
    if (outcome.verdict.kind !== 'retry' || outcome.verdict.atOnce !== true) return outcomes;
  }
  throw new Error('it goes on for ever');
}

const lessonsOf = (outcomes: readonly AttemptOutcome[]) => outcomes.flatMap(({ lesson }) => lesson ?? []);
const droppedFrom = (outcomes: readonly AttemptOutcome[]) =>
  lessonsOf(outcomes).flatMap(({ dropped = [] }) => dropped.map(({ field }) => field));

const refusing = (message: string, isRefused: (body: JsonRecord) => boolean) =>
  startRefusing((body) => (isRefused(body) ? { status: 400, body: openAiError(message) } : null));

const formed = (form: string): Prompt => ({
  ...PROMPT,
  fields: { response_format: { type: form } },
  added: ['response_format'],
});

const takesNeither = () =>
  startRefusing((body) => {
    const name = Object.keys(body).find((field) => field.startsWith('max_'));
    return name === undefined ? null : { status: 400, body: openAiError(`Unknown parameter: '${name}'.`) };
  });

const tooMany = (body: JsonRecord) => ({
  status: 400,
  body: openAiError(
    `This model's maximum context length is 4096 tokens. However, you requested ${50 + Number(body['max_tokens'])} ` +
      `tokens (50 in the messages, ${Number(body['max_tokens'])} in the completion).`,
  ),
});

describe('fields of ours that an API refuses', () => {
  test.each(Object.keys(UNKNOWN_FIELD))('are left out one by one, free and uncounted: %s', async (shape) => {
    const { server, client } = await clientOf(startStrict(shape));
    const outcomes = await outcomesOf(client);
    const refused = untaken(server.bodies[0]);
    expect(refused.length).toBeGreaterThan(1);
    expect(outcomes.map(({ record }) => record.code)).toEqual([...refused.map(() => 'field-refused'), 'answered']);
    for (const { record, verdict } of outcomes.slice(0, -1)) {
      expect(verdict).toMatchObject({ cools: 'document', hintSeconds: null, atOnce: true });
      expect(record).toMatchObject({ billing: 'none', costUsd: null, counts: false });
      expect(record.message).not.toContain('SECRET');
    }
    expect(droppedFrom(outcomes)).toEqual(refused);
    expect(untaken(server.bodies.at(-1))).toEqual([]);
    // The next request knows, and says so on its receipt; the body's hash is that of what is sent.
    const next = client.prepare(PROMPT);
    expect(next.notes).toHaveLength(refused.length);
    expect((await outcomesOf(client)).map(({ record }) => record.code)).toEqual(['answered']);
  });

  test.each([
    ['a list', 'Unrecognized request arguments supplied: stream_options, reasoning_effort', 2],
    [
      'complaints of a validator',
      'body.reasoning_effort: Extra inputs are not permitted; body.stream_options: Extra inputs are not permitted',
      2,
    ],
    ['one that is not taken beside the other', "'reasoning_effort' is not supported with 'stream_options'", 3],
  ])('are left out at once where one refusal names them: %s', async (_, message, calls) => {
    const names = ['reasoning_effort', 'stream_options'];
    const { server, client } = await clientOf(refusing(message, (body) => names.some((name) => name in body)));
    const outcomes = await outcomesOf(client);
    expect(server.bodies).toHaveLength(calls);
    expect(droppedFrom(outcomes).toSorted()).toEqual(names);
    expect(lessonsOf(outcomes)).toHaveLength(calls - 1);
    expect(server.bodies.at(-1)).toHaveProperty('stream', true);
  });

  test('a stream is one of them: the answer comes whole', async () => {
    const { server, client } = await clientOf(
      refusing('Streaming is not supported by this model.', (body) => body['stream'] === true),
    );
    expect(droppedFrom(await outcomesOf(client))).toEqual(['stream']);
    expect(server.bodies.at(-1)).not.toHaveProperty('stream');
    expect(server.bodies.at(-1)).not.toHaveProperty('stream_options');
  });

  test('are one lesson, however many calls of them are in flight', async () => {
    const { server, client } = await clientOf(startStrict('gemini'), { connections: 50 });
    const refused = 50;
    const prepared = Array.from({ length: refused }, () => client.prepare(PROMPT));
    const start = { number: 1, startedAt: '2026-05-02T09:00:00.000Z', skipCache: false };
    const listener = { sent: () => undefined, head: () => undefined };
    const outcomes = await Promise.all(prepared.map((request) => request.attempt(start, listener).outcome));
    expect(new Set(outcomes.map(({ record }) => record.code))).toEqual(new Set(['field-refused']));
    expect(lessonsOf(outcomes)).toHaveLength(1);
    expect(untaken(server.bodies[0])).toContain(droppedFrom(outcomes)[0]);
  });

  test('hold for their model alone', async () => {
    const { client } = await clientOf(startStrict('groq'));
    await outcomesOf(client);
    expect((await outcomesOf(client, { ...PROMPT, model: 'a/b' })).length).toBeGreaterThan(1);
  });

  test('and are refused all the same: an ordinary refusal', async () => {
    const { client } = await clientOf(
      startRefusing(() => ({ status: 400, body: openAiError("Unknown parameter: 'stream_options'.") })),
    );
    const outcomes = await outcomesOf(client, { ...PROMPT, fields: { stream: false } });
    const again = await outcomesOf(client);
    expect(outcomes.at(-1)).toMatchObject({
      record: { code: 'bad-request' },
      verdict: { kind: 'fail', suspect: true },
    });
    expect(again.at(-1)).toMatchObject({ record: { code: 'bad-request' }, verdict: { kind: 'fail', suspect: true } });
  });

  test('the mark of what a provider is to keep goes out of the messages', async () => {
    const marked: Prompt = {
      ...PROMPT,
      messages: [
        {
          role: 'user',
          content: [
            { kind: 'text', text: 'The same for all.', cacheable: true },
            { kind: 'text', text: 'And this.' },
          ],
        },
      ],
    };
    const { server, client } = await clientOf(
      refusing('messages.0.content.0.cache_control: Extra inputs are not permitted', (body) =>
        JSON.stringify(body['messages']).includes('cache_control'),
      ),
      { routes: true },
    );
    const outcomes = await outcomesOf(client, marked);
    expect(outcomes.map(({ record }) => record.code)).toEqual(['field-refused', 'answered']);
    expect(JSON.stringify(server.bodies.at(-1)?.['messages'])).toMatch(/The same for all.*And this/);
  });

  test.each([
    ['json_object', "'response_format.type' must be 'json_schema' or 'text'"],
    ['json_schema', 'This response_format type is unavailable now'],
  ])('the form %s of answers', async (type, message) => {
    const isRefused = (body: JsonRecord) => JSON.stringify(body['response_format'] ?? '').includes(type);
    const { server, client } = await clientOf(refusing(message, isRefused));
    expect(droppedFrom(await outcomesOf(client, formed(type)))).toEqual([`response_format.${type}`]);
    expect(server.bodies.at(-1)).not.toHaveProperty('response_format');
    // The other form is taken.
    await outcomesOf(client, formed('other'));
    expect(server.bodies.at(-1)).toHaveProperty('response_format', { type: 'other' });
  });
});

describe('a field of the recipe', () => {
  test('is never left out: the document fails, and is told which one', async () => {
    const { server, client } = await clientOf(
      refusing(
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) is supported.",
        (body) => 'temperature' in body,
      ),
    );
    const [outcome] = await outcomesOf(client, { ...PROMPT, fields: { temperature: 0.2 } });
    expect(outcome).toMatchObject({ verdict: { kind: 'fail', suspect: true }, record: { code: 'field-refused' } });
    expect(outcome?.record.message).toMatch(/does not take temperature as the recipe sets it/);
    expect(server.bodies).toHaveLength(1);
  });

  test('is not left out though one of ours has its name', async () => {
    const { server, client } = await clientOf(startStrict('mistral'));
    await outcomesOf(client);
    const outcomes = await outcomesOf(client, { ...PROMPT, fields: { stream_options: { include_usage: true } } });
    expect(outcomes.at(-1)?.record.code).toBe('field-refused');
    expect(server.bodies.at(-1)).toHaveProperty('stream_options');
  });
});

const NO_MAX_TOKENS =
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
const PRICE = { prompt: 1e-6, completion: 1e-6, request: 0 };

describe('the longest answer', () => {
  test('is sent under the other name', async () => {
    const { server, client } = await clientOf(refusing(NO_MAX_TOKENS, (body) => 'max_tokens' in body));
    expect(lessonsOf(await outcomesOf(client))[0]?.dropped).toMatchObject([
      { field: 'max_tokens', sentAs: 'max_completion_tokens' },
    ]);
    expect(client.prepare(PROMPT).notes).toEqual([
      'It was sent with max_completion_tokens in place of max_tokens, which the API does not take.',
    ]);
    expect(server.bodies.at(-1)).toHaveProperty('max_completion_tokens', 64_000);
    expect(server.bodies.at(-1)).not.toHaveProperty('max_tokens');
  });

  test('is left out if neither name is taken', async () => {
    const { server, client } = await clientOf(takesNeither());
    expect((await outcomesOf(client)).at(-1)?.record.code).toBe('answered');
    expect(Object.keys(server.bodies.at(-1) ?? {}).filter((name) => name.startsWith('max_'))).toEqual([]);
  });

  test.each([
    ['of the run', PROMPT, true],
    ['of the recipe', { ...PROMPT, bounded: true }, false],
  ])('stays while there is a budget %s: the model pauses', async (_, prompt, bounded) => {
    const { client } = await clientOf(takesNeither(), { bounded, prices: { of: () => PRICE } });
    const last = (await outcomesOf(client, prompt)).at(-1);
    expect(last).toMatchObject({ verdict: { kind: 'pause', scope: 'model' }, record: { billing: 'none' } });
    expect(last?.record.message).toMatch(/takes no limit of tokens/);
    // It stays so: the next document is not sent without.
    expect((await outcomesOf(client, prompt)).at(-1)?.verdict.kind).toBe('pause');
  });

  test('is sent within a budget though another recipe taught that it is not taken: the model pauses', async () => {
    const { server, client } = await clientOf(takesNeither());
    await outcomesOf(client);
    const last = (await outcomesOf(client, { ...PROMPT, bounded: true })).at(-1);
    expect(last?.verdict).toEqual({ kind: 'pause', scope: 'model' });
    expect(server.bodies.at(-1)).toHaveProperty('max_tokens');
  });

  test.each([
    'max_tokens is too large: 64000. This model supports at most 16384 completion tokens, whereas you provided 64000.',
    'max_tokens: 64000 > 16384, which is the maximum allowed number of output tokens for claude',
    '`max_tokens` must be less than or equal to `16,384`, the maximum value for `max_tokens`',
    'Invalid max_tokens value, the valid range of max_tokens is [1, 16384]',
    'Request too large for model `m` on tokens per minute (TPM): Limit 32768, Requested 64012, please reduce your message',
  ])('is no longer than the API says: %s', async (message) => {
    const { server, client } = await clientOf(refusing(message, (body) => Number(body['max_tokens']) > 16_384));
    const outcomes = await outcomesOf(client, { ...PROMPT, maxTokens: 64_000 });
    expect(outcomes.map(({ record }) => record.code)).toEqual(['field-refused', 'answered']);
    expect(lessonsOf(outcomes).map(({ message: told }) => told)).toEqual([expect.stringContaining('16,384')]);
    expect(server.bodies.at(-1)).toHaveProperty('max_tokens', 16_384);
    expect(client.prepare(PROMPT).maxTokens).toBe(16_384);
    expect(client.prepare({ ...PROMPT, maxTokens: 100 }).maxTokens).toBe(100);
  });
});

test('the price that nobody may ask more than stays while there is a budget: the model pauses', async () => {
  const { server, client } = await clientOf(
    refusing('Unknown name "max_price" at \'provider\': Cannot find field.', (body) => 'provider' in body),
    { routes: true, bounded: true, prices: { of: () => PRICE } },
  );
  const last = (await outcomesOf(client)).at(-1);
  expect(server.bodies).toHaveLength(1);
  expect(last?.verdict).toEqual({ kind: 'pause', scope: 'model' });
  expect(last?.record.message).toMatch(/provider\.max_price/);
});

describe('a context that a refusal states', () => {
  test('lets a request go again that asked for too long an answer', async () => {
    const { client } = await clientOf(
      startRefusing((body) => (Number(body['max_tokens']) > 4000 ? tooMany(body) : null)),
    );
    const first = await outcomeOf(client);
    expect(first).toMatchObject({ verdict: { atOnce: true }, record: { code: 'field-refused', counts: false } });
    expect(first.lesson?.message).toMatch(/4,096 tokens, prompt and answer together/);
    expect(await outcomeOf(client, { prompt: { ...PROMPT, maxTokens: 4000 } })).toMatchObject({
      verdict: { kind: 'answer' },
    });
  });

  test.each([
    "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
    'request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
    'The input token count (5000) exceeds the maximum number of tokens allowed (4096).',
    'prompt is too long: 5000 tokens > 4096 maximum',
  ])('fails a document that is too long, unless it may be divided: %s', async (message) => {
    const { client } = await clientOf(refusing(message, () => true));
    const failed = await outcomeOf(client);
    expect(failed).toMatchObject({ verdict: { kind: 'fail', suspect: false }, record: { code: 'context-too-long' } });
    const { client: other } = await clientOf(refusing(message, () => true));
    const divided = await outcomeOf(other, { prompt: { ...PROMPT, divisible: true } });
    expect(divided.verdict).toMatchObject({ atOnce: true });
  });

  test('never has a request sent for ever', async () => {
    const { client } = await clientOf(startRefusing(tooMany));
    const outcomes = await outcomesOf(client, { ...PROMPT, maxTokens: 4000, divisible: true });
    expect(outcomes.length).toBeLessThan(12);
    expect(outcomes.at(-1)?.record.code).toBe('context-too-long');
  });
});

test('what a refusal quotes of the document teaches nothing', async () => {
  const quoted =
    'The report says that the maximum context length is 1000 tokens, and that max_tokens is not supported.';
  const { client } = await clientOf(refusing(`Bad content: ${quoted}`, () => true));
  const prompt: Prompt = { ...PROMPT, messages: [{ role: 'user', content: quoted }] };
  const outcomes = await outcomesOf(client, prompt);
  expect(outcomes).toMatchObject([{ verdict: { kind: 'fail' } }]);
  expect(lessonsOf(outcomes)).toEqual([]);
});
