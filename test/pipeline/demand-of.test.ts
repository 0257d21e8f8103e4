import { describe, expect, test } from '@jest/globals';
import type { ModelFacts } from '../../src/domain/models.ts';
import type { PreparedRequest } from '../../src/domain/ports.ts';
import { demandOf } from '../../src/pipeline/send.ts';
import { answer, ended, outcomeOf, preparedAs, recipe } from './in-memory.ts';
import { question } from './ports-in-memory.ts';

const NO_FACTS: ModelFacts = {
  contextTokens: null,
  maxCompletionTokens: null,
  inputs: null,
  structuredOutputs: null,
  reasoning: null,
};

async function demandFor(
  request: Partial<PreparedRequest>,
  contexts: Readonly<Record<string, number>> = {},
  maxCostUsd: number | null = null,
) {
  const asked: string[] = [];
  const ports = {
    prices: { of: (model: string) => (model === 'free' ? null : { prompt: 1e-6, completion: 1e-5, request: 0 }) },
    models: {
      misnamed: () => [],
      meant: async () => [],
      facts: async (model: string) => {
        asked.push(model);
        return { ...NO_FACTS, contextTokens: contexts[model] ?? null };
      },
    },
  };
  const asking = { ...question, recipe: { ...recipe, handling: { ...recipe.handling, maxCostUsd } } };
  const prepared = { ...preparedAs(({ number }) => ended(outcomeOf(number, answer, 'the answer'))), ...request };
  return { ...(await demandOf(ports, { prepared, question: asking })), asked };
}

describe('what is set aside for a call', () => {
  test('is its tokens and the most that it can cost, and nothing is looked up', async () => {
    const { asked, ...demand } = await demandFor({ promptTokensAtMost: 1000, likelyPromptTokens: 300, maxTokens: 100 });
    expect(demand).toEqual({ promptTokens: 300, maxTokens: 100, worstUsd: 0.002 });
    expect(asked).toEqual([]);
  });

  test('is never more than what its model takes', async () => {
    const long = { promptTokensAtMost: 2_000_000, likelyPromptTokens: 400_000, maxTokens: 0 };
    expect(await demandFor(long, { model: 100_000 })).toMatchObject({
      promptTokens: 100_000,
      worstUsd: expect.closeTo(0.1, 12),
    });
  });

  test('goes by the most expensive of the models that may answer, each within its own context', async () => {
    const long = { models: ['a', 'b'], promptTokensAtMost: 2_000_000, likelyPromptTokens: 1, maxTokens: 0 };
    expect(await demandFor(long, { a: 100_000, b: 300_000 })).toMatchObject({ worstUsd: 0.3, asked: ['a', 'b'] });
  });

  test('has no price where one of the models has none', async () => {
    expect(await demandFor({ models: ['model', 'free'] })).toMatchObject({ worstUsd: null });
  });

  test('counts what is paid beside tokens', async () => {
    const request = { promptTokensAtMost: 0, maxTokens: 0, feesUsdAtMost: 0.5 };
    expect(await demandFor(request)).toMatchObject({ worstUsd: 0.5 });
  });

  test('asks for prices where its recipe has money of its own', async () => {
    expect((await demandFor({}, {}, 1)).asked).toEqual(['model']);
  });
});
