import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { DiskError } from '../../src/domain/errors.ts';
import { type FileLedger, openLedger, openMemoryLedger } from '../../src/ledger/open.ts';
import { openDatabase } from '../../src/ledger/sqlite.ts';
import { monotonicClock } from '../../src/lib/clock.ts';
import { type Disk, realDisk } from '../../src/lib/durable-files.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { until } from '../support/until.ts';
import { testsOfLedger } from './ledger-conformance.ts';
import { API, answeredOf, begunOf, doneOf, endedOf, recordOf, refusedOf, versionOf, workOff } from './lives.ts';
import { letGo, makeFolder } from './support.ts';

const opened: FileLedger[] = [];

afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

async function open(...[folder, settings]: Parameters<typeof openLedger>): Promise<FileLedger> {
  const ledger = await openLedger(folder, settings);
  opened.push(ledger);
  return ledger;
}

async function close(ledger: FileLedger): Promise<void> {
  opened.splice(opened.indexOf(ledger), 1);
  await ledger.close();
}

/** The real disk, with the sync of the log as it is given. */
function diskWith(datasync: (real: () => Promise<void>) => Promise<void>): Disk {
  return { ...realDisk, datasync: (log) => datasync(() => realDisk.datasync(log)) };
}

/** The real disk, whose answer to the sync of a folder is an error. */
function diskThatSyncsNoFolder(code: string): Disk {
  return { ...realDisk, fsync: () => Promise.reject(Object.assign(new Error(code), { code })) };
}

const turn = () => new Promise((resolve) => void setImmediate(resolve));
const document = versionOf('q1/report.md');
const ID = document.document.id;

describe('openMemoryLedger', () => {
  testsOfLedger(async () => {
    const ledger = openMemoryLedger();
    opened.push(ledger);
    return ledger;
  });

  test('has nothing to report of its opening', async () => {
    const ledger = openMemoryLedger();
    expect(ledger.warnings).toEqual([]);
    expect(ledger.interrupted).toEqual([]);
    await ledger.close();
  });
});

describe('openLedger', () => {
  testsOfLedger(() => open(join(makeFolder(), '.sluice')));

  test('remembers after it was closed, in one file', async () => {
    const folder = join(makeFolder(), 'deep', '.sluice');
    const ledger = await open(folder);
    await workOff(ledger, document, 'An answer.');
    const record = ledger.recall(ID);
    await close(ledger);
    expect(
      readdirSync(folder).filter((name) => statSync(join(folder, name)).size > 0 && !name.endsWith('-shm')),
    ).toEqual(['ledger.db']);
    const again = await open(folder);
    expect(again.warnings).toEqual([]);
    expect(again.recall(ID)).toEqual(record);
    expect((await again.answer('f'))?.text).toBe('An answer.');
  });

  test('what was not yet written when it is closed is written', async () => {
    const folder = makeFolder();
    const ledger = await open(folder);
    const written = ledger.begin(begunOf(document));
    await close(ledger);
    await written;
    expect((await open(folder)).recall(ID)?.state).toBe('pending');
  });

  test('knows the APIs through which documents were answered', async () => {
    const ledger = await open(makeFolder());
    expect(ledger.answeredThrough()).toEqual(new Set());
    await workOff(ledger, document, 'An answer.');
    await ledger.settle({ ...doneOf(versionOf('other')), api: 'simulator' });
    await ledger.begin(begunOf(versionOf('third'), 1, {}));
    expect(ledger.answeredThrough()).toEqual(new Set([API, 'simulator']));
  });

  test('ends the attempts that were in flight when the process died: in doubt, once', async () => {
    const folder = makeFolder();
    const ledger = await open(folder);
    await ledger.begin(begunOf(document));
    await ledger.end(endedOf(document, refusedOf(1)));
    await ledger.begin(begunOf(document, 2));
    await ledger.head(document, 2, { status: 200, generationId: 'gen-2' });
    await ledger.begin(begunOf(versionOf('other')));
    await close(ledger);

    const again = await open(folder, { diedBefore: true });
    expect(again.interrupted).toMatchObject([
      { id: ID, attempt: { number: 2, generationId: 'gen-2', status: 200 } },
      { id: 'other', attempt: { number: 1, generationId: null, status: null } },
    ]);
    const { attempt } = again.interrupted[0] ?? {};
    expect(attempt).toMatchObject({ code: 'process-died', billing: 'in doubt', verdict: 'retry', counts: true });
    expect((await again.version(ID, document.sha256 ?? ''))?.attempts).toEqual([refusedOf(1), attempt]);
    await close(again);
    expect((await open(folder)).interrupted).toEqual([]);
  });

  test('an attempt whose end was never written is in doubt once the next one begins', async () => {
    const ledger = await open(makeFolder());
    await ledger.begin(begunOf(document, 1, { reservedUsd: 0.5 }));
    await ledger.begin(begunOf(document, 2, { reservedUsd: 0.25 }));
    await ledger.end(endedOf(document, refusedOf(2)));
    const version = await ledger.version(ID, document.sha256 ?? '');
    expect(version?.attempts).toMatchObject([{ number: 1, code: 'process-died', billing: 'in doubt' }, refusedOf(2)]);
    expect(ledger.spentSince('', API)).toBe(0.5);
  });

  test('a call in flight is not forgotten when its version is settled meanwhile, whatever settles it', async () => {
    const folder = makeFolder();
    const ledger = await open(folder);
    await ledger.begin(begunOf(document));
    await ledger.settle({ ...doneOf(document, null), recipe: null });
    await close(ledger);
    const again = await open(folder);
    expect(again.interrupted).toMatchObject([{ id: ID, attempt: { number: 1, billing: 'in doubt' } }]);
    expect(again.spentSince('', API)).toBe(0.05);
    expect(again.recall(ID)).toMatchObject({ state: 'done', recipe: null });
  });

  test('the end of a call is written also when a newer version of its document began meanwhile', async () => {
    const ledger = await open(makeFolder());
    const newer = versionOf(ID, '2');
    await ledger.begin(begunOf(document));
    await ledger.begin(begunOf(newer));
    await ledger.end(answeredOf(document, 'An answer.'));
    await ledger.end(endedOf(newer, refusedOf(1)));
    expect((await ledger.answer('f'))?.text).toBe('An answer.');
    expect(await ledger.version(ID, newer.sha256 ?? '')).toMatchObject({ state: 'pending', attempts: [refusedOf(1)] });
  });

  test('emits when another process has written, and knows what by then', async () => {
    const folder = makeFolder();
    const ledger = await open(folder);
    await workOff(ledger, document, 'An answer.');
    const changed = firstValueFrom(ledger.changedOutside(5, monotonicClock));
    await ledger.begin(begunOf(versionOf('other')));
    const other = openDatabase(join(folder, 'ledger.db'));
    other.exec("UPDATE versions SET state = 'pending' WHERE document = 'q1/report.md'");
    await changed;
    expect(ledger.recall(ID)?.state).toBe('pending');
    expect(ledger.recall('other')?.state).toBe('pending');
    other.close();
  });

  test('emits also for what another process wrote before anybody listened', async () => {
    const folder = makeFolder();
    const ledger = await open(folder);
    await workOff(ledger, document, 'An answer.');
    const other = openDatabase(join(folder, 'ledger.db'));
    other.exec("UPDATE versions SET state = 'pending' WHERE document = 'q1/report.md'");
    other.close();
    await firstValueFrom(ledger.changedOutside(5, monotonicClock));
    expect(ledger.recall(ID)?.state).toBe('pending');
  });

  test('a document has one current version, also when one comes back that waited for its next attempt', async () => {
    const folder = makeFolder();
    const ledger = await open(folder);
    await ledger.begin(begunOf(document));
    await ledger.end(endedOf(document, refusedOf(1)));
    const failed = { api: API, recipe: null, state: 'failed', code: 'empty', reason: 'It is empty.' } as const;
    await ledger.settle({ ...versionOf(ID, '2'), ...failed });
    await workOff(ledger, document, 'An answer.', 2);
    await close(ledger);
    const database = openDatabase(join(folder, 'ledger.db'));
    const current = database.prepare<{ readonly state: string }>('SELECT state FROM versions WHERE current').all([]);
    database.close();
    expect(current).toEqual([{ state: 'done' }]);
  });

  test('what it writes itself is no change from outside', async () => {
    const ledger = await open(makeFolder());
    const changes: unknown[] = [];
    const subscription = ledger.changedOutside(1, monotonicClock).subscribe((change) => changes.push(change));
    for (let index = 0; index < 5; index += 1) await workOff(ledger, versionOf(`document-${index}`), 'An answer.');
    subscription.unsubscribe();
    expect(changes).toEqual([]);
  });

  test('is refused every write once its folder was deleted, also where another ledger lies there by then', async () => {
    const folder = join(makeFolder(), '.sluice');
    const ledger = await open(folder);
    await workOff(ledger, document, 'An answer.');
    rmSync(folder, { recursive: true });
    const begin = () => ledger.begin(begunOf(versionOf('other')));
    await expect(begin()).rejects.toThrow(DiskError);

    const next = await open(folder);
    await workOff(next, versionOf('next'), 'An answer.');
    await expect(begin()).rejects.toThrow(`The ledger ${join(folder, 'ledger.db')} is gone or another one lies there`);
    await close(ledger);
    await close(next);
    const again = await open(folder, { diedBefore: true });
    expect(again.warnings).toEqual([]);
    expect([ID, 'other', 'next'].map((id) => again.recall(id)?.state)).toEqual([undefined, undefined, 'done']);
  });

  test('writes nothing where the workspace is no longer held', async () => {
    let isHeld = true;
    const requireHeld = () => {
      if (!isHeld) throw new DiskError('The lock is gone.');
    };
    const ledger = await open(makeFolder(), { requireHeld });
    await workOff(ledger, document, 'An answer.');
    isHeld = false;
    await expect(ledger.reopen(ID)).rejects.toThrow('The lock is gone.');
    expect(ledger.recall(ID)?.state).toBe('done');
  });

  test('what is held for a person is not released by taking a failure back', async () => {
    const ledger = await open(makeFolder());
    await ledger.begin(begunOf(document));
    const why = { code: 'in-doubt', reason: 'It may have been billed.' };
    await ledger.settle({ ...doneOf(document), state: 'held', ...why });
    await ledger.reopen(ID);
    expect(ledger.recall(ID)?.state).toBe('held');
    expect(await ledger.version(ID, document.sha256 ?? '')).toMatchObject({ state: 'held', ...why });
  });
});

describe('openLedger, durably', () => {
  test('nothing resolves before the log is synced', async () => {
    const syncs: (() => void)[] = [];
    let isSlow = false;
    const disk = diskWith((real) =>
      isSlow ? new Promise<void>((resolve) => void syncs.push(resolve)).then(real) : real(),
    );
    const ledger = await open(makeFolder(), { disk });
    isSlow = true;
    let resolved = 0;
    const written = ledger.begin(begunOf(document)).then(() => (resolved += 1));
    await until('the log is being synced', () => syncs.length > 0);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(resolved).toBe(0);
    isSlow = false;
    syncs[0]?.();
    await written;
    expect(resolved).toBe(1);
  });

  test('after a sync that failed, the whole log is moved into the database before anything counts', async () => {
    const folder = makeFolder();
    const syncs = failingSyncs();
    const ledger = await open(folder, { disk: syncs.disk });
    syncs.failures = 1;
    const begin = () => ledger.begin(begunOf(document));
    await expect(begin()).rejects.toThrow(/could not be made durable: EIO/);
    await expect(ledger.end(answeredOf(document, 'An answer.'))).resolves.toBeUndefined();
    expect(statSync(join(folder, 'ledger.db-wal')).size).toBe(0);
    await begin();
    expect(statSync(join(folder, 'ledger.db-wal')).size).toBeGreaterThan(0);
    expect((await ledger.version(ID, document.sha256 ?? ''))?.attempts).toEqual([recordOf(1)]);
  });

  test('a reader that bars this mending is named, and the next write tries again', async () => {
    const folder = makeFolder();
    const syncs = failingSyncs();
    const ledger = await open(folder, { disk: syncs.disk });
    const reader = openDatabase(join(folder, 'ledger.db'), { readonly: true });
    reader.exec('BEGIN; SELECT count(*) FROM versions');
    syncs.failures = 1;
    const begin = () => ledger.begin(begunOf(document));
    await expect(begin()).rejects.toThrow(DiskError);
    await expect(begin()).rejects.toThrow(/is being read by another program/);
    reader.exec('COMMIT');
    await begin();
    reader.close();
  });

  test.each(['EINVAL', 'ENOTSUP', 'EPERM'])(
    'opens on a file system that answers %s when it is to sync a folder',
    async (code) => {
      const ledger = await open(makeFolder(), { disk: diskThatSyncsNoFolder(code) });
      await workOff(ledger, document, 'An answer.');
      expect(ledger.recall(ID)?.state).toBe('done');
    },
  );

  test.each([
    ['the folder cannot be made', { mkdir: () => Promise.reject(eio()) }],
    ['the log cannot be opened', { open: () => Promise.reject(eio()) }],
    ['the log cannot be synced', diskWith(() => Promise.reject(eio()))],
    ['the folder cannot be synced', diskThatSyncsNoFolder('EIO')],
  ])('does not open where %s', async (_, calls) => {
    const folder = join(makeFolder(), 'new');
    await expect(openLedger(folder, { disk: { ...realDisk, ...calls } })).rejects.toThrow(DiskError);
    await expect(openLedger(folder, { disk: { ...realDisk, ...calls } })).rejects.toThrow(/EIO/);
    await workOff(await open(folder), document, 'An answer.');
  });

  test('a full disk refuses what does not fit, keeps what did, and takes more when there is room', async () => {
    const folder = mountDisk('size=1m');
    if (folder === null) return;
    await expect(fillDisk(folder)).resolves.toEqual({ refused: true, warnings: [], large: 'It fits.' });
    await letGo(folder);
  });

  test('a disk that may only be read is an error', async () => {
    const folder = mountDisk('size=1m,ro');
    if (folder === null) return;
    await expect(openLedger(folder)).rejects.toThrow(DiskError);
    await expect(openLedger(join(folder, '.sluice'))).rejects.toThrow(DiskError);
  });
});

/** In a function of its own, so that nothing of the ledger is left when it returns. */
async function fillDisk(folder: string): Promise<object> {
  const ledger = await openLedger(join(folder, '.sluice'));
  await workOff(ledger, document, 'A short answer.');
  const large = versionOf('large', '2');
  await ledger.begin(begunOf(large));
  const end = ledger.end(answeredOf(large, 'long '.repeat(400_000), 1, 'large'));
  const refused = await end.catch((error: unknown) => /disk full: make room/.test(String(error)));
  expect((await ledger.answer('f'))?.text).toBe('A short answer.');
  expect(await ledger.answer('large')).toBeUndefined();
  await ledger.end(answeredOf(large, 'It fits.', 1, 'large'));
  await ledger.close();
  const again = await openLedger(join(folder, '.sluice'), { diedBefore: true });
  const answer = (await again.answer('large'))?.text;
  await again.close();
  return { refused, warnings: again.warnings, large: answer };
}

function eio(): Error {
  return Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
}

/** A disk whose syncs of the log fail as often as the test says. */
function failingSyncs(): { readonly disk: Disk; failures: number } {
  const state = { failures: 0, disk: realDisk };
  state.disk = diskWith(async (real) => {
    if (state.failures === 0) return real();
    state.failures -= 1;
    throw eio();
  });
  return state;
}

test('a document of which only an older version was saved is asked and filed like any other', async () => {
  const folder = makeFolder();
  const first = await open(folder);
  await workOff(first, document, 'An answer.');
  await close(first);
  const database = openDatabase(join(folder, 'ledger.db'));
  database.exec('UPDATE versions SET current = 0');
  database.close();
  const ledger = await open(folder);
  expect(ledger.recall('q1/report.md')).toBeUndefined();
  await workOff(ledger, document, 'Another.', 2);
  expect(ledger.recall('q1/report.md')?.state).toBe('done');
  expect(await ledger.version('q1/report.md', document.sha256 ?? '')).toMatchObject({ state: 'done', lastNumber: 2 });
});

test('documents that begin, fail to be written and begin again are there once', async () => {
  const syncs = failingSyncs();
  const ledger = await open(makeFolder(), { disk: syncs.disk });
  syncs.failures = 1;
  await expect(ledger.begin(begunOf(document))).rejects.toThrow(DiskError);
  await workOff(ledger, document, 'An answer.');
  expect(ledger.recall('q1/report.md')?.state).toBe('done');
  expect((await ledger.answer('f'))?.text).toBe('An answer.');
  expect(await ledger.version('q1/report.md', document.sha256 ?? '')).toMatchObject({ state: 'done', lastNumber: 1 });
});
