import { expect, test } from '@jest/globals';
import { retryText } from '../../../src/cli/inspect/retry.ts';

const soon = 'A running daemon takes them within a second or two, else the next run does: sluice --once';

test.each([
  [[], null, 'Nothing to try again: no document failed, is held, or waits for its time.'],
  [[], 'q1/*', 'Nothing to try again: no document that matches q1/* failed, is held, or waits for its time.'],
  [['failed'], null, `1 document back to pending (1 failed). ${soon}`],
  [['held', 'failed', 'held'], '**', `3 documents back to pending (1 failed, 2 held). ${soon}`],
] as const)('of %j, asked for by %j: %s', (states, glob, text) => {
  expect(
    retryText(
      states.map((was) => ({ was })),
      glob,
      soon,
    ),
  ).toBe(text);
});
