import { describe, expect, test } from '@jest/globals';
import type { FileState } from '../../src/domain/document.ts';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import { LEFT_OUT } from '../../src/domain/events.ts';
import type { FailureReport } from '../../src/domain/ports.ts';
import { Signal } from '../../src/lib/signal.ts';
import { decide } from '../../src/pipeline/decide.ts';
import { RedoAll } from '../../src/pipeline/redo-all.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { asText, document, identity, MemoryOutbox, recipe, seen } from './in-memory.ts';
import { MemoryLedger } from './memory-ledger.ts';

type DecideSettings = Parameters<typeof decide>[0]['settings'];

interface Past {
  readonly record?: 'done' | 'failed' | 'held' | 'pending';
  readonly recordVersion?: number;
  readonly recordApi?: string;
  readonly recordRecipe?: string | null;
  readonly dueAt?: number;
  readonly result?: boolean;
  readonly report?: boolean;
}

const recipes = { choose: () => recipe };

function redoOf(...asked: readonly string[]): RedoAll {
  return new RedoAll({ asked: new Set(asked), onFinished: () => undefined });
}

function settingsOf(changes: Partial<DecideSettings> = {}): DecideSettings {
  return {
    api: 'api',
    redo: 'changed',
    after: 'keep',
    test: false,
    redoAll: changes.redo === 'all' ? redoOf() : null,
    limit: null,
    firstLook: true,
    clock: virtualTime().clock,
    ...changes,
  };
}

/** What ledger and outbox hold of documents `a` with this past. */
function pastOf(past: Past): { readonly ledger: MemoryLedger; readonly outbox: MemoryOutbox } {
  const ledger = new MemoryLedger();
  const outbox = new MemoryOutbox();
  const { size, mtimeMs } = document('a', past.recordVersion ?? 1);
  if (past.record !== undefined) {
    const { recordApi: api = 'api', recordRecipe = identity.hash, dueAt = null } = past;
    ledger.records.set('a', { state: past.record, size, mtimeMs, api, recipe: recordRecipe, dueAt, readers: [] });
  }
  if (past.result) outbox.results.set('a', 'text');
  const report: FailureReport = {
    document: { id: 'a', size, mtimeMs, sha256: 'x' },
    code: '',
    reason: '',
    attempts: [],
  };
  if (past.report) outbox.reports.set('a', report);
  return { ledger, outbox };
}

/** Decides over documents `a` with this past. */
function decider(past: Past, settings: Partial<DecideSettings> = {}) {
  return decide({ ...pastOf(past), recipes, converter: asText, closing: new Signal(), settings: settingsOf(settings) });
}

/** What is decided of version 1 of a document with this past: `work`, the event's type, or `nothing`. */
function decided(past: Past, settings: Partial<DecideSettings> = {}, initial = true, version = 1): string {
  const { work, events } = decider(past, settings)(seen('a', version, initial));
  return work.length > 0 ? 'work' : (events[0]?.type ?? 'nothing');
}

/** What is decided of document `a` when the outbox refuses the first look. */
function decidedAmid(error: Error, initial: boolean) {
  const refusals = [error];
  const resultOf = () => {
    const refusal = refusals.pop();
    if (refusal !== undefined) throw refusal;
    return null;
  };
  const outbox = Object.assign(new MemoryOutbox(), { resultOf });
  return decide({
    ledger: new MemoryLedger(),
    outbox,
    recipes,
    converter: asText,
    closing: new Signal(),
    settings: settingsOf(),
  })(seen('a', 1, initial));
}

const scanFinished = {
  type: 'scan-finished',
  initial: true,
  documents: 1,
  settling: 0,
  ignored: {},
  seconds: 1,
} as const;

const nothing = { events: [], work: [], chores: [] };

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
    {
      when: 'it is done, and this redo asked it before it was stopped',
      past: done,
      settings: { redo: 'all', redoAll: redoOf('a') },
      is: 'document-skipped',
    },
    {
      when: 'this redo asked it before it was stopped, with another recipe',
      past: { ...done, recordRecipe: 'older' },
      settings: { redo: 'all', redoAll: redoOf('a') },
      is: 'work',
    },
    {
      when: 'it failed in this redo before that was stopped',
      past: failed,
      settings: { redo: 'all', redoAll: redoOf('a') },
      is: 'document-failed',
    },
    {
      when: 'it is held and all are to be redone',
      past: { record: 'held' },
      settings: { redo: 'all' },
      is: 'document-held',
    },
    { when: 'it failed through another API', past: { ...failed, recordApi: 'other' }, is: 'work' },
    { when: 'it is held', past: { record: 'held' }, is: 'document-held' },
    { when: 'it changed since it was held', past: { record: 'held', recordVersion: 2 }, is: 'work' },
    { when: 'it was begun through another API', past: { record: 'pending', recordApi: 'other', dueAt: 9 }, is: 'work' },
    { when: 'it is not due', past: { record: 'pending', dueAt: 1 }, is: 'document-pending' },
    { when: 'it is due', past: { record: 'pending', dueAt: 0 }, is: 'nothing' },
    { when: 'it changed while it was not due', past: { record: 'pending', dueAt: 1, recordVersion: 2 }, is: 'work' },
    { when: 'it was made with another recipe', past: { ...done, recordRecipe: 'older' }, is: 'document-skipped' },
    {
      when: 'it was made with another recipe, and stale results are redone',
      past: { ...done, recordRecipe: 'older' },
      settings: { redo: 'stale' },
      is: 'work',
    },
    {
      when: 'how it was made is not known, and stale results are redone',
      past: { ...done, recordRecipe: null },
      settings: { redo: 'stale' },
      is: 'document-skipped',
    },
    { when: 'only its report is left', past: { report: true }, is: 'document-failed' },
    { when: 'only its result is left', past: { result: true }, is: 'document-skipped' },
  ])('is $is when $when', ({ past, settings, is }) => {
    expect(decided(past, settings)).toBe(is);
  });

  test('takes a result without a record for done only while it is younger than its document', () => {
    expect(decided({ result: true }, {}, true, 2)).toBe('work');
    expect(decided({ result: true }, { redo: 'never' }, true, 2)).toBe('document-skipped');
  });

  test('does not take the result of another document for its own, where its recipe gives it that place', () => {
    const ledger = new MemoryLedger();
    const outbox = new MemoryOutbox();
    outbox.results.set('one', 'text');
    const shared = { choose: () => ({ ...recipe, place: () => ({ name: 'one', ending: '.md' }) }) };
    const look = () =>
      decide({ ledger, outbox, recipes: shared, converter: asText, closing: new Signal(), settings: settingsOf() })(
        seen('a', 1, true),
      );
    expect(look().work).toHaveLength(0);
    ledger.paths.set('b', 'one.md');
    expect(look().work).toHaveLength(1);
  });

  test('does not take the result of another document for its own, where that has the place of its name', () => {
    const ledger = new MemoryLedger();
    const outbox = new MemoryOutbox();
    outbox.results.set('a', 'text');
    const look = () =>
      decide({ ledger, outbox, recipes, converter: asText, closing: new Signal(), settings: settingsOf() })(
        seen('a', 1, true),
      );
    expect(look().work).toHaveLength(0);
    ledger.paths.set('a.txt', 'a.md');
    expect(look().work).toHaveLength(1);
  });

  test('does not ask the ledger whose result it is for a document that is done and keeps its name', () => {
    const ledger = Object.assign(new MemoryLedger(), {
      ownerOf: () => {
        throw new Error('a look at the disk for each of 100,000 documents');
      },
    });
    const outbox = new MemoryOutbox();
    ledger.records.set('a', {
      state: 'done',
      size: 1,
      mtimeMs: 1,
      api: 'api',
      recipe: 'older',
      dueAt: null,
      readers: [],
    });
    outbox.results.set('a', 'text');
    const { events } = decide({
      ledger,
      outbox,
      recipes,
      converter: asText,
      closing: new Signal(),
      settings: settingsOf(),
    })(seen('a', 1, true));
    expect(events).toMatchObject([{ type: 'document-skipped' }]);
  });

  test('takes a result that an earlier recipe put elsewhere for done, as long as it is there', () => {
    const ledger = new MemoryLedger();
    const outbox = new MemoryOutbox();
    ledger.records.set('a', {
      state: 'done',
      size: 1,
      mtimeMs: 1,
      api: 'api',
      recipe: 'older',
      dueAt: null,
      readers: [],
    });
    ledger.paths.set('a', 'elsewhere.md');
    const look = () =>
      decide({ ledger, outbox, recipes, converter: asText, closing: new Signal(), settings: settingsOf() })(
        seen('a', 1, true),
      );
    expect(look().work).toHaveLength(1);
    outbox.results.set('elsewhere', 'text');
    expect(look().events).toMatchObject([{ type: 'document-skipped', stale: true }]);
  });

  test('tells of what is done in the first look alone', () => {
    expect(decided(done, {}, false)).toBe('nothing');
    expect(decided(failed, {}, false)).toBe('nothing');
    expect(decided(done, { firstLook: false }, true)).toBe('nothing');
  });

  test('redoes all in the first look alone', () => {
    const decideAfterScan = decider(done, { redo: 'all' });
    decideAfterScan(scanFinished);
    expect(decideAfterScan(seen('a', 1, false))).toEqual(nothing);
  });

  test('redoes what a stopped redo began, and what it could not ask at the first look', () => {
    const begun: Past = { record: 'pending', result: true };
    const past = pastOf(begun);
    past.ledger.paths.set('a', 'a.md');
    const redoAll = redoOf();
    const settings = settingsOf({ redo: 'all', redoAll });
    const look = decide({ ...past, recipes, converter: asText, closing: new Signal(), settings });
    redoAll.add('a');
    look(scanFinished);
    expect(look(seen('a', 1, false)).work).toMatchObject([{ redo: true }]);
    redoAll.onEvent({ type: 'document-pending', id: 'a', reason: 'later', dueAt: null });
    expect(look(seen('a', 1, false)).work).toMatchObject([{ redo: true }]);
    redoAll.onEvent({ type: 'document-failed', id: 'a', code: 'x', reason: 'x', report: null, earlier: false });
    expect(look(seen('a', 1, false)).work).toMatchObject([{ redo: false }]);
  });

  test('lets the input of what was answered go, at every look, and of what it does not know the making never', () => {
    const after = 'archive';
    const chores = [{ kind: 'release', key: 'release a', document: document('a') }];
    expect(decider(done, { after })(seen('a')).chores).toEqual(chores);
    expect(decider(done, { after })(seen('a', 1, false))).toEqual({ ...nothing, chores });
    expect(decider({ ...done, recordRecipe: null }, { after })(seen('a')).chores).toEqual([]);
    expect(decider(failed, { after })(seen('a')).chores).toEqual([]);
    expect(decider(done)(seen('a')).chores).toEqual([]);
  });

  test('takes no more work than its limit; what is done does not count', () => {
    const decideOf = decider({}, { limit: 2 });
    const taken = ['a', 'b', 'c'].map((id) => decideOf(seen(id)).work.length);
    expect(taken).toEqual([1, 1, 0]);
    expect(decideOf(seen('d')).events).toMatchObject([{ type: 'document-pending', id: 'd', cause: 'limit' }]);
    expect(decideOf(seen('d', 1, false))).toEqual(nothing);
    const tried = decider({ record: 'pending' }, { limit: 1 });
    for (const id of ['a', 'b']) tried(seen(id));
    expect(tried(scanFinished)).toMatchObject({ work: [], events: [{ id: 'a', cause: 'limit' }, scanFinished] });
    const skipping = decider(done, { limit: 1, after: 'archive' });
    expect(skipping(seen('a')).chores).toMatchObject([{ kind: 'release', document: document('a') }]);
    expect(skipping(seen('b')).work).toHaveLength(1);
  });

  test('says which globs match no document, once the first scan is over', () => {
    const decideOf = decider({});
    const finished = { ...scanFinished, unmatched: ["--exclude 'b.mdx'"] };
    const note = { type: 'run-noted', level: 'warn', message: "--exclude 'b.mdx' matches no document" };
    expect(decideOf(finished).events).toEqual([finished, note]);
    expect(decideOf({ ...finished, initial: false }).events).toEqual([{ ...finished, initial: false }]);
  });

  test('where only some documents are meant, the others are as if they were not there', () => {
    const decideOf = decider({}, { only: new Set(['b']) });
    expect(decideOf(seen('a'))).toEqual(nothing);
    expect(decideOf({ type: 'document-unsettled', id: 'a' })).toEqual(nothing);
    expect(decideOf(seen('b')).work).toHaveLength(1);
    expect(decideOf({ type: 'document-unsettled', id: 'b' }).events).toHaveLength(1);
    expect(decider(done, { only: new Set() })(seen('a'))).toEqual(nothing);
  });

  test('keeps to a wait that the same was asked for, not to one of another model or of a clock gone wrong', () => {
    const parked: Past = { record: 'pending', dueAt: 1 };
    expect(decided(parked)).toBe('document-pending');
    expect(decided({ ...parked, recordRecipe: 'older' })).toBe('nothing');
    expect(decided({ ...parked, dueAt: 25 * 3_600_000 })).toBe('nothing');
  });

  test('says which results are stale', () => {
    expect(decider({ ...done, recordRecipe: 'older' })(seen('a')).events).toMatchObject([{ stale: true }]);
    expect(decider(done)(seen('a')).events).toMatchObject([{ stale: false }]);
  });

  test('puts what was tried before behind all that was not, until the first scan is over', () => {
    const decideOf = decider({ record: 'pending' });
    expect(decideOf(seen('a'))).toEqual(nothing);
    expect(decideOf(scanFinished)).toMatchObject({ work: [{ document: { id: 'a' }, startOver: false }] });
    expect(decideOf(scanFinished)).toMatchObject({ work: [] });
    expect(decideOf(seen('a', 1, false))).toMatchObject({ work: [{ document: { id: 'a' } }] });
  });

  test.each<[string, Past, boolean]>([
    ['its report was deleted', { ...failed, report: false }, true],
    ['it failed through another API', { ...failed, recordApi: 'other' }, true],
    ['it was never seen', {}, false],
    ['it changed since it failed', { ...failed, recordVersion: 2 }, false],
  ])('lets earlier attempts count or not where %s', (_, past, startOver) => {
    expect(decider(past)(seen('a')).work).toMatchObject([{ startOver }]);
  });

  test('has the ledger learn of results that it does not know, and says how many there were', () => {
    const decideOf = decider({ result: true });
    expect(decideOf(seen('a'))).toMatchObject({
      events: [{ type: 'document-skipped' }],
      chores: [
        {
          kind: 'record',
          settlement: { state: 'done', document: { id: 'a' }, sha256: null, recipe: null, api: 'api', result: 'a.md' },
        },
      ],
    });
    expect(decideOf(scanFinished).events).toMatchObject([
      { type: 'scan-finished' },
      { type: 'run-noted', level: 'warn', message: expect.stringMatching(/^1 result /) },
    ]);
  });

  test('chooses what a trial takes once all is seen, also what failed in an earlier one, and later what is left', () => {
    const decideOf = decider({ record: 'failed', report: true }, { redo: 'all', test: true, limit: 3 });
    for (const id of ['a', 'b.md']) expect(decideOf(seen(id)).work).toEqual([]);
    expect(decideOf(scanFinished).work).toMatchObject([{ document: { id: 'a' } }, { document: { id: 'b.md' } }]);
    expect(decideOf(seen('late'))).toEqual(nothing);
  });

  test('a trial chooses files that are still being written, too, and takes them once they stand still', () => {
    const decideOf = decider({}, { redo: 'all', test: true, limit: 3 });
    const young = (id: string) => decideOf({ type: 'document-young', document: document(id) });
    expect(decideOf(seen('q1/a.md')).work).toEqual([]);
    for (const id of ['q1/b.md', 'q2/c.pdf', 'q3/d.txt']) expect(young(id)).toEqual(nothing);
    expect(decideOf({ ...scanFinished, settling: 3 }).work).toMatchObject([{ document: { id: 'q1/a.md' } }]);
    expect(decideOf(seen('q1/b.md'))).toEqual(nothing);
    expect(decideOf(seen('q2/c.pdf')).work).toMatchObject([{ document: { id: 'q2/c.pdf' } }]);
    expect(decideOf({ type: 'document-unsettled', id: 'q1/b.md' })).toEqual(nothing);
    expect(decideOf({ type: 'document-unsettled', id: 'q3/d.txt' }).events).toHaveLength(1);
  });

  test.each([
    [1, 'the only one in the inbox is'],
    [1200, 'all 1200 in the inbox are'],
  ])('says so if no document is chosen of %d', (leftOut, told) => {
    const { events } = decider({})({ ...scanFinished, documents: 0, ignored: { [LEFT_OUT]: leftOut } });
    expect(events.slice(1)).toEqual([
      { type: 'run-noted', level: 'warn', message: `No document is chosen: ${told} ${LEFT_OUT}` },
    ]);
    expect(decider({})({ ...scanFinished, ignored: { [LEFT_OUT]: leftOut } }).events).toHaveLength(1);
  });

  describe('pays for nothing where it is not told whether it is done:', () => {
    const pending = { type: 'document-pending', id: 'a', reason: 'not told' };

    test('the document is pending in the first look, and the look can be repeated', () => {
      const decision = decidedAmid(new DiskError('not told'), true);
      expect(decision).toMatchObject({ events: [pending], work: [], chores: [{ kind: 'look' }] });
      const [chore] = decision.chores;
      expect(chore?.kind === 'look' && chore.look()).toMatchObject({ kind: 'work' });
    });

    test('a later look leaves it at what was told before, and can be repeated', () => {
      expect(decidedAmid(new DiskError('not told'), false)).toMatchObject({
        events: [],
        work: [],
        chores: [{ kind: 'look' }],
      });
    });

    test.each([true, false])('a path that is barred leaves that document pending alone (first look: %s)', (initial) => {
      expect(decidedAmid(new PathError('not told'), initial)).toEqual({
        ...nothing,
        events: [{ ...pending, dueAt: null }],
      });
    });
  });

  test.each<[string, Past, string]>([
    ['done', done, 'document-skipped'],
    ['done, and changed since', { ...done, recordVersion: 2 }, 'document-pending'],
    ['done through another API', { ...done, recordApi: 'other' }, 'document-pending'],
    ['failed', failed, 'document-failed'],
    ['held', { record: 'held' }, 'document-held'],
    ['never seen', {}, 'document-pending'],
  ])('when the run ends, only counts a document that is %s, without a look at the disk', (_, past, type) => {
    const closing = new Signal();
    const { ledger } = pastOf(past);
    const outbox = Object.assign(new MemoryOutbox(), { resultOf: barred, failedVersion: barred });
    const decideOf = decide({ ledger, outbox, recipes, converter: asText, closing, settings: settingsOf() });
    closing.fire();
    expect(decideOf(seen('a'))).toMatchObject({ events: [{ type, id: 'a' }], work: [] });
    expect(decideOf(seen('a', 1, false))).toEqual(nothing);
  });
});

function barred(): never {
  throw new DiskError('no look is needed');
}

describe('the state of a file', () => {
  const known = { size: 1, mtimeMs: 1, ctimeMs: 10, inode: 100 };
  const record = { state: 'done', api: 'api', recipe: identity.hash, dueAt: null, readers: [] } as const;
  const found = (id: string, changes: Partial<FileState> = {}) =>
    ({ type: 'document-seen', document: { id, ...known, ...changes }, initial: true }) as const;
  const finished = {
    type: 'scan-finished',
    initial: true,
    documents: 1,
    settling: 0,
    ignored: {},
    seconds: 0,
  } as const;

  function decisions(records: Readonly<Record<string, FileState>>, settings: Partial<DecideSettings> = {}) {
    const { ledger, outbox } = pastOf({});
    for (const [id, state] of Object.entries(records)) {
      ledger.records.set(id, { ...record, ...state });
      outbox.results.set(id, 'text');
    }
    return decide({
      ledger,
      outbox,
      recipes,
      converter: asText,
      closing: new Signal(),
      settings: settingsOf(settings),
    });
  }

  test.each<[string, Partial<FileState>]>([
    ['size', { size: 2 }],
    ['mtime', { mtimeMs: 2 }],
    ['ctime', { ctimeMs: 11 }],
    ['inode', { inode: 101 }],
  ])('with another %s, its document is read again; with none, it is done', (_, changes) => {
    expect(decisions({ a: known })(found('a', changes)).work).toHaveLength(1);
    expect(decisions({ a: known })(found('a')).work).toHaveLength(0);
    const [event] = decisions({ a: known }, { redo: 'never' })(found('a', changes)).events;
    expect(event).toMatchObject({ type: 'document-skipped', reason: expect.stringContaining('its file changed') });
  });

  test('of which a part was never recorded, is completed after the scan, and nothing is read for that', () => {
    const unknown = { ctimeMs: null, inode: null };
    const decideOf = decisions({ a: { ...known, ...unknown }, b: known, c: { ...known, ...unknown } });
    for (const id of ['a', 'b']) expect(decideOf(found(id))).toMatchObject({ work: [], chores: [] });
    expect(decideOf(found('c', { mtimeMs: 2 })).work).toHaveLength(1);
    const { chores } = decideOf(finished);
    expect(chores).toMatchObject([{ kind: 'complete', documents: [{ id: 'a', ...known }] }]);
    expect(decideOf({ ...finished, initial: false }).chores).toEqual([]);
  });

  test('is completed for a thousand at a time', () => {
    const ids = Array.from({ length: 2500 }, (_, index) => `${index}.txt`);
    const state = { size: 1, mtimeMs: 1, ctimeMs: null, inode: null };
    const decideOf = decisions(Object.fromEntries(ids.map((id) => [id, state])));
    const chores = [...ids.map((id) => decideOf(found(id))), decideOf(finished)].flatMap((decision) => decision.chores);
    expect(chores.map((chore) => (chore.kind === 'complete' ? chore.documents.length : 0))).toEqual([1000, 1000, 500]);
    expect(new Set(chores.map(({ key }) => key)).size).toBe(3);
  });
});
