import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AttemptRecord, unheard } from '../../src/domain/attempt.ts';
import { Budget } from '../../src/gate/budget.ts';
import { type FileLedger, openLedger, openMemoryLedger } from '../../src/ledger/open.ts';
import { openLedgerReader } from '../../src/ledger/reader.ts';
import { API, answeredOf, begunOf, endedOf, RECIPE, recordOf, refusedOf, versionOf, workOff } from './lives.ts';
import { makeFolder } from './support.ts';

const STARTED = '2026-03-31T10:00:00.000Z';
const AFTER = '2026-03-31T10:00:00.001Z';
const document = versionOf('q1/report.md');

const inDoubt = unheard({ number: 1, startedAt: STARTED, seconds: 1, code: 'deadline', message: 'It took too long.' });
const notSent = refusedOf(1, { status: null, code: 'not-sent', message: 'The run ended.', counts: false });

let ledger: FileLedger;

beforeEach(() => {
  ledger = openMemoryLedger();
});

afterEach(() => ledger.close());

async function begin(reservedUsd: number | null): Promise<void> {
  await ledger.begin(begunOf(document, 1, { reservedUsd }));
}

async function ended(record: AttemptRecord): Promise<void> {
  await begin(0.5);
  await ledger.end(endedOf(document, record));
}

describe('spentSince', () => {
  test('is nothing at first', () => {
    expect(ledger.spentSince('', API)).toBe(0);
  });

  test.each<[string, AttemptRecord, number]>([
    ['what it cost, where that is known', recordOf(1, { costUsd: 0.02 }), 0.02],
    ['what it cost, also where it brought nothing', refusedOf(1, { billing: 'known', costUsd: 0.03 }), 0.03],
    ['nothing, where it was not billed', refusedOf(1), 0],
    ['nothing, where it never left', notSent, 0],
    ['what was reserved, where it may have been billed', inDoubt, 0.5],
    ['what was reserved, where it was billed and how much is not known', recordOf(1, { costUsd: null }), 0.5],
  ])('counts an attempt as %s', async (_, record, usd) => {
    await ended(record);
    expect(ledger.spentSince(STARTED, API)).toBe(usd);
  });

  test.each([
    [0.5, 0.5],
    [null, 0],
  ])('counts a call in flight, for which %p was reserved, as %p', async (reservedUsd, usd) => {
    await begin(reservedUsd);
    expect(ledger.spentSince(STARTED, API)).toBe(usd);
  });

  test('counts from a time on, by when a call ended: it is not billed before', async () => {
    await ended(recordOf(1, { costUsd: 0.02, seconds: 1.5 }));
    const since = ['2026-03-31T10:00:01.499Z', '2026-03-31T10:00:01.500Z', '2026-03-31T10:00:01.501Z'];
    expect(since.map((iso) => ledger.spentSince(iso, API))).toEqual([0.02, 0.02, 0]);
  });

  test('counts a call in flight, whenever it began: it may end on any day', async () => {
    await begin(0.5);
    expect(ledger.spentSince('2026-04-01T00:00:00.000Z', API)).toBe(0.5);
  });

  test('counts a call over midnight for the same day as the budget of the run that made it', async () => {
    let now = Date.parse('2026-03-31T23:59:30.000Z');
    const budget = new Budget({ limitUsd: 1, spentUsd: 0, perDay: true, wall: () => now });
    const reservation = budget.reserve(0.9);
    await ended(recordOf(1, { startedAt: new Date(now).toISOString(), seconds: 60, costUsd: 0.9 }));
    now += 60_000;
    reservation.charge(0.9);
    expect([budget.spentUsd, ledger.spentSince('2026-04-01T00:00:00.000Z', API)]).toEqual([0.9, 0.9]);
  });

  test('counts what went through one API alone', async () => {
    await ended(recordOf(1, { costUsd: 0.02 }));
    const other = { ...RECIPE, hash: 'b'.repeat(64), api: 'simulator' };
    const trial = versionOf('trial.md');
    await ledger.begin(begunOf(trial, 1, { reservedUsd: 0.5, recipe: other }));
    expect([API, 'simulator', 'unheard of'].map((api) => ledger.spentSince('', api))).toEqual([0.02, 0.5, 0]);
  });

  test('counts what went by the recipe of a name alone, also as it was before it was edited', async () => {
    await ended(recordOf(1, { costUsd: 0.02 }));
    const edited = { ...RECIPE, hash: 'b'.repeat(64) };
    const other = { ...RECIPE, hash: 'c'.repeat(64), name: 'other' };
    await ledger.begin(begunOf(versionOf('b.md'), 1, { reservedUsd: 0.5, recipe: edited }));
    await ledger.begin(begunOf(versionOf('c.md'), 1, { reservedUsd: 0.25, recipe: other }));
    expect([RECIPE.name, 'other', '', 'unheard of'].map((name) => ledger.spentSince('', API, name))).toEqual([
      0.52, 0.25, 0, 0,
    ]);
    expect(ledger.spentSince('', 'simulator', RECIPE.name)).toBe(0);
    expect(ledger.spentSince('', API)).toBe(0.77);
  });

  test('counts what was reserved for a call that its process did not outlive', async () => {
    const folder = makeFolder();
    const first = await openLedger(folder);
    await first.begin(begunOf(document, 1, { reservedUsd: 0.5 }));
    await first.close();
    const second = await openLedger(folder);
    expect(second.interrupted).toMatchObject([{ attempt: { code: 'process-died' } }]);
    expect(second.spentSince(STARTED, API)).toBe(0.5);
    await second.close();
  });
});

describe('recentCalls', () => {
  test('gives calls and their tokens, oldest first, from a time on', async () => {
    const other = versionOf('other.md');
    await ledger.begin(begunOf(other, 1, { startedAt: AFTER }));
    await ledger.begin(begunOf(document));
    await ledger.end(answeredOf(document, 'An answer.'));
    expect(ledger.recentCalls(STARTED)).toEqual([
      { startedAt: STARTED, tokens: 120 },
      { startedAt: AFTER, tokens: 0 },
    ]);
    expect(ledger.recentCalls(AFTER)).toEqual([{ startedAt: AFTER, tokens: 0 }]);
  });

  test('gives refused calls, and of none that never left', async () => {
    await ended(refusedOf(1));
    expect(ledger.recentCalls(STARTED)).toEqual([{ startedAt: STARTED, tokens: 0 }]);
    await ended(notSent);
    expect(ledger.recentCalls(STARTED)).toEqual([]);
  });
});

describe('a call that was recorded and never left', () => {
  test('counts neither as spending nor in the receipt, nor as a call in flight', async () => {
    const folder = makeFolder();
    const filed = await openLedger(folder);
    await filed.begin(begunOf(document));
    await filed.end(endedOf(document, notSent));
    const reader = openLedgerReader(folder);
    expect(reader?.inFlight()).toBe(0);
    expect(reader?.spending()).toEqual([]);
    expect(await filed.version(document.document.id, document.sha256 ?? '')).toMatchObject({
      attempts: [{ status: null, billing: 'none', code: 'not-sent', verdict: 'retry', counts: false }],
      lastNumber: 1,
      lastBilling: null,
    });
    await workOff(filed, document, 'An answer.', 2);
    expect(Array.from(reader?.results() ?? [], ({ receipt }) => receipt.attempts)).toEqual([1]);
    expect(reader?.spending()).toMatchObject([{ attempts: 1 }]);
    reader?.close();
    await filed.close();
  });
});
