import { expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { MODEL, simulatorsForTests } from './support.ts';

const start = simulatorsForTests();
const messages = [{ role: 'user' as const, content: '# Minutes\n\nThe board met. It agreed on the budget.\n' }];

async function client(plan = {}, options = {}) {
  const simulator = await start(plan);
  return { simulator, openai: new OpenAI({ baseURL: simulator.url, apiKey: 'sk-test', maxRetries: 0, ...options }) };
}

test('reads an answer in one body', async () => {
  const { openai } = await client();
  const completion = await openai.chat.completions.create({ model: MODEL, messages });
  expect(completion.id).toMatch(/^gen-/);
  expect(completion.choices[0]?.message.content).toMatch(/^# Minutes\n\nThe board met\./);
  expect(completion.choices[0]?.finish_reason).toBe('stop');
  expect(completion.usage?.total_tokens).toBeGreaterThan(0);
});

test('reads an answer as a stream, and builds the same completion from it', async () => {
  const { openai } = await client();
  const whole = await openai.chat.completions.create({ model: MODEL, messages });
  const streamed = await openai.chat.completions.stream({ model: MODEL, messages }).finalChatCompletion();
  expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
  expect(streamed.choices[0]?.finish_reason).toBe('stop');
});

test('finds the usage in the last chunk of a stream', async () => {
  const { openai, simulator } = await client();
  const chunks = [];
  for await (const chunk of await openai.chat.completions.create({ model: MODEL, messages, stream: true }))
    chunks.push(chunk);

  expect(chunks.at(-1)?.usage).toMatchObject({ cost: simulator.billing()[0]?.costUsd });
});

test.each([
  [{ kind: 'status', status: 401 }, OpenAI.AuthenticationError],
  [{ kind: 'status', status: 404 }, OpenAI.NotFoundError],
  [{ kind: 'status', status: 429 }, OpenAI.RateLimitError],
  [{ kind: 'status', status: 503, body: 'html' }, OpenAI.InternalServerError],
  [{ kind: 'reset-after' }, OpenAI.APIConnectionError],
])('throws the right error for %j', async (fault, error) => {
  const { openai } = await client({ faults: [fault] });
  await expect(openai.chat.completions.create({ model: MODEL, messages })).rejects.toThrow(error);
});

test('throws at an error in the middle of a stream', async () => {
  const { openai } = await client({ faults: [{ kind: 'mid-stream-error', message: 'provider went away' }] });
  const stream = openai.chat.completions.stream({ model: MODEL, messages });
  await expect(stream.finalChatCompletion()).rejects.toThrow(/provider went away/);
});

test('retries what the plan lets fail once', async () => {
  const { openai, simulator } = await client(
    { faults: [{ kind: 'status', status: 429, retryAfterMs: 1, attempts: [1] }] },
    { maxRetries: 1 },
  );
  const completion = await openai.chat.completions.create({ model: MODEL, messages });
  expect(completion.choices).toHaveLength(1);
  expect(simulator.billing()).toMatchObject([{ requests: 2, billed: 1, answered: 1 }]);
});

test('lists the models', async () => {
  const { openai } = await client();
  const ids = (await openai.models.list()).data.map((model) => model.id);
  expect(ids).toContain(MODEL);
});
