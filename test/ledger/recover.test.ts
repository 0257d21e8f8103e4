import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import type { DocumentVersion } from '../../src/domain/ledger.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { openLedgerReader } from '../../src/ledger/reader.ts';
import { migrate } from '../../src/ledger/schema.ts';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import { realDisk } from '../../src/lib/durable-files.ts';
import { API, answeredOf, begunOf, doneOf, endedOf, RECIPE, recordOf, versionOf, workOff } from './lives.ts';
import { makeFolder } from './support.ts';

jest.setTimeout(60_000);

const DOCUMENTS = 60;
const ANSWERS = 2000;
const idOf = (index: number) => `document-${String(index).padStart(3, '0')}.md`;
const textOf = (index: number) => `Answer ${index}. `.repeat(120);

/** The folder of a ledger that was closed, with many documents that are done and their answers. */
async function filled(): Promise<string> {
  const folder = makeFolder();
  const ledger = await openLedger(folder);
  await Promise.all(
    Array.from({ length: DOCUMENTS }, (_, index) => {
      const version = versionOf(idOf(index), String(index).padStart(4, '0'));
      return workOff(ledger, version, textOf(index));
    }),
  );
  await ledger.close();
  // What lies beside it would be read first.
  for (const name of ['ledger.db-wal', 'ledger.db-shm']) rmSync(join(folder, name), { force: true });
  return folder;
}

/** Overwrites bytes, drawn from a sequence that is the same each time. */
function spoil(file: string, from: number, to: number, share: number): void {
  const bytes = readFileSync(file);
  let drawn = 12_345;
  const draw = () => {
    drawn = (drawn * 1_103_515_245 + 12_345) % 2 ** 31;
    return drawn / 2 ** 31;
  };
  for (let at = from; at < Math.min(to, bytes.length); at += 1)
    if (draw() < share) bytes[at] = Math.floor(draw() * 256);
  writeFileSync(file, bytes);
}

/** The same with many more, each with an answer under a fingerprint of its own. */
async function filledWithMany(): Promise<string> {
  const folder = makeFolder();
  const ledger = await openLedger(folder);
  const versions = Array.from({ length: ANSWERS }, (_, index) => versionOf(idOf(index), `${index}-`));
  const all = (write: (version: DocumentVersion, index: number) => Promise<void>) => Promise.all(versions.map(write));
  await all((version) => ledger.begin(begunOf(version)));
  await all((version, index) => ledger.end(answeredOf(version, `Answer ${index}.`, 1, `print-${index}`)));
  await all((version, index) => ledger.settle(doneOf(version, `print-${index}`)));
  await ledger.close();
  for (const name of ['ledger.db-wal', 'ledger.db-shm']) rmSync(join(folder, name), { force: true });
  return folder;
}

/** Overwrites pages of a table: its leaves at these places, from 0 to 1. */
function spoilLeaves(file: string, table: string, parts: readonly number[]): void {
  const database = openDatabase(file);
  const leaves = database
    .prepare<{ pgoffset: number }>("SELECT pgoffset FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path")
    .all([table]);
  database.close();
  for (const part of parts) {
    const { pgoffset = Number.NaN } = leaves[Math.floor(part * (leaves.length - 1))] ?? {};
    spoil(file, pgoffset, pgoffset + 4096, 1);
  }
}

function readableFingerprints(file: string): string[] {
  const database = openDatabase(file, { readonly: true });
  const read = database.prepare<{ fingerprint: string; text: string }>(
    'SELECT fingerprint, text FROM calls NOT INDEXED WHERE rowid = ?',
  );
  const ids = Array.from({ length: ANSWERS }, (_, index) => index + 1);
  const readable = ids.flatMap((id) => {
    try {
      return read.all([id]).map(({ fingerprint }) => fingerprint);
    } catch {
      return [];
    }
  });
  database.close();
  return readable;
}

const asideIn = (folder: string) => readdirSync(folder).filter((name) => /^ledger\.db\.damaged-[\dTZ.-]+$/.test(name));

async function rebuilt(folder: string): Promise<{ readonly kept: number; readonly warning: string }> {
  const ledger = await openLedger(folder, { diedBefore: true });
  const kept = Array.from({ length: DOCUMENTS }, (_, index) => ledger.recall(idOf(index))).filter(
    (record) => record?.state === 'done',
  ).length;
  await workOff(ledger, versionOf('new.md'), 'A new answer.');
  await ledger.close();
  const again = await openLedger(folder, { diedBefore: true });
  expect(again.warnings).toEqual([]);
  expect(again.recall('new.md')?.state).toBe('done');
  await again.close();
  expect(ledger.warnings).toHaveLength(1);
  return { kept, warning: ledger.warnings[0] ?? '' };
}

function fail(): Promise<never> {
  return Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }));
}

describe('openLedger with a damaged file', () => {
  test('a sound one is opened as it is, also after a death', async () => {
    const folder = await filled();
    const ledger = await openLedger(folder, { diedBefore: true });
    expect(ledger.warnings).toEqual([]);
    expect(ledger.recall(idOf(7))?.state).toBe('done');
    await ledger.close();
    expect(asideIn(folder)).toEqual([]);
  });

  test('what is no database is moved aside, whole, and said loudly', async () => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    writeFileSync(file, 'no database'.repeat(1000));
    const { kept, warning } = await rebuilt(folder);
    expect(kept).toBe(0);
    const [aside = ''] = asideIn(folder);
    expect(readFileSync(join(folder, aside), 'utf8')).toBe('no database'.repeat(1000));
    expect(warning).toContain('THE LEDGER WAS DAMAGED (file is not a database) and a new one was begun.');
    expect(warning).not.toContain('Start sluice again');
    expect(warning).toContain(aside);
    expect(warning).toContain('0 document versions, 0 attempts, 0 answers');
    expect(warning).toContain('Results in the outbox count as done');
  });

  test('an empty file is damage too', async () => {
    const folder = await filled();
    writeFileSync(join(folder, 'ledger.db'), '');
    expect(await rebuilt(folder)).toMatchObject({ kept: 0, warning: expect.stringContaining('it is empty') });
    expect(asideIn(folder)).toHaveLength(1);
  });

  test('an empty one whose creation was cut off is begun anew, without a word', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'ledger.db.creating'), '');
    writeFileSync(join(folder, 'ledger.db'), '');
    const ledger = await openLedger(folder, { diedBefore: true });
    expect(ledger.warnings).toEqual([]);
    await ledger.close();
    expect(readdirSync(folder).filter((name) => /damaged|creating/.test(name))).toEqual([]);
  });

  test('one whose creation was cut off after its first answer keeps it', async () => {
    const folder = await filled();
    writeFileSync(join(folder, 'ledger.db.creating'), '');
    const ledger = await openLedger(folder, { diedBefore: true });
    expect(ledger.recall(idOf(7))?.state).toBe('done');
    await ledger.close();
    expect(readdirSync(folder).filter((name) => /damaged|creating/.test(name))).toEqual([]);
  });

  test('of a file that was cut, what is whole is kept', async () => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    truncateSync(file, Math.floor(readFileSync(file).length * 0.7));
    const { warning } = await rebuilt(folder);
    expect(warning).toContain('Saved of it');
  });

  test.each([0.02, 0.3, 1])('of pages with %d of their bytes wrong, what lies around them is kept', async (share) => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    const { length } = readFileSync(file);
    const middle = Math.floor(length / 2 / 4096) * 4096;
    spoil(file, middle, middle + 4 * 4096, share);
    const { warning, kept } = await rebuilt(folder);
    expect(warning).toContain('THE LEDGER WAS DAMAGED');
    expect(kept).toBeGreaterThan(0);
  });

  test('a text that is no text, which SQLite itself does not mind, is left behind', async () => {
    const folder = await filled();
    const database = openDatabase(join(folder, 'ledger.db'));
    database.exec(`UPDATE versions SET reason = CAST(x'ff61' AS TEXT) WHERE document = '${idOf(7)}'`);
    database.close();
    const { kept, warning } = await rebuilt(folder);
    expect(kept).toBe(DOCUMENTS - 1);
    expect(warning).toContain(`${DOCUMENTS - 1} document versions, ${DOCUMENTS} attempts, ${DOCUMENTS} answers`);
  });

  test('answers that were saved answer again', async () => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    const database = openDatabase(file);
    database.exec("UPDATE recipes SET name = CAST(x'ff' AS TEXT) WHERE 0; PRAGMA user_version");
    database.exec(`INSERT INTO recipes VALUES (99, 'b', CAST(x'ff' AS TEXT), 'm', 'a')`);
    database.close();
    const ledger = await openLedger(folder, { diedBefore: true });
    expect(ledger.warnings).toHaveLength(1);
    expect((await ledger.answer('f'))?.text).toMatch(/^Answer \d+\. /);
    expect(await ledger.version(idOf(5), versionOf('', '0005').sha256 ?? '')).toMatchObject({
      state: 'done',
      lastNumber: 1,
    });
    await ledger.close();
  });

  test('replies that were kept are kept, also where all that they refer to is lost', async () => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    const first = await openLedger(folder);
    const version = versionOf(idOf(3), '0003');
    const reply = { text: 'Half an answ', cut: true, extras: { reasoning: 'So.' } };
    await first.begin(begunOf(version, 2));
    await first.end(endedOf(version, recordOf(2), { reply: { key: 'k', ...reply } }));
    await first.close();
    const database = openDatabase(file);
    database.exec(`DELETE FROM versions WHERE document = '${idOf(3)}'`);
    database.exec(`INSERT INTO recipes VALUES (99, 'b', CAST(x'ff' AS TEXT), 'm', 'a')`);
    database.close();
    const second = await openLedger(folder, { diedBefore: true });
    expect(second.warnings).toHaveLength(1);
    expect(await second.reply('k')).toEqual(reply);
    await second.close();
    const rebuiltFile = openDatabase(file, { readonly: true });
    expect(rebuiltFile.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    rebuiltFile.close();
  });

  test.each(["x'7b'", "x'ff61'", "CAST('[1]' AS BLOB)", `CAST('{"extras":{},"notes":1}' AS BLOB)`])(
    'an answer outlives what was beside it: %s',
    async (bytes) => {
      const folder = await filled();
      const database = openDatabase(join(folder, 'ledger.db'));
      database.exec(`UPDATE calls SET extras = CAST(${bytes} AS TEXT)`);
      database.close();
      const ledger = await openLedger(folder);
      expect(await ledger.answer('f')).toMatchObject({
        text: expect.stringContaining('Answer'),
        extras: {},
        notes: [],
      });
      await ledger.close();
    },
  );

  describe('with pages gone in the middle', () => {
    test.each([
      ['calls', [0.02, 0.98], 1900],
      ['calls', [0, 0.3, 0.31, 0.6, 1], 1900],
      ['versions', [0.02, 0.5, 0.98], ANSWERS],
      ['versions', [0, 1], ANSWERS],
      ['recipes', [0], ANSWERS],
      ['calls_by_fingerprint', [0.1, 0.5], ANSWERS],
      ['calls_by_end', [0.1, 0.5], ANSWERS],
      ['sqlite_autoindex_calls_1', [0.1, 0.5], ANSWERS],
    ])('of %s at %j, every answer that can be read is found again', async (table, parts, atLeast) => {
      const folder = await filledWithMany();
      const file = join(folder, 'ledger.db');
      spoilLeaves(file, table, parts);
      const readable = readableFingerprints(file);
      expect(readable.length).toBeGreaterThanOrEqual(atLeast);
      const ledger = await openLedger(folder, { diedBefore: true });
      expect(ledger.warnings).toHaveLength(1);
      const answers = await Promise.all(readable.map((fingerprint) => ledger.answer(fingerprint)));
      const texts = new Set(answers.map((answer) => answer?.text));
      const found = readable.filter((fingerprint) => texts.has(`Answer ${fingerprint.slice('print-'.length)}.`));
      expect(found).toEqual(readable);
      await ledger.close();
      const database = openDatabase(file, { readonly: true });
      expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
      expect(database.pragma('integrity_check')).toBe('ok');
      database.close();
    });

    test('what was spent is known where the version is lost, and its answer still files', async () => {
      const folder = await filledWithMany();
      spoilLeaves(join(folder, 'ledger.db'), 'versions', [0.5]);
      const rebuilding = await openLedger(folder, { diedBefore: true });
      const lost = Array.from({ length: ANSWERS }, (_, index) => index).filter(
        (index) => rebuilding.recall(idOf(index)) === undefined,
      );
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.length).toBeLessThan(50);
      const [first = 0] = lost;
      expect(await rebuilding.answer(`print-${first}`)).toMatchObject({ text: `Answer ${first}.`, document: '(lost)' });
      const again = versionOf(idOf(first), `${first}-`);
      await rebuilding.settle({
        ...again,
        api: API,
        recipe: RECIPE,
        state: 'done',
        result: 'again.md',
        fingerprint: `print-${first}`,
        reused: true,
        readers: [],
      });
      await rebuilding.close();
      const reader = openLedgerReader(folder);
      const receipts = Array.from(reader?.results() ?? [], ({ receipt }) => receipt);
      expect(receipts).toHaveLength(ANSWERS - lost.length + 1);
      expect(receipts.find(({ document }) => document === idOf(first))).toMatchObject({
        attempts: 0,
        costUsd: 0,
        reusedFrom: '(lost)',
      });
      expect(reader?.spending()).toMatchObject([{ attempts: ANSWERS, costUnknownAttempts: 0 }]);
      reader?.close();
    });
  });

  test('damage that shows at work is reported, and found by the next start', async () => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    const { length } = readFileSync(file);
    const database = openDatabase(file);
    const root = Number(database.pragma('page_count'));
    expect(root * 4096).toBe(length);
    const page = database
      .prepare<{ page: number }>("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'calls_by_fingerprint'")
      .get()?.page;
    database.close();
    spoil(file, ((page ?? 0) - 1) * 4096, (page ?? 0) * 4096, 1);
    const ledger = await openLedger(folder);
    expect(ledger.warnings).toEqual([]);
    await expect(ledger.answer('f')).rejects.toThrow(DiskError);
    await expect(ledger.answer('f')).rejects.toThrow(/is damaged. Start sluice again/);
    await ledger.close();
    const again = await openLedger(folder);
    expect(again.warnings).toHaveLength(1);
    expect((await again.answer('f'))?.text).toMatch(/^Answer \d+\. /);
    await again.close();
  });

  test('a file that cannot be moved aside is left, and reported', async () => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    writeFileSync(file, 'no database'.repeat(1000));
    await expect(openLedger(folder, { disk: { ...realDisk, rename: fail } })).rejects.toThrow(/EIO/);
    expect(readFileSync(file, 'utf8')).toBe('no database'.repeat(1000));
  });

  test.each(['-wal', '-shm', ''])('a rebuilding that was cut off when %p was to be moved goes on', async (suffix) => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    const database = openDatabase(file);
    database.exec(`INSERT INTO recipes VALUES (99, 'b', CAST(x'ff' AS TEXT), 'm', 'a')`);
    const rename: typeof realDisk.rename = (from, to) =>
      from === `${file}${suffix}` ? fail() : realDisk.rename(from, to);
    await expect(openLedger(folder, { diedBefore: true, disk: { ...realDisk, rename } })).rejects.toThrow(/EIO/);
    database.close();
    expect(await rebuilt(folder)).toMatchObject({ kept: DOCUMENTS, warning: expect.stringContaining('cut off') });
  });

  test('a rebuilding that was cut off while rows were saved begins again', async () => {
    const folder = await filled();
    const file = join(folder, 'ledger.db');
    const aside = `${file}.damaged-2026-03-31T10-00-00.000Z`;
    renameSync(file, aside);
    writeFileSync(`${file}.rebuilding`, aside);
    const half = openDatabase(file);
    migrate(half, 0);
    half.close();
    expect(await rebuilt(folder)).toMatchObject({ kept: DOCUMENTS, warning: expect.stringContaining('cut off') });
  });

  test('a log whose database is gone is no part of the next one', async () => {
    const folder = makeFolder();
    const ledger = await openLedger(folder);
    await ledger.begin(begunOf(versionOf('a.md')));
    const log = readFileSync(join(folder, 'ledger.db-wal'));
    await ledger.close();
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    writeFileSync(join(folder, 'ledger.db-wal'), log);
    const again = await openLedger(folder, { diedBefore: true });
    expect(again.recall('a.md')).toBeUndefined();
    await workOff(again, versionOf('b.md'), 'An answer.');
    await again.close();
    const third = await openLedger(folder, { diedBefore: true });
    expect(third.recall('b.md')?.state).toBe('done');
    await third.close();
  });
});
