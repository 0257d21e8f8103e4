import { expect, test } from '@jest/globals';
import { summarize } from '../../src/report/summary.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import type { Tally } from '../../src/report/tally.ts';
import { stoppedFor, tallyOf } from './support.ts';

const folders = { outbox: '/w/outbox', failed: '/w/failed', simulated: false };
const textOf = (tally: Partial<Tally>): string[] => summaryText(summarize(tallyOf(tally), 12), folders).split('\n');

test('a run in which all went well', () => {
  const spent = { attempts: 8, promptTokens: 4_000, completionTokens: 900, costUsd: 0.0123 };
  expect(textOf({ succeeded: 8, ...spent })).toEqual([
    '8 documents in 12 s: 8 answered.',
    'Results: /w/outbox',
    'Cost: $0.0123 (8 calls; 4,000 tokens in, 900 out).',
  ]);
});

test('a run in which much went wrong', () => {
  const spent = { attempts: 5, retries: 3, inDoubt: 1, costUnknownAttempts: 2 };
  expect(
    textOf({ failed: 1, queued: 2, ignored: { dotfiles: 2, links: 1 }, ...spent, ...stoppedFor('account') }),
  ).toEqual([
    'Stopped: the account was refused (key, credit or quota). No further call was made.',
    '3 documents in 12 s: 0 answered, 1 failed, 2 pending.',
    'Failures: /w/failed (to try a document again, delete its report there)',
    'What is pending stays in the inbox for the next run.',
    'Cost: unknown for 2 attempts (5 calls, 3 of them repeated; 0 tokens in, 0 out). 1 call may have been billed without an answer.',
    'Ignored: dotfiles (2), links (1)',
  ]);
});

test('a run over what is done costs nothing', () => {
  expect(textOf({ skipped: 8 })).toEqual([
    '8 documents in 12 s: 0 answered, 8 skipped (done before).',
    'Results: /w/outbox',
    'Cost: nothing, no call was made.',
  ]);
});

test('a run against the simulator says that nothing was paid', () => {
  const spent = { attempts: 8, promptTokens: 4_000, completionTokens: 900, costUsd: 0.0123 };
  const summary = summarize(tallyOf({ succeeded: 8, ...spent }), 0.44);
  expect(summaryText(summary, { ...folders, simulated: true }).split('\n')).toEqual([
    '8 documents in 0.4 s: 8 answered.',
    'Results: /w/outbox',
    'Cost: nothing; a model of this price would have cost $0.0123 (8 calls; 4,000 tokens in, 900 out).',
  ]);
});
