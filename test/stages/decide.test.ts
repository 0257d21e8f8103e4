import { describe, expect, test } from '@jest/globals';
import { DiskTrouble, PathTrouble } from '../../src/domain/errors.ts';
import type { FailureReport } from '../../src/domain/ports.ts';
import { type DecideSettings, decide } from '../../src/stages/decide.ts';
import { document, MemoryLedger, MemoryOutbox, seen } from './in-memory.ts';

interface Past {
  readonly record?: 'done' | 'failed';
  readonly recordVersion?: number;
  readonly recordApi?: string;
  readonly result?: boolean;
  readonly report?: boolean;
}

/** What is decided of version 1 of a document with this past: `work`, the event's type, or `nothing`. */
function decided(past: Past, settings: Partial<DecideSettings> = {}, initial = true, version = 1): string {
  const ledger = new MemoryLedger();
  const outbox = new MemoryOutbox();
  const { size, mtimeMs } = document('a', past.recordVersion ?? 1);
  if (past.record !== undefined)
    ledger.records.set('a', { state: past.record, size, mtimeMs, sha256: 'x', api: past.recordApi ?? 'api' });

  if (past.result) outbox.results.set('a', 'text');
  const report: FailureReport = {
    document: { id: 'a', size, mtimeMs, sha256: 'x' },
    code: '',
    reason: '',
    attempts: [],
  };
  if (past.report) outbox.reports.set('a', report);
  const decision = decide(ledger, outbox, { redo: 'changed', api: 'api', firstLook: true, ...settings })(
    seen('a', version, initial),
  );
  return decision.work ? 'work' : (decision.event?.type ?? 'nothing');
}

/** What is decided of document `a` when the outbox refuses the first look. */
function decidedAmid(trouble: Error, initial: boolean) {
  const refusals = [trouble];
  const resultTime = () => {
    const refusal = refusals.pop();
    if (refusal !== undefined) throw refusal;
    return null;
  };
  const outbox = Object.assign(new MemoryOutbox(), { resultTime });
  const settings = { redo: 'changed', api: 'api', firstLook: true } as const;
  return decide(new MemoryLedger(), outbox, settings)(seen('a', 1, initial));
}

const done: Past = { record: 'done', result: true };
const failed: Past = { record: 'failed', report: true };

describe('decide', () => {
  test.each<{ when: string; past: Past; settings?: Partial<DecideSettings>; is: string }>([
    { when: 'it was never seen', past: {}, is: 'work' },
    { when: 'it is done', past: done, is: 'document-skipped' },
    { when: 'it is done and all are to be redone', past: done, settings: { redo: 'all' }, is: 'work' },
    { when: 'its result was deleted', past: { ...done, result: false }, is: 'work' },
    { when: 'it changed since it was done', past: { ...done, recordVersion: 2 }, is: 'work' },
    {
      when: 'it changed since it was done, and nothing is redone',
      past: { ...done, recordVersion: 2 },
      settings: { redo: 'never' },
      is: 'document-skipped',
    },
    { when: 'its result came through another API', past: { ...done, recordApi: 'simulator' }, is: 'work' },
    { when: 'it failed', past: failed, is: 'document-failed' },
    { when: 'it failed, and its report was deleted', past: { ...failed, report: false }, is: 'work' },
    { when: 'it changed since it failed', past: { ...failed, recordVersion: 2 }, is: 'work' },
    { when: 'it failed and all are to be redone', past: failed, settings: { redo: 'all' }, is: 'work' },
    { when: 'only its report is left', past: { report: true }, is: 'document-failed' },
    { when: 'only its result is left', past: { result: true }, is: 'document-skipped' },
  ])('is $is when $when', ({ past, settings, is }) => {
    expect(decided(past, settings)).toBe(is);
  });

  test('takes a result without a record for done only while it is younger than its document', () => {
    expect(decided({ result: true }, {}, true, 2)).toBe('work');
    expect(decided({ result: true }, { redo: 'never' }, true, 2)).toBe('document-skipped');
  });

  test('tells of what is done in the first look alone', () => {
    expect(decided(done, {}, false)).toBe('nothing');
    expect(decided(failed, {}, false)).toBe('nothing');
    expect(decided(done, { firstLook: false }, true)).toBe('nothing');
  });

  test('redoes all in the first look alone', () => {
    expect(decided(done, { redo: 'all' }, false)).toBe('nothing');
  });

  describe('pays for nothing where it is not told whether it is done:', () => {
    const pending = { type: 'document-pending', id: 'a', reason: 'not told' };

    test('the document is pending in the first look, and the look can be repeated', () => {
      const decision = decidedAmid(new DiskTrouble('not told'), true);
      expect(decision).toMatchObject({ event: pending });
      expect(decision.work).toBeUndefined();
      expect(decision.untold?.()).toBeNull();
    });

    test('a later look leaves it at what was told before, and can be repeated', () => {
      expect(decidedAmid(new DiskTrouble('not told'), false)).toEqual({ untold: expect.any(Function) });
    });

    test.each([true, false])('a path that is barred leaves that document pending alone (first look: %s)', (initial) => {
      expect(decidedAmid(new PathTrouble('not told'), initial)).toEqual({ event: { ...pending, dueAt: null } });
    });
  });
});
