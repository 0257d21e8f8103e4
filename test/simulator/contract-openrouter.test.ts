import { expect, test } from '@jest/globals';
import { OpenRouter } from '@openrouter/sdk';
import * as errors from '@openrouter/sdk/models/errors';
import { MODEL, simulatorsForTests } from './support.ts';

const start = simulatorsForTests();
const messages = [{ role: 'user' as const, content: '# Minutes\n\nThe board met. It agreed on the budget.\n' }];

async function client(plan = {}) {
  const simulator = await start(plan);
  const openRouter = new OpenRouter({ serverURL: simulator.url, apiKey: 'sk-test', retryConfig: { strategy: 'none' } });
  return { simulator, openRouter };
}

test('reads an answer in one body, with its cost', async () => {
  const { openRouter, simulator } = await client();
  const result = await openRouter.chat.send({ chatRequest: { model: MODEL, messages, stream: false } });
  expect(result).toMatchObject({ model: MODEL, object: 'chat.completion' });
  expect(result).toHaveProperty('choices.0.message.content', expect.stringMatching(/^# Minutes\n\nThe board met\./));
  expect(result).toHaveProperty('choices.0.finishReason', 'stop');
  expect(result).toHaveProperty('usage.cost', simulator.billing()[0]?.costUsd);
});

test('reads an answer as a stream, with the usage in its last chunk', async () => {
  const { openRouter, simulator } = await client();
  const whole = await openRouter.chat.send({ chatRequest: { model: MODEL, messages, stream: false } });
  const stream = await openRouter.chat.send({ chatRequest: { model: MODEL, messages, stream: true } });
  const chunks = await collect(stream);
  const content = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
  expect(whole).toHaveProperty('choices.0.message.content', content);
  expect(chunks.at(-1)?.choices[0]?.finishReason).toBe('stop');
  expect((chunks.at(-1)?.usage?.cost ?? 0) * 2).toBeCloseTo(simulator.billing()[0]?.costUsd ?? 0, 10);
});

test('finds an error in the middle of a stream', async () => {
  const { openRouter } = await client({ faults: [{ kind: 'mid-stream-error', status: 503 }] });
  const chunks = await collect(await openRouter.chat.send({ chatRequest: { model: MODEL, messages, stream: true } }));
  expect(chunks.at(-1)).toMatchObject({
    error: { code: 503, metadata: { errorType: 'provider_overloaded' } },
    choices: [{ finishReason: 'error' }],
  });
});

test.each([
  [401, errors.UnauthorizedResponseError],
  [402, errors.PaymentRequiredResponseError],
  [404, errors.NotFoundResponseError],
  [429, errors.TooManyRequestsResponseError],
  [502, errors.BadGatewayResponseError],
  [503, errors.ServiceUnavailableResponseError],
  [524, errors.EdgeNetworkTimeoutResponseError],
  [529, errors.ProviderOverloadedResponseError],
])('throws the right error for status %i', async (status, error) => {
  const { openRouter } = await client({ faults: [{ kind: 'status', status }] });
  const sent = openRouter.chat.send({ chatRequest: { model: MODEL, messages, stream: false } });
  await expect(sent).rejects.toThrow(error);
});

test('lists the models', async () => {
  const { openRouter } = await client();
  const { result } = await openRouter.models.list();
  expect(result.data.find((model) => model.id === MODEL)).toMatchObject({
    contextLength: 1_000_000,
    pricing: { prompt: '0.000003', completion: '0.000015' },
    topProvider: { maxCompletionTokens: 64_000 },
  });
});

test('reads what is known of the key', async () => {
  const { openRouter } = await client();
  const { data } = await openRouter.apiKeys.getCurrentKeyMetadata();
  expect(data).toMatchObject({ limit: 100, limitRemaining: 100, usage: 0 });
});

/** The client tells by its arguments whether it streams, its type does not. */
async function collect(reply: Awaited<ReturnType<OpenRouter['chat']['send']>>) {
  if (!('getReader' in reply)) throw new Error('The reply is no stream');
  const chunks = [];
  for await (const chunk of reply) chunks.push(chunk);
  return chunks;
}
