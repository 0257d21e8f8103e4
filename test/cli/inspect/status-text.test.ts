import { describe, expect, test } from '@jest/globals';
import { type Status, statusText } from '../../../src/cli/inspect/status.ts';

const nothing = { costUsd: 0, costUnknownAttempts: 0, attempts: 0 };
const idle: Status = {
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

describe('statusText', () => {
  test('is short for a workspace in which nothing happened', () => {
    expect(statusText(idle).split('\n')).toEqual([
      '0 documents: 0 done, 0 failed, 0 held, 0 pending.',
      'Running: nothing.',
      'Spent (UTC): today $0.00 (0 calls); this month $0.00 (0 calls); in all $0.00 (0 calls).',
    ]);
  });

  test('says all of a busy one', () => {
    const spent = { costUsd: 1.5, costUnknownAttempts: 2, attempts: 12 };
    const busy: Status = {
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
      running: { calls: 5, process: { pid: 42, host: 'box', since: '2026-03-31T10:00:00.000Z' } },
      inDoubt: 1,
      spent: { today: nothing, month: spent, total: spent },
      models: [{ ...spent, model: 'acme/small', api: 'https://api.test/v1', inDoubt: 1 }],
    };
    expect(statusText(busy).split('\n')).toEqual([
      '1,210 documents: 1,200 done, 2 failed, 1 held, 7 pending.',
      'Stale: 3 results were made with another recipe, model or parameters, or of what another version read (--redo stale asks them again).',
      '  Read by another version: 1,200 docx, 2 eml.',
      'To have failed and held documents tried again: sluice retry',
      'The recipe inbox/q1/_recipe.prompt cannot be used: temprature is not known. (1 document waits for it)',
      'The recipe inbox/q2/_recipe.prompt is empty.',
      'Running: 5 calls in flight, by process 42 on box since 2026-03-31T10:00:00.000Z.',
      'In doubt: 1 call may have been billed without an answer.',
      'Spent (UTC): today $0.00 (0 calls); this month $1.50 and unknown for 2 attempts (12 calls); ' +
        'in all $1.50 and unknown for 2 attempts (12 calls).',
      '  acme/small at https://api.test/v1: $1.50 and unknown for 2 attempts (12 calls), 1 in doubt',
    ]);
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
      running: { calls: 0, process: { pid: 1, host: 'a\u001B[2Jb', since: 'now\n' } },
      recipes: [{ name: 'r\u001B[2J', reason: 'one\ntwo', documents: 0 }],
      models: [{ ...nothing, model: 'm\u001B]0;x\u0007', api: 'simulator', inDoubt: 0 }],
    });
    for (const control of ['\u001B', '\u0007']) expect(text).not.toContain(control);
    expect(text).toContain(String.raw`a\u{1b}[2Jb since now\n`);
  });
});
