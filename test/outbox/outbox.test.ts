import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import type { AttemptRecord } from '../../src/domain/attempt.ts';
import { DiskError, PathError } from '../../src/domain/errors.ts';
import type { FailureReport } from '../../src/domain/ports.ts';
import { type Receipt, receiptOf } from '../../src/domain/receipt.ts';
import type { ResultPlace } from '../../src/domain/request.ts';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';
import { tempName } from '../../src/outbox/atomic-writer.ts';
import { createOutbox, type FolderOutbox } from '../../src/outbox/outbox.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { failingDisk, filesBelow, makeFolder } from './support.ts';

let root: string;
let outbox: FolderOutbox;

const outboxIn = (folder: string, disk?: Disk, receipts = true): FolderOutbox =>
  createOutbox({
    results: join(folder, 'outbox'),
    failures: join(folder, 'failed'),
    program: 'sluice 1.2.3',
    receipts,
    now: () => new Date('2026-01-02T03:04:05Z'),
    ...(disk === undefined ? {} : { disk }),
  });

const reportOf = (id: string): FailureReport => ({
  document: { id, size: 12, mtimeMs: 1_700_000_000_000.25, sha256: 'ab' },
  code: 'refused',
  reason: 'The model refused.',
  attempts: [],
});

const answered: AttemptRecord = {
  number: 1,
  startedAt: '2026-01-02T03:04:05.000Z',
  seconds: 1.5,
  status: 200,
  code: 'answered',
  message: 'Answered.',
  provider: 'Provider',
  generationId: 'gen-1',
  model: 'some/model-2',
  billing: 'known',
  costUsd: 0.25,
  costFrom: 'told',
  promptTokens: 10,
  cachedTokens: null,
  completionTokens: 20,
  verdict: 'answer',
  counts: true,
};

const placeOf = (name: string, ending = '.md'): ResultPlace => ({ name, ending });
const file = (id: string, text = 'text') => outbox.fileResult(id, placeOf(id), text);
const fileReceipt = (id: string) => outbox.fileReceipt(placeOf(id), receipt);
const fail = (id: string, partial: string | null = null) => outbox.fileFailure(reportOf(id), partial);

beforeEach(() => {
  root = makeFolder();
  outbox = outboxIn(root);
});

describe('a result', () => {
  test.each([
    'a.txt',
    'q1/deep/report.pdf',
    'new\nline',
    '😀'.repeat(63),
    'x'.repeat(255),
    `${'f'.repeat(255)}/${'g'.repeat(255)}`,
  ])('is filed whole, and found again: %j', async (id) => {
    expect(outbox.resultOf(placeOf(id))).toBeNull();
    const path = await file(id, `answer to ${id}`);
    expect(path).toMatch(/\.md$/);
    expect(readFileSync(join(root, 'outbox', path), 'utf8')).toBe(`answer to ${id}`);
    expect(outbox.resultOf(placeOf(id))).toEqual({ path, mtimeMs: statSync(join(root, 'outbox', path)).mtimeMs });
  });

  test('never shares a file with another: names that could meet', async () => {
    const ids = [
      'a',
      'A',
      'a.md',
      'a.md.md',
      'b.md/x',
      'b',
      'caf\u00e9',
      'cafe\u0301',
      'x'.repeat(250),
      'x'.repeat(251),
    ];
    const paths = await lastValueFrom(
      from(ids).pipe(
        mergeMap((id) => outbox.fileResult(id, placeOf(id), id)),
        toArray(),
      ),
    );
    expect(new Set(paths).size).toBe(ids.length);
    const texts = paths.map((path) => readFileSync(join(root, 'outbox', path), 'utf8'));
    expect(texts.toSorted()).toEqual(ids.toSorted());
  });

  test('is written again after it was deleted', async () => {
    await file('a');
    rmSync(join(root, 'outbox/a.md'));
    expect(outbox.resultOf(placeOf('a'))).toBeNull();
    await file('a');
    expect(existsSync(join(root, 'outbox/a.md'))).toBe(true);
  });

  test('is shown to the document that reserves its path', async () => {
    expect(outbox.reservePath('a', placeOf('a'))).toEqual({ conflict: null, found: null });
    await file('a');
    const { mtimeMs } = statSync(join(root, 'outbox/a.md'));
    expect(outbox.reservePath('a', placeOf('a'))).toEqual({ conflict: null, found: { path: 'a.md', mtimeMs } });
  });

  test.each([
    ['before its path was reserved', false],
    ['after its path was reserved', true],
  ])('leaves nothing beside it of an earlier one that was filed %s', async (_, isReservedFirst) => {
    const reserve = () => outbox.reservePath('a', placeOf('a'));
    if (isReservedFirst) reserve();
    await file('a', 'first');
    await fileReceipt('a');
    await outbox.fileAttachments(placeOf('a'), ['reasoning'], { reasoning: 'Let me see.' });
    if (!isReservedFirst) reserve();
    await file('a', 'second');
    expect(filesBelow(join(root, 'outbox'))).toEqual(['a.md']);
  });

  test('leaves no receipt of one that was deleted', async () => {
    await file('a', 'first');
    await fileReceipt('a');
    rmSync(join(root, 'outbox/a.md'));
    expect(outbox.reservePath('a', placeOf('a'))).toEqual({ conflict: null, found: null });
    await file('a', 'second');
    expect(filesBelow(join(root, 'outbox'))).toEqual(['a.md']);
  });

  test.each([
    ['in a folder', () => undefined],
    [
      'behind a link to a folder',
      () => (
        renameSync(join(root, 'outbox/q'), join(root, 'away')), symlinkSync(join(root, 'away'), join(root, 'outbox/q'))
      ),
    ],
  ])('leaves no receipt of an earlier run, %s, where receipts are off', async (_, change) => {
    await file('q/a', 'first');
    await fileReceipt('q/a');
    rmSync(join(root, 'outbox/q/a.md'));
    change();
    outbox = outboxIn(root, realDisk, false);
    await outbox.sweep();
    expect(outbox.reservePath('q/a', placeOf('q/a'))).toEqual({ conflict: null, found: null });
    await file('q/a', 'second');
    expect(readdirSync(join(root, 'outbox/q'))).toEqual(['a.md']);
  });

  test('takes the older failure report and partial with it', async () => {
    await fail('a', 'half an answ');
    await file('a');
    expect(filesBelow(join(root, 'failed'))).toEqual([]);
    expect(outbox.failedVersion('a')).toBeNull();
  });

  test('appears whole or not at all to a reader that polls', async () => {
    const text = '0123456789'.repeat(2000);
    const ids = Array.from({ length: 500 }, (_, index) => `${index % 7}/${index}`);
    const seen = new Set<string>();
    const broken: string[] = [];
    const filed = new AbortController();
    const poll = async (): Promise<void> => {
      while (!filed.signal.aborted) {
        const fresh = filesBelow(join(root, 'outbox')).filter((path) => path.endsWith('.md') && !seen.has(path));
        fresh.forEach((path) => seen.add(path));
        // oxlint-disable-next-line no-await-in-loop -- it polls
        await nextTurn();
        // oxlint-disable-next-line no-await-in-loop
        const texts = await Promise.all(fresh.map((path) => readFile(join(root, 'outbox', path), 'utf8')));
        broken.push(...fresh.filter((_, index) => texts[index] !== text));
      }
    };
    const polling = poll();
    await lastValueFrom(from(ids).pipe(mergeMap((id) => outbox.fileResult(id, placeOf(id), text), 20)));
    filed.abort();
    await polling;
    expect(broken).toEqual([]);
    expect(filesBelow(join(root, 'outbox')).filter((path) => path.endsWith('.md'))).toHaveLength(500);
    expect(filesBelow(join(root, 'outbox')).filter((path) => path.endsWith('.tmp'))).toEqual([]);
  });
});

const receipt: Receipt = receiptOf({
  document: { id: 'q1/report.md', size: 12 },
  sha256: 'ab',
  result: 'q1/report.md.md',
  fingerprint: 'cd',
  recipe: { hash: 'ef', name: 'summary', model: 'some/model', api: 'https://api.example/v1' },
  answer: {
    text: 'answer',
    extras: {},
    notes: [],
    leftOut: { chart: 1 },
    readers: ['docx/2'],
    document: 'q1/report.md',
    attempt: answered,
  },
  attempts: [answered],
});

describe('a receipt', () => {
  test('lies beside its result, for people and programs to read', async () => {
    await file('q1/report.md');
    await fileReceipt('q1/report.md');
    expect(filesBelow(join(root, 'outbox'))).toEqual(['q1', 'q1/report.md.md', 'q1/report.md.md.receipt.json']);
    const text = readFileSync(join(root, 'outbox/q1/report.md.md.receipt.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(receipt);
    expect(text.endsWith('}\n')).toBe(true);
    expect(text.split('\n')[1]).toBe('  "document": "q1/report.md",');
  });

  test.each(['x'.repeat(255), '😀'.repeat(63), `${'f'.repeat(255)}/${'g'.repeat(255)}`])(
    'has room for its name: %j',
    async (id) => {
      const path = await file(id);
      await fileReceipt(id);
      expect(existsSync(join(root, 'outbox', `${path}.receipt.json`))).toBe(true);
    },
  );

  test('shares its name with no result', async () => {
    for (const id of ['a', 'a.md.receipt', 'a.md.receipt.json', 'a.md.receipt.json/b']) {
      await file(id, `answer to ${id}`);
      await fileReceipt(id);
    }
    const files = filesBelow(join(root, 'outbox')).filter((path) => /\.(md|json)$/.test(path));
    expect(files).toHaveLength(8);
  });

  test('does not outlive its result', async () => {
    await file('a', 'first');
    await fileReceipt('a');
    await file('a', 'second');
    expect(filesBelow(join(root, 'outbox'))).toEqual(['a.md']);
  });

  test('goes before its result is replaced, so that the two never contradict each other', async () => {
    await file('a', 'first');
    await fileReceipt('a');
    outbox = outboxIn(root, failingDisk('rename', 'ENOSPC'));
    await expect(file('a', 'second')).rejects.toThrow(DiskError);
    expect(filesBelow(join(root, 'outbox'))).toEqual(['a.md']);
    expect(readFileSync(join(root, 'outbox/a.md'), 'utf8')).toBe('first');
  });

  test('is no result, and makes no document done', async () => {
    await fileReceipt('a');
    expect(outbox.resultOf(placeOf('a'))).toBeNull();
    expect(outbox.resultOf(placeOf('a.md.receipt'))).toBeNull();
  });

  test.each([
    ['ENOSPC', DiskError],
    ['EACCES', DiskError],
    ['ENAMETOOLONG', PathError],
  ])('is written whole or not at all: %s', async (code, Kind) => {
    outbox = outboxIn(root, failingDisk('rename', code));
    await expect(fileReceipt('a')).rejects.toThrow(Kind);
    expect(filesBelow(join(root, 'outbox'))).toEqual([]);
  });

  test('bars its result if it is asked for and has no room, and only then', () => {
    mkdirSync(join(root, 'outbox/a.md.receipt.json'));
    expect(outbox.reservePath('a', placeOf('a')).conflict).toContain('outbox/a.md.receipt.json');
    expect(outboxIn(root, undefined, false).reservePath('a', placeOf('a')).conflict).toBeNull();
  });
});

describe('a result in another place', () => {
  test.each([
    [placeOf('q1/a.txt', '.json'), 'q1/a.txt.json'],
    [placeOf('film', '.srt'), 'film.srt'],
    [placeOf('by name/a', '.en.html'), 'by name/a.en.html'],
  ])('lies where its recipe says: %j', async (place, path) => {
    expect(outbox.resultOf(place)).toBeNull();
    expect(await outbox.fileResult('q1/a.txt', place, 'text')).toBe(path);
    expect(outbox.resultOf(place)?.path).toBe(path);
    await outbox.fileReceipt(place, receipt);
    expect(existsSync(join(root, 'outbox', `${path}.receipt.json`))).toBe(true);
  });

  test('is found by the path that filing it gave', async () => {
    const path = await outbox.fileResult('a', placeOf('by name/a', '.csv'), 'text');
    expect([path, 'by name/a', 'by name', 'a.md'].map((other) => outbox.holds(other))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('takes the failure report of its document with it', async () => {
    await fail('a');
    await outbox.fileResult('a', placeOf('b', '.csv'), 'text');
    expect(filesBelow(join(root, 'failed'))).toEqual([]);
  });

  test('is barred by a folder in its place, and by what bars the report of its document', () => {
    mkdirSync(join(root, 'outbox/b.csv'));
    mkdirSync(join(root, 'failed/a.error.json'));
    expect(outbox.reservePath('other', placeOf('b', '.csv')).conflict).toContain('outbox/b.csv');
    expect(outbox.reservePath('a', placeOf('c', '.csv')).conflict).toContain('failed/a.error.json');
    expect(outbox.reservePath('other', placeOf('c', '.csv')).conflict).toBeNull();
  });

  test('is kept for its document while that is worked on, whatever the others are called', () => {
    expect(outbox.reservePath('notes.txt', placeOf('notes')).conflict).toBeNull();
    expect(outbox.reservePath('notes', placeOf('notes')).conflict).toBe(
      'Its result notes.md would be in the way of that of notes.txt: output.name or output.extension must tell them apart.',
    );
    expect(outbox.reservePath('notes.txt', placeOf('notes')).conflict).toBeNull();
    outbox.releasePath('notes.txt');
    expect(outbox.reservePath('notes', placeOf('notes')).conflict).toBeNull();
    expect(outbox.reservePath('notes.txt', placeOf('notes')).conflict).toContain('that of notes');
  });

  test('is kept for its document if the name and its ending share it otherwise', () => {
    expect(outbox.reservePath('film', placeOf('film', '.en.srt')).conflict).toBeNull();
    expect(outbox.reservePath('film.en', placeOf('film.en', '.srt')).conflict).toContain('that of film');
  });

  test('bars, before either is filed, a document that needs a folder there, but none whose folder is called otherwise', () => {
    expect(outbox.reservePath('x', placeOf('x', '.srt')).conflict).toBeNull();
    expect(outbox.reservePath('x.srt/a.txt', placeOf('x.srt/a.txt')).conflict).toContain(
      'x.srt/a.txt.md would be in the way',
    );
    expect(outbox.reservePath('y', placeOf('y')).conflict).toBeNull();
    expect(outbox.reservePath('y.md/a.txt', placeOf('y.md/a.txt')).conflict).toBeNull();
  });

  test('that leads out of the outbox bars its document, and no other', () => {
    expect(outbox.reservePath('a', placeOf('../a', '.csv')).conflict).toContain('No file can be called');
  });
});

describe('a failure', () => {
  test('is reported with what happened and how to try again', async () => {
    expect(await fail('q1/a.txt', 'half an answ')).toBe('q1/a.txt.error.json');
    expect(JSON.parse(readFileSync(join(root, 'failed/q1/a.txt.error.json'), 'utf8'))).toEqual({
      program: 'sluice 1.2.3',
      failedAt: '2026-01-02T03:04:05.000Z',
      ...reportOf('q1/a.txt'),
      howToRetry: expect.stringContaining('Delete this file'),
    });
    expect(readFileSync(join(root, 'failed/q1/a.txt.partial.md'), 'utf8')).toBe('half an answ');
  });

  test('tells the version that failed', async () => {
    expect(outbox.failedVersion('a')).toBeNull();
    await fail('a');
    expect(outbox.failedVersion('a')).toEqual({ size: 12, mtimeMs: 1_700_000_000_000.25 });
  });

  test('of another kind leaves no partial of the one before', async () => {
    await fail('a', 'half an answ');
    await fail('a');
    expect(filesBelow(join(root, 'failed'))).toEqual(['a.error.json']);
  });

  test('can be withdrawn, and again if nothing is left', async () => {
    await fail('a', 'half an answ');
    await outbox.withdrawFailure('a');
    await outbox.withdrawFailure('a');
    expect(filesBelow(join(root, 'failed'))).toEqual([]);
  });

  test('that is newer than a time is not withdrawn by that', async () => {
    await fail('a', 'half an answ');
    const { mtimeMs } = statSync(join(root, 'failed/a.partial.md'));
    await outbox.withdrawFailure('a', mtimeMs);
    expect(filesBelow(join(root, 'failed'))).toEqual(['a.error.json', 'a.partial.md']);
    await outbox.withdrawFailure('a', mtimeMs + 60_000);
    expect(filesBelow(join(root, 'failed'))).toEqual([]);
  });

  test.each(['', '{"document":', '[]', 'null', '{"document":{"size":"12"}}'])(
    'whose report is broken (%j) matches no version, but is one',
    (text) => {
      writeFileSync(join(root, 'failed/a.error.json'), text);
      expect(outbox.failedVersion('a')).toEqual({ size: Number.NaN, mtimeMs: Number.NaN });
    },
  );

  test('carries the whole id if the name is cut', async () => {
    const id = 'é'.repeat(127);
    const report = await fail(id);
    expect(JSON.parse(readFileSync(join(root, 'failed', String(report)), 'utf8'))).toMatchObject({ document: { id } });
  });
});

describe('an error', () => {
  test('a full disk is reported in words, nothing is half-written, and filing again works when there is room', async () => {
    const disk = mountDisk('size=64k');
    if (disk === null) return;
    const full = outboxIn(disk);
    const filing = () => full.fileResult('a', placeOf('a'), 'x'.repeat(40_000));
    writeFileSync(join(disk, 'filler'), 'y'.repeat(36_000));
    await expect(filing()).rejects.toThrow(DiskError);
    await expect(filing()).rejects.toThrow(/The disk is full: .*outbox\/a\.md could not be written/);
    expect(filesBelow(join(disk, 'outbox'))).toEqual([]);
    rmSync(join(disk, 'filler'));
    expect(await filing()).toBe('a.md');
  });

  test.each(['EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENXIO'])(
    '%s is DiskError that names the file',
    async (code) => {
      const refusing = outboxIn(root, failingDisk('open', code));
      const filing = refusing.fileResult('a', placeOf('a'), 'text');
      await expect(filing).rejects.toThrow(DiskError);
      await expect(filing).rejects.toThrow('outbox/a.md');
    },
  );

  test.each([
    ['a folder in the place of a result', 'a', () => mkdirSync(join(root, 'outbox/a.md')), 'A folder stands where'],
    ['a file in the place of a folder', 'q1/a', () => writeFileSync(join(root, 'outbox/q1'), ''), 'A file stands'],
  ])('%s concerns that one document, is known before, and is no result', async (_, id, bar, words) => {
    expect(outbox.reservePath(id, placeOf(id)).conflict).toBeNull();
    bar();
    expect(outbox.reservePath(id, placeOf(id)).conflict).toContain(words);
    expect(outbox.reservePath('other', placeOf('other')).conflict).toBeNull();
    expect(outbox.resultOf(placeOf(id))).toBeNull();
    await expect(file(id)).rejects.toThrow(PathError);
    await expect(file(id)).rejects.toThrow(words);
    expect(await file('other')).toBe('other.md');
  });

  test.each(['ENOENT', 'EINVAL', 'EILSEQ', 'ENAMETOOLONG'])(
    'a name that the disk cannot hold (%s) concerns that one document, and leaves nothing half-written',
    async (code) => {
      const refuse = (name: string): void => {
        if (name.includes('?')) throw Object.assign(new Error(`${code}: injected`), { code });
      };
      const picky: Disk = {
        ...realDisk,
        rename: async (temp, result) => {
          refuse(result);
          await realDisk.rename(temp, result);
        },
        mkdir: async (folder) => {
          refuse(folder);
          await realDisk.mkdir(folder);
        },
      };
      outbox = outboxIn(root, picky);
      await expect(file('q: 1?')).rejects.toThrow(PathError);
      await expect(file('q: 1?/a')).rejects.toThrow(PathError);
      await expect(fail('q: 1?')).rejects.toThrow(PathError);
      expect([...filesBelow(join(root, 'outbox')), ...filesBelow(join(root, 'failed'))]).toEqual([]);
      expect(await file('other')).toBe('other.md');
    },
  );

  test.each(['a.error.json', 'a.partial.md'])(
    'a folder in the place of %s is known before, and does not undo a result',
    async (name) => {
      mkdirSync(join(root, 'failed', name));
      expect(outbox.reservePath('a', placeOf('a')).conflict).toContain(`failed/${name}`);
      await expect(fail('a', 'half an answ')).rejects.toThrow(PathError);
      expect(await file('a')).toBe('a.md');
    },
  );

  test('an id that leads out of the folder is refused', async () => {
    await expect(file('../a')).rejects.toThrow('No file can be called');
    expect(() => outbox.resultOf(placeOf('../a'))).toThrow('No file can be called');
  });

  test('the sweep takes what a dead process left in either folder', async () => {
    const left = ['outbox', 'failed'].map((folder) => join(root, folder, tempName()));
    for (const temp of left) writeFileSync(temp, 'half');
    await file('a');
    expect(await outbox.sweep()).toBe(2);
    expect(filesBelow(root)).toEqual(['failed', 'outbox', 'outbox/a.md']);
  });

  test('nothing is filed after the outbox was abandoned', async () => {
    outbox.abandon();
    await expect(file('a')).rejects.toThrow(DiskError);
    expect(filesBelow(join(root, 'outbox'))).toEqual([]);
  });
});

/** Longer than a look at a folder counts. */
const LOOKED_AT_AGAIN_MS = 20;

const away = () => join(root, 'away');

describe('a folder of results that is not there', () => {
  const ways: readonly [string, () => void][] = [
    ['is gone', () => undefined],
    ['is another one', () => mkdirSync(join(root, 'outbox'))],
    ['is a file', () => writeFileSync(join(root, 'outbox'), '')],
  ];

  test.each(ways)(
    'because it %s is no wish to have all again: nothing is found, and nothing filed',
    async (_, replace) => {
      await file('a');
      renameSync(join(root, 'outbox'), away());
      replace();
      await delay(LOOKED_AT_AGAIN_MS);
      for (const look of [
        () => outbox.holds('a.md'),
        () => outbox.resultOf(placeOf('a')),
        () => outbox.failedVersion('a'),
        () => outbox.reservePath('a', placeOf('a')),
      ]) {
        expect(look).toThrow(DiskError);
        expect(look).toThrow(join(root, 'outbox'));
      }
      await expect(file('q1/b')).rejects.toThrow('Put it back');
      await expect(fail('q1/b')).rejects.toThrow('Put it back');
      expect(filesBelow(join(root, 'failed'))).toEqual([]);

      rmSync(join(root, 'outbox'), { recursive: true, force: true });
      renameSync(away(), join(root, 'outbox'));
      expect(outbox.resultOf(placeOf('a'))).not.toBeNull();
      expect(await file('q1/b')).toBe('q1/b.md');
    },
  );

  test('is not made by a write that was under way when it went', async () => {
    let goes = true;
    const disk: Disk = {
      ...realDisk,
      rename: async (temp, result) => {
        if (goes) renameSync(join(root, 'outbox'), away());
        goes = false;
        await realDisk.rename(temp, result);
      },
    };
    await expect(outboxIn(root, disk).fileResult('a', placeOf('a'), 'text')).rejects.toThrow(DiskError);
    expect(existsSync(join(root, 'outbox'))).toBe(false);
  });

  test('is missed, but a deleted folder of reports is made again', async () => {
    await fail('a');
    rmSync(join(root, 'failed'), { recursive: true });
    expect(outbox.failedVersion('a')).toBeNull();
    expect(outbox.reservePath('a', placeOf('a')).conflict).toBeNull();
    expect(await fail('a')).toBe('a.error.json');
  });
});
