import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AttemptOutcome } from '../../src/domain/attempt.ts';
import type { ChatMessage } from '../../src/domain/request.ts';
import type { LlmClient } from '../../src/llm/llm.ts';
import { clientFor, outcomeOf, PROMPT } from './support.ts';

/** An OpenRouter-shaped server that was not written for this client. */
const server = new LLMock({ port: 0, logLevel: 'silent' });
const clients: LlmClient[] = [];

function attempt(stream: boolean): Promise<AttemptOutcome> {
  const client = clientFor(server.url, { stream });
  clients.push(client);
  return outcomeOf(client);
}

describe('the client against a server that was not written for it', () => {
  beforeAll(async () => {
    server.onMessage(/harbour/, {
      content: 'They will dredge the basin.',
      usage: { prompt_tokens: 20, completion_tokens: 6, cost: 0.002 },
    });
    await server.start();
  });
  afterEach(() => {
    server.clearChaos();
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => server.stop());

  describe.each([
    ['streamed', true],
    ['as JSON', false],
  ])('an answer %s', (_, stream) => {
    test('comes with its model and cost', async () => {
      const { record, reply } = await attempt(stream);
      expect(reply?.text).toBe('They will dredge the basin.');
      expect(record).toMatchObject({
        model: PROMPT.model,
        billing: 'known',
        costUsd: 0.002,
        promptTokens: 20,
        completionTokens: 6,
      });
      expect(record.generationId).toMatch(/^gen-/);
    });

    test.each([
      ['dropped', { dropRate: 1 }, { status: 500, code: 'server-error', billing: 'none' }],
      ['malformed', { malformedRate: 1 }, { status: 200, code: 'unreadable-reply', billing: 'in doubt' }],
      ['rate-limited', { rateLimitRate: 1 }, { status: 429, code: 'rate-limited', billing: 'none' }],
      ['cut off', { disconnectRate: 1 }, { status: null, code: 'connection-reset', billing: 'in doubt' }],
    ])('that is %s is to be asked for again', async (__, chaos, record) => {
      server.setChaos(chaos);
      const outcome = await attempt(stream);
      expect(outcome.record).toMatchObject({ ...record, verdict: 'retry' });
      expect(outcome.reply).toBeNull();
    });

    test('is right or absent, whatever chaos does', async () => {
      server.setChaos({ dropRate: 0.2, malformedRate: 0.2, rateLimitRate: 0.2, disconnectRate: 0.2 });
      const outcomes: AttemptOutcome[] = [];
      for (let number = 1; number <= 40; number += 1) outcomes.push(await attempt(stream));
      const answers = outcomes.map(({ reply, verdict }) => ({ answer: reply?.text ?? null, kind: verdict.kind }));
      expect(answers).toHaveLength(40);
      for (const { answer, kind } of answers)
        expect(answer).toBe(kind === 'answer' ? 'They will dredge the basin.' : null);
    });
  });

  test('it takes images, sound and files beside the text, as they are', async () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    const client = clientFor(server.url);
    clients.push(client);
    const content: ChatMessage['content'] = [
      { kind: 'text', text: 'Say what you see of the harbour.', cacheable: true },
      { kind: 'image', mediaType: 'image/png', bytes },
      { kind: 'audio', format: 'wav', bytes },
      { kind: 'file', name: 'a.pdf', mediaType: 'application/pdf', bytes },
    ];
    const prompt = { model: PROMPT.model, messages: [{ role: 'user' as const, content }] };
    const { reply } = await outcomeOf(client, { prompt });
    expect(reply?.text).toBe('They will dredge the basin.');
    const received = JSON.stringify(server.getLastRequest()?.body);
    for (const sent of ['data:image/png;base64,', 'data:application/pdf;base64,', '"data":"'])
      expect(received).toContain(sent + bytes.toString('base64'));
  });

  test('its errors are read as those of OpenRouter', async () => {
    server.nextRequestError(402, { message: 'Insufficient credits' });
    const { verdict, record } = await attempt(true);
    expect(verdict).toEqual({ kind: 'pause', scope: 'account' });
    expect(record.message).toContain('Insufficient credits');
  });

  test('a look finds its account and its models', async () => {
    const client = clientFor(server.url);
    clients.push(client);
    expect(await client.look('account', PROMPT.model)).toBe(true);
    expect(await client.look('model', 'no/such-model')).toBe(false);
  });
});
