import { describe, expect, test } from '@jest/globals';
import type { Status } from '../../../src/cli/inspect/read-status.ts';
import { failedText, statusText as textOf } from '../../../src/cli/inspect/status.ts';

const nothing = { costUsd: 0, costUnknownAttempts: 0, attempts: 0 };
const settings = { hint: (command: string) => `sluice ${command}`, now: new Date(2026, 2, 31, 12, 2, 29).getTime() };
const statusText = (status: Status): string => textOf(status, settings);
const idle: Status = {
  asFor: { api: 'openrouter', model: 'acme/small', recipe: null, prompt: null, process: false },
  answeredElsewhere: {},
  failures: [],
  heldBack: [],
  waiting: [],
  simulated: nothing,
  documents: { done: 0, failed: 0, held: 0, pending: 0, stale: 0 },
  staleGone: 0,
  outdatedReaders: {},
  recipes: [],
  running: { calls: 0, process: null },
  inDoubt: 0,
  spent: { today: nothing, month: nothing, total: nothing },
  models: [],
};

/** What is said of so many stale results. */
const told = (stale: number, staleGone: number): string =>
  statusText({ ...idle, documents: { ...idle.documents, done: 9, stale }, staleGone });

function of(document: string, reason: string) {
  return { document, reason };
}

describe('statusText', () => {
  test('is short for a workspace in which nothing happened', () => {
    expect(statusText(idle).split('\n')).toEqual([
      '0 documents: 0 done, 0 failed, 0 held, 0 pending.',
      'As for API openrouter, acme/small, the nearest recipe of each.',
      'Running: nothing.',
      'Spent: nothing.',
    ]);
  });

  test('says all of a busy one', () => {
    const spent = { costUsd: 1.5, costUnknownAttempts: 2, attempts: 12 };
    const busy: Status = {
      simulated: nothing,
      documents: { done: 1200, failed: 2, held: 1, pending: 7, stale: 3 },
      staleGone: 0,
      outdatedReaders: { docx: 1200, eml: 2 },
      recipes: [
        {
          name: 'inbox/q1/_recipe.prompt',
          reason: 'The recipe inbox/q1/_recipe.prompt cannot be used: temprature is not known.',
          documents: 1,
        },
        { name: 'inbox/q2/_recipe.prompt', reason: 'The recipe inbox/q2/_recipe.prompt is empty.', documents: 0 },
      ],
      answeredElsewhere: { simulator: 4 },
      failures: [
        {
          code: 'refusal',
          documents: ['a', 'b', 'c', 'd', 'e'].map((document) => ({ document, reason: 'It refused.' })),
        },
        {
          code: 'bad-json',
          documents: [
            { document: 'q1/f', reason: 'Field 1.' },
            { document: 'q1/g', reason: 'Field 2.' },
          ],
        },
      ],
      heldBack: [{ code: 'cut', documents: [{ document: 'h', reason: 'It was cut.' }] }],
      waiting: [
        { reason: 'new', documents: 5, dueAt: null },
        { reason: 'the API asked to wait', documents: 2, dueAt: new Date(2026, 2, 31, 13, 5).toISOString() },
      ],
      asFor: { ...idle.asFor, process: true },
      running: { calls: 5, process: { pid: 42, host: 'box', since: new Date(2026, 2, 31, 12, 0).toISOString() } },
      inDoubt: 1,
      spent: { today: nothing, month: spent, total: spent },
      models: [{ ...spent, model: 'acme/small', api: 'https://api.test/v1', inDoubt: 1 }],
    };
    expect(statusText(busy).split('\n')).toEqual([
      '1,210 documents: 1,200 done, 2 failed, 1 held, 7 pending.',
      'As for the running process (42 on box, since 12:00).',
      'Stale: 3 results were made with another recipe, model or parameters, or from a text that another version read (--redo stale asks them again).',
      '  Read by another version: 1,200 docx, 2 eml.',
      'Answered by simulator: 4 of those done. A run as above asks them again.',
      'Failed:',
      '  5: It refused. (refusal)',
      '    a, b, c and 2 more',
      '  2, such as: Field 1. (bad-json)',
      '    q1/f, q1/g',
      'Held, as they may have been billed:',
      '  1: It was cut. (cut)',
      '    h',
      'To see each: sluice status --failed',
      'To try them again: sluice retry',
      'Pending: 5 new; 2 waiting, the first until 13:05 (the API asked to wait).',
      'The recipe inbox/q1/_recipe.prompt cannot be used: temprature is not known. (1 document waits for it)',
      'The recipe inbox/q2/_recipe.prompt is empty.',
      'Running: process 42 on box, since 12:00 (2 min 29 s); 5 calls in flight.',
      'In doubt: 1 call may have been billed without an answer.',
      'Spent (UTC): today $0.00 (0 calls); this month $1.50 and unknown for 2 attempts (12 calls); ' +
        'in all $1.50 and unknown for 2 attempts (12 calls).',
      '  acme/small at https://api.test/v1: $1.50 and unknown for 2 attempts (12 calls), 1 in doubt',
    ]);
  });

  test('lists each that failed or is held, with its reason', () => {
    const failures = [{ code: 'refusal', documents: [of('a', 'No.'), of('b', 'No.')] }];
    const heldBack = [{ code: null, documents: [of('c\n', 'Cut.'), of('d', 'Lost.')] }];
    expect(failedText({ ...idle, failures, heldBack }, settings).split('\n')).toEqual([
      '2 documents failed: No. (refusal)',
      '  a',
      '  b',
      '2 documents held:',
      String.raw`  c\n: Cut.`,
      '  d: Lost.',
      'To try them again: sluice retry',
    ]);
    expect(failedText(idle, settings)).toBe('No document failed, and none is held.');
  });

  test('says what is asked of whom where no process works, and whether flags say otherwise than it', () => {
    const recipe = { ...idle.asFor, recipe: '/p/sum.md' };
    expect(statusText({ ...idle, asFor: recipe })).toContain('As for API openrouter, acme/small, recipe /p/sum.md.');
    const prompt = { ...idle.asFor, prompt: 'Sum up' };
    expect(statusText({ ...idle, asFor: prompt })).toContain('As for API openrouter, acme/small, the prompt of -p.');
  });

  test('takes nothing of the simulator for spent', () => {
    const counted = { costUsd: 10.38, costUnknownAttempts: 0, attempts: 20 };
    const models = [{ ...counted, api: 'simulator', model: 'acme/small', inDoubt: 0 }];
    expect(
      statusText({ ...idle, simulated: counted, models })
        .split('\n')
        .slice(-2),
    ).toEqual(['Spent: nothing.', '  acme/small at the simulator: nothing; would have cost $10.38 (20 calls)']);
  });

  test('says of which stale results the document is gone', () => {
    expect(told(3, 2)).toContain(
      '(--redo stale asks them again, but not the 2 whose document is no longer in the inbox)',
    );
    expect(told(1, 1)).toContain('Stale: 1 result was made');
    expect(told(1, 1)).toContain('(no longer in the inbox: --redo stale does not ask again)');
  });

  test('never shows an unknown cost as 0', () => {
    const total = { costUsd: 0, costUnknownAttempts: 1, attempts: 1 };
    expect(statusText({ ...idle, spent: { ...idle.spent, total } })).toContain('in all unknown for 1 attempt (1 call)');
  });

  test('is harmless to a terminal, whatever a model or a host is called', () => {
    const text = statusText({
      ...idle,
      running: { calls: 0, process: { pid: 1, host: 'a\u001B[2Jb', since: 'now' } },
      recipes: [{ name: 'r\u001B[2J', reason: 'one\ntwo', documents: 0 }],
      models: [{ ...nothing, model: 'm\u001B]0;x\u0007', api: 'simulator', inDoubt: 0 }],
    });
    for (const control of ['\u001B', '\u0007']) expect(text).not.toContain(control);
    expect(text).toContain(String.raw`1 on a\u{1b}[2Jb`);
  });
});
