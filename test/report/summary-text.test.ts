import { expect, test } from '@jest/globals';
import { summarize } from '../../src/report/summary.ts';
import { summaryText } from '../../src/report/summary-text.ts';
import type { Tally } from '../../src/report/tally.ts';
import { stoppedFor, tallyOf } from './support.ts';

const folders = {
  inbox: '/w/inbox',
  outbox: '/w/outbox',
  failed: '/w/failed',
  test: false,
  simulated: false,
  signal: null,
  toldWhy: false,
  stdoutRefused: false,
  quiet: false,
  width: Infinity,
  paint: (text: string) => text,
  hint: (command: string) => `sluice ${command} --root w`,
};
/** Its calls told their costs, unless the tally says otherwise. */
const textOf = (tally: Partial<Tally>): string[] =>
  summaryText(summarize(tallyOf({ costFrom: { told: 1 }, ...tally }), 12), folders).split('\n');

test('a run in which all went well', () => {
  const spent = { attempts: 8, promptTokens: 4_000, completionTokens: 900, costUsd: 0.0123 };
  expect(textOf({ succeeded: 8, ...spent })).toEqual([
    '8 documents in 12 s: 8 answered.',
    'Results: /w/outbox',
    'Cost: $0.0123 (8 calls; 4,000 tokens in, 900 out).',
  ]);
});

test('a run whose costs nobody told', () => {
  const costFrom = { told: 2, 'list 2026-09-23': 3, 'list 2026-11-20': 1, unknown: 1 };
  const lines = textOf({ succeeded: 6, attempts: 7, costUsd: 0.5, inDoubt: 1, costUnknownAttempts: 1, costFrom });
  expect(lines).toContain(
    'Cost: $0.5000 and unknown for 1 attempt (7 calls; 0 tokens in, 0 out). Priced: 3 calls by the list of 2026-09-23, ' +
      '1 call by the list of 2026-11-20; your bill may differ. 1 call may have been billed without an answer.',
  );
});

test('a cost that nobody knows is no part of a budget', () => {
  const tally = tallyOf({ pending: 5, attempts: 5, costUnknownAttempts: 5, costFrom: { unknown: 5 }, budgetUsd: 2 });
  expect(summaryText(summarize(tally, 12), folders)).toContain(
    'Cost: unknown for 5 attempts, with a budget of $2.00 (5 calls;',
  );
});

test('a run in which much went wrong', () => {
  const spent = { attempts: 5, retries: 3, inDoubt: 1, costUnknownAttempts: 2 };
  expect(
    textOf({ failed: 1, queued: 2, ignored: { dotfiles: 2, links: 1 }, ...spent, ...stoppedFor('account') }),
  ).toEqual([
    '3 documents in 12 s: 1 failed, 2 pending.',
    'Failures: /w/failed (to try again: sluice retry --root w)',
    'What is pending is left for the next run.',
    'Cost: unknown for 2 attempts (5 calls, 3 of them repeated; 0 tokens in, 0 out). 1 call may have been billed without an answer.',
    'Ignored: dotfiles (2), links (1)',
    'Stopped: the account was refused (key, credit or quota). No further call was made.',
  ]);
});

test('a run after a crash', () => {
  expect(textOf({ reused: 2, held: 1, skipped: 12, stale: 12, inDoubtBefore: 3 })).toEqual([
    '15 documents in 12 s: 12 skipped (done before), 2 reused at no cost, 1 held.',
    'Results: /w/outbox',
    '12 results were made with another recipe, model or parameters, or from a text that another version read; --redo stale asks them again.',
    'Held for a person: the request left and no whole reply came back (to send it again: sluice retry --root w)',
    'Cost: nothing, no call was made.',
    '3 calls were in flight when the program last died; they may have been billed.',
  ]);
});

test.each([
  [
    { documents: 3, kinds: { chart: 1200, picture: 1 } },
    '3 documents were read in part; left out of them: 1,200 charts, 1 picture.',
  ],
  [
    { documents: 1, kinds: { 'embedded object': 2 } },
    '1 document was read in part; left out of it: 2 embedded objects.',
  ],
])('a run whose documents were read in part: %j', (leftOut, line) => {
  expect(textOf({ succeeded: 3, leftOut })).toContain(line);
});

test('one result and one call are in the singular', () => {
  const lines = textOf({ skipped: 1, stale: 1, inDoubtBefore: 1 });
  expect(lines).toContain(
    '1 result was made with another recipe, model or parameters, or from a text that another version read; --redo stale asks it again.',
  );
  expect(lines).toContain('1 call was in flight when the program last died; it may have been billed.');
});

test.each([
  [
    'request',
    { stdoutRefused: true },
    'Stopped, as stdout takes no more answers: its reader is gone, or its disk is full.',
  ],
  ['request', {}, 'Stopped, as it was asked to.'],
  ['signal', { signal: 'SIGINT' }, 'Stopped, as you asked.'],
  ['signal', { signal: 'SIGTERM' }, 'Stopped by the signal SIGTERM.'],
] as const)('a run that was stopped by a %s: %j', (reason, settings, line) => {
  const summary = summarize(tallyOf({ succeeded: 1, ...stoppedFor(reason) }), 12);
  expect(
    summaryText(summary, { ...folders, ...settings })
      .split('\n')
      .at(-1),
  ).toBe(line);
});

test('a run that its budget stopped, and that ran into limits', () => {
  const limits = { 'rate-limited': 12, 'too-many-at-once': 1 };
  const tally = tallyOf({
    succeeded: 8,
    attempts: 21,
    retries: 13,
    costUsd: 1.95,
    limits,
    costFrom: { told: 8 },
    budgetUsd: 2,
    stopping: {
      type: 'run-stopping',
      reason: 'budget',
      signal: null,
      graceSeconds: 60,
      cause: '$0.0500 of the budget of $2.00 are left',
    },
  });
  expect(summaryText(summarize(tally, 12), folders).split('\n')).toEqual([
    '8 documents in 12 s: 8 answered.',
    'Results: /w/outbox',
    'Cost: $1.95 of a budget of $2.00 (21 calls, 13 of them repeated; 0 tokens in, 0 out).',
    'Limits of the API that calls ran into: rate limit (12 calls), too many at once (1 call).',
    'Stopped by the budget (--max-cost). $0.0500 of the budget of $2.00 are left.',
  ]);
  expect(
    summaryText(summarize(tally, 12), { ...folders, simulated: true })
      .split('\n')
      .slice(2, 3),
  ).toEqual([
    'Cost: nothing; a model of this price would have cost $1.95 of a budget of $2.00 (21 calls, 13 of them repeated; 0 tokens in, 0 out).',
  ]);
  expect(summaryText(summarize(tally, 12), { ...folders, simulated: true })).toMatch(
    /are left\. The simulator is free: this is what a model of this price would cost\.$/,
  );
});

test('a run that met a cache, a recipe that cannot be used, and one whose budget is spent', () => {
  const spent = { attempts: 8, promptTokens: 4_000, cachedTokens: 3_000, completionTokens: 900, costUsd: 0.0123 };
  const barredRecipes = {
    'q1/_recipe.prompt': 'The recipe q1/_recipe.prompt cannot be used:\ntemprature is not known.',
  };
  expect(textOf({ succeeded: 8, pending: 1, awaitingRecipe: 1, overBudget: 3, barredRecipes, ...spent })).toEqual([
    '13 documents in 12 s: 8 answered, 5 pending.',
    'Results: /w/outbox',
    'What is pending is left for the next run.',
    'Not asked: 3 documents, as what may be spent with their recipe (max_cost) is spent.',
    'Not asked: The recipe q1/_recipe.prompt cannot be used:\\ntemprature is not known.',
    'Cost: $0.0123 (8 calls; 4,000 tokens in (3,000 of them from a cache), 900 out).',
  ]);
  expect(textOf({ overBudget: 1 })).toContain(
    'Not asked: 1 document, as what may be spent with its recipe (max_cost) is spent.',
  );
});

test('why documents without a recipe are not asked is told once', () => {
  const tally = tallyOf({ pending: 1, awaitingRecipe: 1, barredRecipes: { '': 'No recipe says what to ask.' } });
  const lines = (toldWhy: boolean) => summaryText(summarize(tally, 12), { ...folders, toldWhy }).split('\n');
  expect(lines(false)).toContain('Not asked: documents that have no recipe. No recipe says what to ask.');
  expect(lines(true)).toContain('Not asked: documents that have no recipe.');
});

test('a run that a model ended says why, and what to do', () => {
  const cause = 'The API answers from another address: set --api to the final one (HTTP 301).';
  const stopping = { type: 'run-stopping', reason: 'model', signal: null, graceSeconds: 60, cause } as const;
  expect(textOf({ pending: 2, stopping }).at(-1)).toBe(
    `Stopped: the model takes no request as things are. No further call was made. ${cause}`,
  );
});

test('a run that leaves documents says why', () => {
  const pendingReasons = ['the API is out of reach; the last call: HTTP 502', 'it is still\nbeing written'];
  expect(textOf({ pending: 3, pendingReasons })).toContain(
    'What is pending is left for the next run: the API is out of reach; the last call: HTTP 502; ' +
      'it is still\\nbeing written',
  );
  expect(textOf({ succeeded: 3, pendingReasons }).join('')).not.toContain('out of reach');
});

test('a run that the disk stopped', () => {
  expect(textOf(stoppedFor('disk')).at(-1)).toBe('Stopped: the disk or the ledger refused. No further call was made.');
});

test('a run that only reused answers says where the results are', () => {
  expect(textOf({ reused: 1 })).toContain('Results: /w/outbox');
});

test('a run over what is done costs nothing', () => {
  expect(textOf({ skipped: 8 })).toEqual([
    '8 documents in 12 s: 8 skipped (done before).',
    'Results: /w/outbox',
    'Cost: nothing, no call was made.',
  ]);
});

test('a run against the simulator says that nothing was paid', () => {
  const spent = { attempts: 8, promptTokens: 4_000, completionTokens: 900, costUsd: 0.0123 };
  const summary = summarize(tallyOf({ succeeded: 8, ...spent, costFrom: { simulated: 8 } }), 0.44);
  expect(summaryText(summary, { ...folders, simulated: true }).split('\n')).toEqual([
    '8 documents in 0.4 s: 8 answered.',
    'Results: /w/outbox',
    'Cost: nothing; a model of this price would have cost $0.0123 (8 calls; 4,000 tokens in, 900 out).',
  ]);
});

test('a run whose API does not take all that is sent', () => {
  const [one, other] = [
    { api: 'https://api', model: 'm', field: 'reasoning' },
    { api: 'https://api', model: 'm', field: 'max_tokens', sentAs: 'max_completion_tokens' },
  ];
  expect(textOf({ dropped: [one, other] })).toContain(
    'Left out of requests, as the API does not take it: reasoning (m); max_tokens, sent as max_completion_tokens (m).',
  );
});

test('a run in which nothing was done but to find failures of earlier ones says that they were not tried', () => {
  expect(textOf({ failed: 31, failedEarlier: 31 })).toEqual([
    '31 documents in 12 s: 31 failed earlier.',
    '31 failed earlier, not tried again (sluice retry --root w)',
    'Cost: nothing, no call was made.',
  ]);
  expect(textOf({ failed: 33, failedEarlier: 31 })).toContain(
    'Failures: /w/failed (to try again: sluice retry --root w)',
  );
});

test('an empty inbox is named', () => {
  expect(textOf({})).toEqual(['No document is in /w/inbox: put some there.']);
});

test('calls that were refused cost nothing', () => {
  expect(textOf({ pending: 2, attempts: 2, costFrom: {} })).toContain('Cost: nothing (2 calls without an answer).');
});

test('in short it is the closing line, and what stopped the run', () => {
  const summary = summarize(tallyOf({ failed: 1, pending: 2, ...stoppedFor('account') }), 149);
  expect(summaryText(summary, { ...folders, quiet: true }).split('\n')).toEqual([
    '3 documents in 2 min 29 s: 1 failed, 2 pending.',
    'Stopped: the account was refused (key, credit or quota). No further call was made.',
  ]);
});

test.each([40, 60, 80])('on a terminal of %d columns no line ends within a word', (width) => {
  const summary = summarize(tallyOf({ failed: 33, failedEarlier: 31, ...stoppedFor('model') }), 12);
  const [lines, whole] = [width, Infinity].map((columns) => summaryText(summary, { ...folders, width: columns }));
  expect(lines?.split('\n').filter((line) => line.length > width)).toEqual([]);
  expect(lines?.replaceAll('\n', ' ')).toBe(whole?.replaceAll('\n', ' '));
});

test('an inbox of which no document is chosen', () => {
  expect(textOf({ ignored: { 'left out by --include or --exclude': 6 } })[0]).toBe(
    'No document of /w/inbox is chosen.',
  );
});

test('what --limit left is told, and is no other pending', () => {
  expect(textOf({ succeeded: 2, leftByLimit: 4, attempts: 2 }).slice(0, 2)).toEqual([
    '6 documents in 12 s: 2 answered, 4 left by --limit.',
    'Results: /w/outbox',
  ]);
  expect(textOf({ succeeded: 2, leftByLimit: 4, pending: 1 })[0]).toContain(
    '2 answered, 1 pending, 4 left by --limit.',
  );
});

test('after a trial no command is told that would set back what other runs did', () => {
  const text = summaryText(summarize(tallyOf({ failed: 1, held: 1 }), 1), { ...folders, test: true });
  expect(text).toContain('Failures: /w/failed\n');
  expect(text).not.toContain('retry');
});
