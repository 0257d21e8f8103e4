import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import type { LedgerReader } from '../../src/domain/receipt.ts';
import { openLedgerReader } from '../../src/ledger/reader.ts';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import {
  attemptOf,
  doubtfulAttempt,
  FilledLedger,
  failedAttempt,
  RECIPE,
  versionOf,
} from '../support/filled-ledger.ts';

describe('openLedgerReader', () => {
  let root: string;
  let folder: string;
  let filled: FilledLedger;
  const readers: LedgerReader[] = [];

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'sluice-reader-'));
    folder = join(root, '.sluice');
    filled = await FilledLedger.open(root);
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close();
    await filled.close();
    rmSync(root, { recursive: true, force: true });
  });

  const read = (): LedgerReader => {
    const reader = openLedgerReader(folder);
    if (reader === null) throw new Error('nothing was recorded');
    readers.push(reader);
    return reader;
  };

  test('is null, and makes nothing, where nothing was recorded', () => {
    const empty = mkdtempSync(join(tmpdir(), 'sluice-reader-'));
    expect(openLedgerReader(join(empty, '.sluice'))).toBeNull();
    expect(readdirSync(empty)).toEqual([]);
    rmSync(empty, { recursive: true });
  });

  test.each([
    [
      4,
      'an older version of sluice (its schema is version 4, this one knows 7), and was left as it is: it holds what was',
    ],
    [99, 'newer version of sluice (its schema is version 99'],
  ])('refuses a ledger of schema %d', (version, words) => {
    const database = openDatabase(join(folder, 'ledger.db'));
    database.exec(`PRAGMA user_version = ${version}`);
    database.close();
    expect(() => openLedgerReader(folder)).toThrow(DiskError);
    expect(() => openLedgerReader(folder)).toThrow(words);
  });

  test('gives the current version of every document, also beyond one page', async () => {
    await filled.answer(versionOf('a.txt', { sha256: 'old' }), 'Old.');
    await filled.begin(versionOf('a.txt', { sha256: 'new', size: 5 }));
    await filled.fail(versionOf('b.txt'));
    const many = Array.from({ length: 1100 }, (_, index) => `many/${String(index).padStart(4, '0')}.txt`);
    await Promise.all(many.map((id) => filled.begin(versionOf(id))));
    const documents = [...read().documents()];
    expect(documents.map(({ id }) => id)).toEqual(['a.txt', 'b.txt', ...many]);
    expect(documents[0]).toEqual({
      id: 'a.txt',
      code: null,
      reason: null,
      state: 'pending',
      size: 5,
      mtimeMs: 1_700_000_000_000.25,
      ctimeMs: null,
      inode: null,
      api: RECIPE.api,
      recipe: RECIPE.hash,
      dueAt: null,
      readers: null,
    });
    expect(documents[1]).toMatchObject({ state: 'failed' });
  });

  test('says when a document is due', async () => {
    const dueAt = Date.parse('2026-04-01T00:00:00Z');
    await filled.settle(versionOf('a.txt'), { state: 'pending', dueAt });
    expect([...read().documents()]).toMatchObject([{ state: 'pending', dueAt }]);
  });

  test('counts the calls in flight', async () => {
    await filled.begin(versionOf('a.txt'));
    await filled.begin(versionOf('b.txt'));
    await filled.answer(versionOf('c.txt'), 'Yes.');
    expect(read().inFlight()).toBe(2);
  });

  test('sums up what was spent, newest day first', async () => {
    const yesterday = { startedAt: '2026-03-30T23:00:00.000Z' };
    await filled.attempts(versionOf('a.txt'), [attemptOf(1, yesterday), attemptOf(2), failedAttempt(3)]);
    await filled.attempts(versionOf('b.txt'), [doubtfulAttempt(1), attemptOf(2, { costUsd: null })]);
    const common = { api: RECIPE.api, model: RECIPE.model };
    expect(read().spending()).toEqual([
      { ...common, day: '2026-03-31', attempts: 4, inDoubt: 1, costUsd: 0.25, costUnknownAttempts: 2 },
      { ...common, day: '2026-03-30', attempts: 1, inDoubt: 0, costUsd: 0.25, costUnknownAttempts: 0 },
    ]);
  });

  test('gives the history of a document, newest version first', async () => {
    const old = versionOf('a.txt', { sha256: 'old' });
    const fresh = versionOf('a.txt', { sha256: 'new', size: 5 });
    await filled.answer(old, 'Old.', [failedAttempt(1), attemptOf(2)]);
    await filled.attempts(fresh, [doubtfulAttempt(1)]);
    await filled.begin(fresh, 2);
    await filled.ledger.head(fresh, 2, { status: 200, generationId: 'gen-2' });
    const [newest, oldest, ...others] = read().history('a.txt');
    expect(others).toEqual([]);
    expect(newest).toMatchObject({
      ...fresh,
      current: true,
      state: 'pending',
      recipe: RECIPE,
      result: null,
      receipt: null,
    });
    expect(newest?.attempts).toEqual([
      {
        number: 1,
        startedAt: '2026-03-31T10:00:01.000Z',
        bodySha256: 'body-1',
        model: RECIPE.model,
        generationId: null,
        record: doubtfulAttempt(1),
        counts: true,
      },
      {
        number: 2,
        startedAt: '2026-03-31T10:00:02.000Z',
        bodySha256: 'body-2',
        model: RECIPE.model,
        generationId: 'gen-2',
        record: null,
        counts: true,
      },
    ]);
    expect(oldest).toMatchObject({ ...old, current: false, state: 'done', result: 'a.txt.md' });
    expect(oldest?.attempts.map(({ record, counts }) => ({ record, counts }))).toEqual([
      { record: failedAttempt(1), counts: false },
      { record: attemptOf(2), counts: false },
    ]);
    expect(oldest?.receipt).toMatchObject({ costUsd: 0.25, attempts: 2, generationId: 'gen-2', reusedFrom: null });
  });

  test('knows nothing of a document that was never begun', () => {
    expect(read().history('a.txt')).toEqual([]);
  });

  test('says why a document failed, and that a version was never read whole', async () => {
    await filled.ledger.settle({
      document: versionOf('a.txt').document,
      sha256: null,
      api: RECIPE.api,
      recipe: null,
      state: 'failed',
      code: 'too-large',
      reason: 'It is too large.',
    });
    expect(read().history('a.txt')).toMatchObject([
      { sha256: null, recipe: null, state: 'failed', code: 'too-large', reason: 'It is too large.', attempts: [] },
    ]);
  });

  test('gives each result with its answer and receipt, in order of ids', async () => {
    await filled.answer(versionOf('b.txt'), 'Two.\u0000 A NUL and an é.');
    await filled.answer(versionOf('a.txt'), 'One.', [failedAttempt(1), doubtfulAttempt(2), attemptOf(3)]);
    await filled.fail(versionOf('c.txt'));
    const results = [...read().results()];
    expect(results.map(({ answer }) => answer)).toEqual(['One.', 'Two.\u0000 A NUL and an é.']);
    expect(results[0]?.receipt).toEqual({
      document: 'a.txt',
      sha256: 'sha-of-a.txt',
      size: 1234,
      result: 'a.txt.md',
      fingerprint: 'print-sha-of-a.txt',
      recipe: RECIPE.name,
      recipeHash: RECIPE.hash,
      api: RECIPE.api,
      requestedModel: RECIPE.model,
      servedModel: 'acme/small-2',
      provider: 'Acme',
      generationId: 'gen-3',
      promptTokens: 100,
      completionTokens: 20,
      costUsd: 0.25,
      costUnknownAttempts: 1,
      costFrom: 'told',
      attempts: 3,
      seconds: 0.5,
      answeredAt: '2026-03-31T10:00:03.500Z',
      reusedFrom: null,
      cachedTokens: null,
      leftOut: {},
      readers: [],
      notes: [],
      reasoning: null,
      reasoningTokens: null,
      refusal: null,
      annotations: [],
    });
  });

  test('a result that was made again of what a newer reader read tells that answer, and not its older own', async () => {
    const [a, b] = [versionOf('a.docx', { sha256: 'same' }), versionOf('b.docx', { sha256: 'same' })];
    const old = { leftOut: {}, readers: ['docx/1'] };
    const newer = { leftOut: { chart: 1 }, readers: ['docx/2'] };
    await filled.answer(a, 'Of garbled text.', [attemptOf(1)], old);
    await filled.answer(b, 'Of the text.', [attemptOf(2)], newer);
    expect([...read().results()].map(({ answer }) => answer)).toEqual(['Of garbled text.', 'Of the text.']);
    await filled.reuse(a, newer);
    expect([...read().results()]).toMatchObject([
      { answer: 'Of the text.', receipt: { document: 'a.docx', reusedFrom: 'b.docx', ...newer } },
      { answer: 'Of the text.', receipt: { document: 'b.docx', reusedFrom: null, ...newer } },
    ]);
  });

  test('a receipt says what came with the answer, and how it came about', async () => {
    const version = versionOf('a.txt');
    const extras = {
      reasoning: 'So.',
      reasoningTokens: 7,
      refusal: 'No.',
      annotations: [{ type: 'file' }],
      images: [],
    };
    const notes = ['It was cut.'];
    const provenance = { leftOut: { chart: 2 }, readers: ['docx/2'] };
    const answer = { fingerprint: `print-${version.sha256}`, text: 'Yes.', extras, notes, ...provenance };
    await filled.begin(version);
    await filled.ledger.end({ ...version, record: attemptOf(1, { cachedTokens: 80 }), answer, reply: null });
    await filled.settle(version, { ...filled.done(version), reused: false, readers: [] });
    const { images: _, ...extra } = extras;
    expect([...read().results()]).toMatchObject([{ receipt: { ...extra, ...provenance, notes, cachedTokens: 80 } }]);
    expect(read().history('a.txt')).toMatchObject([{ receipt: { ...extra, notes } }]);
  });

  test('a receipt counts all requests that an answer took, and none of the answer before', async () => {
    const version = versionOf('a.txt');
    await filled.answer(version, 'Old.', [attemptOf(1)]);
    await filled.begin(version, 2);
    const part = { key: 'k', text: 'Half an', cut: true, extras: {} };
    const continued = attemptOf(2, { code: 'continued' });
    await filled.ledger.end({ ...version, record: continued, answer: null, reply: part });
    await filled.answer(version, 'Half an answer.', [failedAttempt(3), attemptOf(4)]);
    expect([...read().results()]).toMatchObject([
      { answer: 'Half an answer.', receipt: { attempts: 3, costUsd: 0.5, generationId: 'gen-4' } },
    ]);
  });

  test('gives the result of an older version as long as no newer one took its place', async () => {
    await filled.answer(versionOf('a.txt', { sha256: 'old' }), 'Old.');
    await filled.fail(versionOf('a.txt', { sha256: 'new' }));
    expect([...read().results()]).toMatchObject([{ answer: 'Old.', receipt: { sha256: 'old' } }]);
    await filled.answer(versionOf('a.txt', { sha256: 'newer' }), 'New.');
    expect([...read().results()]).toMatchObject([{ answer: 'New.', receipt: { sha256: 'newer' } }]);
  });

  test('a reused answer costs nothing, and keeps being the one that was filed', async () => {
    const same = { sha256: 'same' };
    await filled.answer(versionOf('a.txt', same), 'First.');
    await filled.reuse(versionOf('b.txt', same));
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    await filled.answer(versionOf('a.txt', same), 'Second.', [attemptOf(2, { startedAt: tomorrow })]);
    expect([...read().results()]).toMatchObject([
      { answer: 'Second.', receipt: { document: 'a.txt', attempts: 1, costUsd: 0.25, reusedFrom: null } },
      { answer: 'First.', receipt: { document: 'b.txt', attempts: 0, costUsd: 0, reusedFrom: 'a.txt' } },
    ]);
  });

  test('a result that was found and not made has no receipt', async () => {
    const found = { state: 'done', result: 'a.txt.md', fingerprint: null, reused: false, readers: null } as const;
    await filled.settle(versionOf('a.txt'), found);
    expect([...read().results()]).toEqual([]);
    expect(read().history('a.txt')).toMatchObject([{ state: 'done', result: 'a.txt.md', receipt: null }]);
  });

  test('sees what is written while it is open, and holds the writer up by nothing', async () => {
    for (const id of ['a.txt', 'b.txt']) await filled.answer(versionOf(id), id);
    const reader = read();
    const results = reader.results()[Symbol.iterator]();
    expect(results.next().value?.answer).toBe('a.txt');
    await filled.answer(versionOf('c.txt'), 'c.txt');
    expect(checkpoint()).toBe(0);
    expect(reader.history('c.txt')).toHaveLength(1);
  });

  /** 1 where a reader kept SQLite from clearing its log. */
  function checkpoint(): unknown {
    const database = openDatabase(join(folder, 'ledger.db'), { busyTimeoutMs: 0 });
    const busy = database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();
    return busy;
  }
});
