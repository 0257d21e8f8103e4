import { expect, test } from '@jest/globals';
import { worstCaseUsd } from '../../src/simulator/admission.ts';
import { findModel } from '../../src/simulator/catalogue.ts';
import { parseChatRequest } from '../../src/simulator/chat-request.ts';

function worstOf(id: string, limits: object) {
  const body = { model: id, messages: [{ role: 'user', content: 'x'.repeat(4_000) }], ...limits };
  const request = parseChatRequest(Buffer.from(JSON.stringify(body)), () => false);
  const model = findModel(id);
  if (request === null || model === undefined) throw new Error('the test asks for nothing');
  return worstCaseUsd(model, request);
}

test.each([
  ['anthropic/claude-sonnet-4.5', { max_tokens: 1_000 }, 0.003 + 0.015],
  ['anthropic/claude-sonnet-4.5', { max_completion_tokens: 1_000 }, 0.003 + 0.015],
  ['anthropic/claude-sonnet-4.5', { max_tokens: 1_000_000 }, 0.003 + 0.96],
  ['anthropic/claude-sonnet-4.5', {}, 0.003 + 0.96],
  ['meta-llama/llama-3.3-70b-instruct:free', {}, 0],
])('%s with %j costs %d USD at most', (model, limits, usd) => {
  expect(worstOf(model, limits)).toBeCloseTo(usd, 10);
});
