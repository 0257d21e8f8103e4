import { expect, test } from '@jest/globals';
import { exitCode, type Summary, summarize } from '../../src/report/summary.ts';
import type { Tally } from '../../src/report/tally.ts';
import { stoppedFor, tallyOf } from './support.ts';

const ONCE = { once: true, signal: 'SIGINT' } as const;

test.each<[number, Partial<Tally>, Summary['stopped']]>([
  [0, {}, null],
  [0, { succeeded: 3, skipped: 2, reused: 1, gone: 1 }, null],
  [0, { skipped: 2, stale: 2, inDoubtBefore: 1 }, null],
  [2, { failed: 1, pending: 1 }, 'model'],
  [6, { failed: 1, pending: 1 }, 'disk'],
  [5, { failed: 1, pending: 1 }, 'account'],
  [4, { failed: 1, pending: 1 }, 'budget'],
  [3, { failed: 1, pending: 1 }, null],
  [3, { held: 1, pending: 1 }, null],
  [0, { succeeded: 1, leftByLimit: 4 }, null],
  [7, { succeeded: 1, leftByLimit: 4, pending: 1 }, null],
  [4, { succeeded: 1, overBudget: 1 }, null],
  [4, { failed: 1, overBudget: 1 }, null],
  [5, { overBudget: 1 }, 'account'],
  [2, { succeeded: 1, awaitingRecipe: 1, barredRecipes: { a: 'b' } }, null],
  [0, { succeeded: 1, barredRecipes: { a: 'b' } }, null],
  [2, { awaitingRecipe: 2, barredRecipes: { '': 'no recipe' } }, null],
  [7, { awaitingRecipe: 2, succeeded: 1, barredRecipes: { '': 'no recipe' } }, null],
  [2, { failed: 1, overBudget: 1, awaitingRecipe: 1, barredRecipes: { a: 'b' } }, 'disk'],
  [7, { succeeded: 1, pending: 1 }, null],
  [7, { queued: 1 }, null],
  [7, { succeeded: 1 }, 'duration'],
  [7, { succeeded: 1, ignored: { 'entries that cannot be read': 1 } }, null],
])('%d: %j, stopped by %j', (code, tally, stopped) => {
  expect(exitCode(summarize(tallyOf({ ...tally, ...stoppedFor(stopped) }), 1), ONCE)).toBe(code);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s gives %d, also where documents failed or are pending', (signal, code) => {
  const summary = summarize(tallyOf({ failed: 1, pending: 5, ...stoppedFor('signal') }), 1);
  expect(exitCode(summary, { once: true, signal })).toBe(code);
});

/** All that one run can come to, in the order in which it counts: 1 and 8 end the program before. */
const IN_ORDER: readonly (readonly [code: number, cause: Partial<Tally>])[] = [
  [2, stoppedFor('model')],
  [2, { awaitingRecipe: 1, barredRecipes: { a: 'b' } }],
  [6, stoppedFor('disk')],
  [5, stoppedFor('account')],
  [4, stoppedFor('budget')],
  [4, { overBudget: 1 }],
  [130, stoppedFor('signal')],
  [3, { failed: 1 }],
  [3, { held: 1 }],
  [7, stoppedFor('duration')],
  [7, { pending: 1 }],
];

/** A run stops for one reason only. */
const PAIRS = IN_ORDER.flatMap(([code, first], index) =>
  IN_ORDER.slice(index + 1)
    .filter(([, later]) => !('stopping' in first && 'stopping' in later))
    .map(([other, later]) => ({ code, other, tally: tallyOf({ ...first, ...later }) })),
);

test.each(PAIRS)('$code goes before $other', ({ code, tally }) => {
  expect(exitCode(summarize(tally, 1), ONCE)).toBe(code);
});

test('a daemon that a signal stops gives the code of the signal, whatever is left for its next start', () => {
  const left = { overBudget: 1, awaitingRecipe: 1, barredRecipes: { a: 'b' } };
  const summary = summarize(tallyOf({ ...left, ...stoppedFor('signal') }), 1);
  expect(exitCode(summary, { once: false, signal: 'SIGTERM' })).toBe(143);
});

test('a daemon whose time is over ends with 7, whatever is left for its next start', () => {
  const summary = summarize(tallyOf({ failed: 1, overBudget: 1, ...stoppedFor('duration') }), 1);
  expect(exitCode(summary, { once: false, signal: 'SIGINT' })).toBe(7);
});
