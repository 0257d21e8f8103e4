import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DiskError } from '../../src/domain/errors.ts';
import { rememberFile } from '../../src/ledger/files.ts';
import { makeFolder } from './support.ts';

describe('rememberFile', () => {
  let file: string;
  let requireFile: () => void;

  beforeEach(() => {
    file = join(makeFolder(), 'ledger.db');
    writeFileSync(file, 'one');
    requireFile = rememberFile(file, 'The ledger');
  });

  test('says nothing as long as the file is there, whatever is written to it', () => {
    writeFileSync(file, 'more');
    expect(requireFile).not.toThrow();
  });

  test('throws where the file is gone, and says what to do', () => {
    rmSync(file);
    expect(requireFile).toThrow(DiskError);
    expect(requireFile).toThrow(`The ledger ${file} is gone or another one lies there: stop this process`);
  });

  test('throws where another one took its place', () => {
    writeFileSync(`${file}.new`, 'one');
    renameSync(`${file}.new`, file);
    expect(requireFile).toThrow(DiskError);
  });

  test('does not trust the file again that was away for a time', () => {
    renameSync(file, `${file}.away`);
    expect(requireFile).toThrow(DiskError);
    renameSync(`${file}.away`, file);
    expect(requireFile).toThrow(DiskError);
  });

  test('throws where nothing was there to begin with', () => {
    rmSync(file);
    const requireNone = rememberFile(file, 'The ledger');
    writeFileSync(file, 'late');
    expect(requireNone).toThrow(DiskError);
  });

  test('an error of the disk is reported as that', () => {
    expect(() => rememberFile(`${file}${'x'.repeat(300)}`, 'The ledger')).toThrow(
      expect.objectContaining({ name: 'DiskError', message: expect.stringContaining('ENAMETOOLONG') }),
    );
  });
});
