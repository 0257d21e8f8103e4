import { describe, expect, test } from '@jest/globals';
import { startingLines } from '../../src/cli/follow.ts';
import { preparedOf } from '../run/support.ts';

describe('the lines that a run begins with', () => {
  test('say where it looks, where results go, who is asked, and how many calls there are at once', async () => {
    const flags = { root: 'docs', api: 'http://127.0.0.1:4010/api/v1', model: 'openai/gpt-5', concurrency: '7' };
    expect(startingLines(preparedOf(flags))).toEqual([
      'Watching /srv/docs/inbox; results go to /srv/docs/outbox; ' +
        'openai/gpt-5 at http://127.0.0.1:4010/api/v1, 7 calls at once.',
    ]);
    expect(startingLines(preparedOf({ ...flags, once: true }))[0]).toMatch(/^Working off \/srv\/docs\/inbox;/);
  });

  test.each([
    [{}, '5 calls at once.'],
    [{ concurrency: '1' }, '1 call at once.'],
    [{ concurrency: 'auto' }, 'as many calls at once as bring more answers, at most 256.'],
    [{ rpm: '60' }, '5 calls at once, at most 60 calls a minute.'],
    [{ tpm: '100000' }, '5 calls at once, at most 100,000 tokens a minute.'],
    [{ rpm: '60', tpm: '100000' }, '5 calls at once, at most 60 calls and 100,000 tokens a minute.'],
  ])('say how fast: %j', async (flags, words) => {
    const [first] = startingLines(preparedOf(flags));
    expect(first?.endsWith(`, ${words}`)).toBe(true);
  });

  test('say that a simulator answers', async () => {
    const [first, ...others] = startingLines(preparedOf());
    expect(first).toContain('at the simulator,');
    expect(others).toEqual(['The answers come from a simulator: no model is asked, and nothing is paid.']);
  });

  test('say that a trial is one, and how small it is', async () => {
    const [, , trial] = startingLines(preparedOf({ test: true, limit: '3' }));
    expect(trial).toBe(
      'This is a trial: 3 documents, of all folders and types. ' +
        'Text is cut to 500 characters, all else is sent whole; none of them counts as done.',
    );
  });
});
