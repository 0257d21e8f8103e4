import { describe, expect, test } from '@jest/globals';
import type { RunEvent } from '../../src/domain/events.ts';
import { messageOf } from '../../src/report/describe-event.ts';

type Started = Extract<RunEvent, { type: 'run-started' }>;

const line = (changes: Partial<Started> = {}): string =>
  messageOf({
    type: 'run-started',
    inbox: '/srv/docs/inbox',
    outbox: '/srv/docs/outbox',
    recipe: 'recipes/default.md',
    model: 'openai/gpt-5',
    api: 'http://127.0.0.1:4010/api/v1',
    maxTokens: 8000,
    answerUsd: 0.08,
    promptUsd: 1.25,
    inboxRecipes: false,
    fees: false,
    once: false,
    concurrency: 7,
    concurrencyMax: 256,
    rpm: null,
    tpm: null,
    maxCostUsd: null,
    ...changes,
  });

describe('the line that a run begins with', () => {
  test('names inbox, recipe, model, API, and the most that one call can cost', () => {
    expect(line()).toBe(
      'Watching /srv/docs/inbox with recipes/default.md: openai/gpt-5 at http://127.0.0.1:4010/api/v1, 7 calls at once, ' +
        'each at most $0.0800 for an answer of 8,000 tokens and its prompt ($1.25 a million tokens). ' +
        'Results go to /srv/docs/outbox.',
    );
    expect(line({ once: true })).toMatch(/^Working off \/srv\/docs\/inbox with /);
  });

  test('names no folders where documents and answers have none', () => {
    expect(line({ inbox: null, outbox: null, recipe: '"Why?"', answerUsd: null })).toBe(
      'Asking "Why?": openai/gpt-5 at http://127.0.0.1:4010/api/v1, 7 calls at once, ' +
        'each at a price that is not known before the API tells it.',
    );
  });

  test.each([
    [{}, '7 calls at once, each'],
    [{ concurrency: 1 }, '1 call at once, each'],
    [{ concurrency: 'auto' }, 'as many calls at once as bring more answers, at most 256, each'],
    [{ rpm: 60 }, '7 calls at once, at most 60 calls a minute, each'],
    [{ tpm: 100_000 }, '7 calls at once, at most 100,000 tokens a minute, each'],
    [{ rpm: 60, tpm: 100_000 }, '7 calls at once, at most 60 calls and 100,000 tokens a minute, each'],
    [{ answerUsd: 0, promptUsd: 0 }, '7 calls at once, each free of charge.'],
    [
      { inboxRecipes: true },
      'each at most $0.0800 (recipes in the inbox may differ) for an answer of 8,000 tokens and',
    ],
    [{ fees: true, inboxRecipes: true }, '$0.0800 (fees of plugins come on top; recipes in the inbox may differ) for'],
    [{ inboxRecipes: true, answerUsd: 0, promptUsd: 0 }, 'each free of charge (recipes in the inbox may differ).'],
    [{ api: 'simulator' }, ' at the simulator, '],
  ] as const)('says how fast, and at what price: %j', (changes, words) => {
    expect(line(changes)).toContain(words);
  });
});
