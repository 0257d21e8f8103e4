import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { type Frame, isActive, renderProgress } from '../../src/report/render-progress.ts';
import { stoppedFor, tallyOf } from './support.ts';

const plain = (text: string): string => text;

const busy = tallyOf({
  succeeded: 1200,
  failed: 31,
  skipped: 40,
  running: 8,
  waiting: 2,
  queued: 93,
  retries: 3,
  attempts: 1300,
  promptTokens: 12_345,
  completionTokens: 678,
  costUsd: 0.4165,
  budgetUsd: 2,
});

const base: Frame = {
  tally: busy,
  nowMs: 0,
  seconds: 149.9,
  total: 1374,
  done: 1271,
  secondsLeft: 133,
  calls: { inFlight: 5, atMost: 5 },
  paused: false,
  projectedUsd: 1.1149,
  once: true,
  keys: true,
};

const render = (changes: Partial<Frame>, width = 120): string[] =>
  renderProgress({ ...base, ...changes }, width, plain);

describe('the block', () => {
  test.each([
    [
      120,
      [
        '[###########################---]  92 %  1,271 of 1,374  2 min 29 s  about 2 min left',
        '5 of 5 calls  93 in line  2 waiting  1,200 answered  31 failed  3 retries  40 done before',
        '$0.4165 of $2.00  about $1.11 in all  12,345 tokens in, 678 out',
        'p pauses  s shows the state  q stops',
      ],
    ],
    [
      80,
      [
        '[########################--]  92 %  1,271 of 1,374  2 min 29 s  about 2 min left',
        '5 of 5 calls  93 in line  2 waiting  1,200 answered  31 failed  40 done before',
        '$0.4165 of $2.00  about $1.11 in all  12,345 tokens in, 678 out',
        'p pauses  s shows the state  q stops',
      ],
    ],
    [
      60,
      [
        '92 %  1,271 of 1,374  2 min 29 s  about 2 min left',
        '5 of 5 calls  2 waiting  1,200 answered  31 failed',
        '$0.4165 of $2.00  about $1.11 in all',
        'p pauses  s shows the state  q stops',
      ],
    ],
    [
      40,
      [
        '92 %  1,271 of 1,374  about 2 min left',
        '5 of 5 calls  2 waiting  31 failed',
        '$0.4165 of $2.00  about $1.11 in all',
        'p pauses  s shows the state  q stops',
      ],
    ],
  ])('at %d columns leaves out what matters least, and cuts no word', (width, lines) => {
    expect(render({}, width)).toEqual(lines);
  });

  test('says nothing of what is not known', () => {
    const tally = tallyOf({ listed: false, queued: 3, running: 2 });
    const early = { tally, seconds: 2, total: null, secondsLeft: null, projectedUsd: null };
    expect(render({ ...early, keys: false, calls: { inFlight: 2, atMost: 5 } })).toEqual([
      'looking through the inbox  2 s',
      '2 of 5 calls  3 in line',
    ]);
  });

  test('does not tell money of the simulator as spent, nor unknown money as none', () => {
    expect(render({ tally: { ...busy, simulated: true }, projectedUsd: null })[2]).toMatch(/^would cost \$0\.4165 of/);
    const tally = tallyOf({ attempts: 2, costUnknownAttempts: 2, running: 1 });
    expect(render({ tally, projectedUsd: null })[2]).toBe('$0.00  unknown for 2 calls  0 tokens in, 0 out');
  });

  test('counts what is rare unless it is 0', () => {
    const rare = tallyOf({ queued: 1, reused: 1, held: 2, skipped: 5, stale: 3, pending: 3, overBudget: 1 });
    expect(render({ tally: rare })[1]).toBe(
      '5 of 5 calls  1 in line  2 held  4 pending  1 reused  5 done before (3 stale)',
    );
  });

  test.each([
    [true, 'done  2 min 29 s'],
    [false, 'waiting for documents  2 min 29 s'],
  ])('with nothing to do (once: %s) says', (once, line) => {
    expect(render({ tally: tallyOf({ succeeded: 3 }), once })[0]).toBe(line);
  });
});

/** The last line, after those that are always there. */
function held(changes: Partial<Frame>): string | undefined {
  return render({ keys: false, ...changes })
    .slice(2)
    .at(-1);
}

describe('why calls wait', () => {
  const midnight = new Date(2026, 3, 1).getTime();
  const cooling = { untilMs: 12_000, reason: 'too many requests' };

  test.each([
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
    ['at most 32 calls at once', tallyOf({ running: 3, limited: { m: 30, n: 2 } })],
    [
      'at most 1 call at once, paced to 120 calls a minute',
      tallyOf({ running: 3, limited: { m: 1 }, paced: { m: 120 } }),
    ],
    ['paused: key refused', tallyOf({ queued: 5, cooling, paused: { account: { reason: 'key refused' } } })],
    ['the inbox cannot be read: unmounted', tallyOf({ inboxLost: 'unmounted' })],
    [
      'stopping, as the account was refused: no new call, those in flight finish',
      tallyOf({ running: 1, paused: { account: { reason: 'key refused' } }, ...stoppedFor('account') }),
    ],
    [
      'stopping, as you asked: no new call, those in flight finish, at most 1 min (once more ends it at once)',
      tallyOf({ stopping: { type: 'run-stopping', reason: 'signal', signal: 'SIGINT', graceSeconds: 60 } }),
    ],
  ])('%s', (words, tally) => {
    expect(held({ tally })).toBe(words);
  });

  test('for a recipe, while a daemon has nothing else to do', () => {
    const tally = tallyOf({ awaitingRecipe: 2 });
    expect(render({ tally, once: false, keys: false, calls: { inFlight: 0, atMost: 5 } })).toEqual([
      'waiting for documents  2 min 29 s',
      '2 pending',
      '2 wait for their recipes',
    ]);
  });

  test('by the person at the screen', () => {
    expect(held({ paused: true })).toBe('paused: no new call, until you press p');
    expect(render({ paused: true }).at(-1)).toMatch(/^p goes on/);
  });

  test('nothing is said while nothing holds them back', () => {
    expect(render({ keys: false })).toHaveLength(3);
  });

  test('a cooldown counts down and ends', () => {
    const tally = tallyOf({ waiting: 1, cooling });
    expect([1, 11_500, 12_000].map((nowMs) => held({ tally, nowMs }))).toEqual([
      'cooling down, 12 s: too many requests',
      'cooling down, 1 s: too many requests',
      'waiting before the next attempt',
    ]);
  });
});

test.each([40, 60, 80, 120, 200])('at %d columns no line is wider, nor ends within a word', (width) => {
  const reason = 'The API asks to wait: 東京東京 ran out of room\nfor calls that are in flight at the same time.';
  const tally = { ...busy, paused: { disk: { reason } } };
  const lines = render({ tally }, width);
  expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
  expect(lines.slice(3, -1).join(' ')).toBe(`paused: ${reason.replace('\n', '\\n')}`);
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
