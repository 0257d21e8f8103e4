import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { firstValueFrom, lastValueFrom, mergeMap, range } from 'rxjs';
import { DiskTrouble } from '../../src/domain/errors.ts';
import type { DocumentRecord } from '../../src/domain/ports.ts';
import { type FileLedger, openLedger } from '../../src/ledger/open-ledger.ts';
import { makeFolder, recordOf } from './support.ts';

const ledgers: FileLedger[] = [];
let folder: string;

const open = async (): Promise<FileLedger> => {
  const ledger = await openLedger(folder, () => new Date('2026-01-02T03:04:05Z'));
  ledgers.push(ledger);
  return ledger;
};

const reopen = async (ledger: FileLedger): Promise<FileLedger> => {
  await ledger.close();
  ledgers.splice(ledgers.indexOf(ledger), 1);
  return open();
};

const record = (ledger: FileLedger, id: string, what: DocumentRecord) => firstValueFrom(ledger.record(id, what));
const stateFile = () => join(folder, 'state.jsonl');
const linesInFile = () => readFileSync(stateFile(), 'utf8').split('\n').length - 1;

beforeEach(() => {
  folder = join(makeFolder(), '.sluice');
});

afterEach(async () => {
  await Promise.all(ledgers.splice(0).map((ledger) => ledger.close()));
});

describe('a ledger', () => {
  test('remembers over restarts; the last record of a document wins', async () => {
    const ledger = await open();
    expect(ledger.recall('a')).toBeUndefined();
    await record(ledger, 'a', recordOf(1));
    await record(ledger, 'b', recordOf(2, { state: 'failed', sha256: null }));
    await record(ledger, 'a', recordOf(3));
    expect(ledger.recall('a')).toEqual(recordOf(3));
    const later = await reopen(ledger);
    expect(later.warnings).toEqual([]);
    expect(later.recall('a')).toEqual(recordOf(3));
    expect(later.recall('b')).toEqual(recordOf(2, { state: 'failed', sha256: null }));
  });

  test('forgets, over restarts too', async () => {
    const ledger = await open();
    await record(ledger, 'a', recordOf(1));
    await record(ledger, 'b', recordOf(1));
    await firstValueFrom(ledger.forget('a'));
    expect(ledger.recall('a')).toBeUndefined();
    expect((await reopen(ledger)).recall('a')).toBeUndefined();
  });

  test('writes at each subscription, and not before', async () => {
    const ledger = await open();
    const recording = ledger.record('a', recordOf(1));
    expect(ledger.recall('a')).toBeUndefined();
    await firstValueFrom(recording);
    await firstValueFrom(recording);
    expect(linesInFile()).toBe(2);
  });

  test('keeps every one of many records that come at once', async () => {
    const ledger = await open();
    await lastValueFrom(range(0, 2000).pipe(mergeMap((index) => ledger.record(`d${index}`, recordOf(index)), 100)));
    const later = await reopen(ledger);
    expect(Array.from({ length: 2000 }, (_, index) => later.recall(`d${index}`)?.size)).toEqual(
      Array.from({ length: 2000 }, (_, index) => index),
    );
  });
});

describe('opening', () => {
  test('cuts off a last line that was torn, and goes on after it', async () => {
    const ledger = await open();
    await record(ledger, 'a', recordOf(1));
    await ledger.close();
    appendFileSync(stateFile(), '{"id":"b","state":"do');
    const later = await reopen(await open());
    expect(later.warnings).toEqual([]);
    await record(later, 'c', recordOf(3));
    const last = await reopen(later);
    expect(last.warnings).toEqual([]);
    expect(['a', 'b', 'c'].map((id) => last.recall(id)?.size)).toEqual([1, undefined, 3]);
  });

  test('cuts off a first line that was torn', async () => {
    mkdirSync(folder);
    writeFileSync(stateFile(), '{"id":"b"');
    await open();
    expect(readFileSync(stateFile(), 'utf8')).toBe('');
  });

  test('moves a damaged file aside, keeps what can be read, and says so', async () => {
    await record(await open(), 'a', recordOf(1));
    appendFileSync(stateFile(), 'garbage\n\u0000\u0000\n');
    appendFileSync(stateFile(), `${JSON.stringify({ id: 'b', ...recordOf(2) })}\n`);
    const damaged = readFileSync(stateFile(), 'utf8');
    const ledger = await open();
    expect(ledger.warnings).toEqual([
      `2 lines of the ledger ${stateFile()} could not be read. ` +
        'The rest is kept; the old file is state.jsonl.damaged-2026-01-02T03-04-05.000Z.',
    ]);
    expect(readFileSync(join(folder, 'state.jsonl.damaged-2026-01-02T03-04-05.000Z'), 'utf8')).toBe(damaged);
    const later = await reopen(ledger);
    expect(later.warnings).toEqual([]);
    expect(['a', 'b'].map((id) => later.recall(id)?.size)).toEqual([1, 2]);
  });

  test('writes the file anew when more than half of its lines are stale, and only then', async () => {
    let ledger = await open();
    await record(ledger, 'a', recordOf(1));
    await record(ledger, 'a', recordOf(2));
    ledger = await reopen(ledger);
    expect(linesInFile()).toBe(2);
    await record(ledger, 'a', recordOf(3));
    ledger = await reopen(ledger);
    expect(linesInFile()).toBe(1);
    expect(ledger.recall('a')).toEqual(recordOf(3));
    expect(readdirSync(folder)).toEqual(['state.jsonl']);
  });
});

describe('trouble', () => {
  test('a folder in the place of the file is DiskTrouble', async () => {
    mkdirSync(stateFile(), { recursive: true });
    await expect(openLedger(folder)).rejects.toThrow(DiskTrouble);
    await expect(openLedger(folder)).rejects.toThrow(stateFile());
  });

  test('what could not be written is not remembered', async () => {
    const ledger = await openLedger(folder);
    await ledger.close();
    await expect(record(ledger, 'a', recordOf(1))).rejects.toThrow(DiskTrouble);
    expect(ledger.recall('a')).toBeUndefined();
    expect(existsSync(stateFile())).toBe(true);
  });
});
