import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import { rememberFolder } from '../../src/outbox/outbox.ts';
import { asOrdinaryUser, makeFolder } from './support.ts';

let parent: string;
let folder: string;

beforeEach(() => {
  parent = makeFolder();
  folder = join(parent, 'outbox');
  mkdirSync(folder);
});

/** What is said of the folder, after `change`, by one who remembers it as it was; undefined where nothing is. */
function saidAfter(change: () => void): unknown {
  const require = rememberFolder(folder);
  require();
  change();
  try {
    return require();
  } catch (error) {
    return error;
  }
}

const diskError = (words: string) =>
  expect.objectContaining({ name: 'DiskError', message: expect.stringContaining(words) });

describe('a folder that is remembered', () => {
  test('is the same with other files in it', () => {
    expect(saidAfter(() => writeFileSync(join(folder, 'a'), ''))).toBeUndefined();
  });

  test('is missed while it is away, and well when it is back', () => {
    const away = join(parent, 'away');
    const require = rememberFolder(folder);
    renameSync(folder, away);
    expect(require).toThrow(`The folder ${folder} is gone. Put it back; or restart`);
    renameSync(away, folder);
    expect(require).not.toThrow();
  });

  test('is not another one, nor a file, that took its place', () => {
    const away = () => renameSync(folder, join(parent, 'away'));
    expect(saidAfter(() => [away(), mkdirSync(folder)])).toEqual(diskError('Another folder lies at'));
    rmSync(join(parent, 'away'), { recursive: true });
    expect(saidAfter(() => [away(), writeFileSync(folder, '')])).toEqual(diskError('is gone'));
  });

  test('is missed if it is closed to us', () => {
    chmodSync(parent, 0o755);
    const require = rememberFolder(folder);
    expect(() => asOrdinaryUser(folder, 0o000, require)).toThrow(DiskError);
    expect(() => asOrdinaryUser(folder, 0o755, require)).not.toThrow();
  });
});

test('a folder that is not there at first cannot be remembered', () => {
  expect(() => rememberFolder(join(parent, 'none'))).toThrow(DiskError);
});
