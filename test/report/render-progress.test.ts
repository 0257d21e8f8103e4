import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { isActive, renderProgress } from '../../src/report/render-progress.ts';
import { stoppedFor, tallyOf } from './support.ts';

const busy = tallyOf({
  succeeded: 1200,
  failed: 1,
  skipped: 40,
  running: 5,
  waiting: 2,
  queued: 93,
  retries: 3,
  promptTokens: 12_345,
  completionTokens: 678,
  costUsd: 0.1234,
});

test('the block tells documents, spending and pace', () => {
  expect(renderProgress(busy, 50, 0, 200)).toEqual([
    'done 1,200  failed 1  skipped 40  running 5  waiting 2  queued 93',
    'retries 3  tokens 12,345 in, 678 out  cost $0.1234',
    '50 documents a minute, about 2 min left',
  ]);
});

test('rare counts are shown unless they are 0', () => {
  const rare = tallyOf({ reused: 1, held: 2, skipped: 5, stale: 3, pending: 3, overBudget: 1 });
  expect(renderProgress(rare, null, 0, 200)[0]).toBe(
    'done 0  reused 1  failed 0  held 2  skipped 5 (stale 3)  running 0  waiting 0  queued 0  pending 4',
  );
});

test('an unknown cost is shown as unknown', () => {
  expect(renderProgress(tallyOf({ costUnknownAttempts: 1 }), null, 0, 200)[1]).toMatch(/cost unknown for 1 attempt$/);
});

describe('in words', () => {
  const midnight = new Date(2026, 3, 1).getTime();
  const cooling = { untilMs: 12_000, reason: 'too many requests' };
  test.each([
    ['looking through the inbox', tallyOf({ listed: false })],
    ['waiting for documents', tallyOf({ succeeded: 3 })],
    ['about to send', tallyOf({ queued: 3 })],
    ['asking', tallyOf({ running: 3 })],
    ['waiting before the next attempt', tallyOf({ waiting: 1 })],
    ['cooling down, 12 s: too many requests', tallyOf({ running: 1, cooling })],
    [
      'cooling down, 12 s (rate limit): too many requests',
      tallyOf({ running: 1, cooling: { ...cooling, limit: 'rate' } }),
    ],
    ['one call at a time: 30 of 50 failed', tallyOf({ running: 1, probing: { m: '30 of 50 failed' } })],
    [
      'paused until 2026-04-01 00:00: the budget of the day is spent',
      tallyOf({ queued: 5, paused: { budget: { reason: 'the budget of the day is spent', until: midnight } } }),
    ],
    ['asking, at most 32 calls at once', tallyOf({ running: 3, limited: { m: 30, n: 2 } })],
    [
      'asking, at most 1 call at once, paced to 120 calls a minute',
      tallyOf({ running: 3, limited: { m: 1 }, paced: { m: 120 } }),
    ],
    ['paused: key refused', tallyOf({ queued: 5, cooling, paused: { account: { reason: 'key refused' } } })],
    ['the inbox cannot be read: unmounted', tallyOf({ inboxLost: 'unmounted' })],
    [
      'stopping (account): no new call, those in flight finish',
      tallyOf({ running: 1, paused: { account: { reason: 'key refused' } }, ...stoppedFor('account') }),
    ],
    [
      'stopping (SIGINT): no new call, those in flight finish, at most 1 min (once more ends it at once)',
      tallyOf({ stopping: { type: 'run-stopping', reason: 'signal', signal: 'SIGINT', graceSeconds: 60 } }),
    ],
  ])('%s', (words, tally) => {
    expect(renderProgress(tally, null, 0, 200)[2]).toBe(words);
  });

  test('a cooldown counts down and ends', () => {
    const tally = tallyOf({ waiting: 1, cooling });
    expect([1, 11_500, 12_000].map((nowMs) => renderProgress(tally, null, nowMs, 200)[2])).toEqual([
      'cooling down, 12 s: too many requests',
      'cooling down, 1 s: too many requests',
      'waiting before the next attempt',
    ]);
  });
});

test('no line is wider than the terminal, nor breaks it', () => {
  const tally = tallyOf({ paused: { disk: { reason: '/東京\n東京東京東京東京: no space' } } });
  const lines = renderProgress(tally, null, 0, 20);
  expect(lines.map((line) => stringWidth(line) <= 20)).toEqual([true, true, true]);
  expect(lines[2]).toBe('paused: /東京\\n東京…');
});

test.each([
  ['with work', tallyOf({ waiting: 1 }), true],
  ['without work', tallyOf({ pending: 1 }), false],
  ['while paused', tallyOf({ queued: 1, paused: { model: { reason: 'unknown model' } } }), false],
  ['while one call goes at a time', tallyOf({ queued: 1, probing: { m: 'too many failures' } }), false],
  ['while cooling', tallyOf({ queued: 1, cooling: { untilMs: 1, reason: '' } }), false],
])('time %s is active: %#', (_, tally, expected) => {
  expect(isActive(tally, 0)).toBe(expected);
});
