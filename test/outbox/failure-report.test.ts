import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PathError } from '../../src/domain/errors.ts';
import { formatFailureReport, readReportedVersion } from '../../src/outbox/failure-reports.ts';
import { asOrdinaryUser, makeFolder } from './support.ts';

const report = {
  document: { id: 'q1/a.txt', size: 12, mtimeMs: 1_700_000_000_000.25, sha256: 'ab' },
  code: 'too-large',
  reason: 'It is too large.',
  attempts: [],
};

function written(text: string): string {
  const file = join(makeFolder(), 'a.txt.error.json');
  writeFileSync(file, text);
  return file;
}

describe('a failure report', () => {
  test('says what failed, when, why, and how it is tried again', () => {
    const text = formatFailureReport(report, 'sluice 1.2.3', new Date(0));
    expect(JSON.parse(text)).toEqual({
      ...report,
      program: 'sluice 1.2.3',
      failedAt: '1970-01-01T00:00:00.000Z',
      howToRetry: expect.stringMatching(/^Delete this file, .* the command retry/),
    });
  });

  test('gives back the version that it speaks of, to the fraction of a millisecond', () => {
    const file = written(formatFailureReport(report, 'sluice', new Date()));
    expect(readReportedVersion(file)).toEqual({ size: 12, mtimeMs: 1_700_000_000_000.25 });
  });

  test.each(['', '{', 'null', '[]', '{}', '{"document":null}', '{"document":{"size":"12","mtimeMs":1}}'])(
    'that a person turned into %j is still there, and speaks of no version',
    (text) => {
      expect(readReportedVersion(written(text))).toEqual({ size: Number.NaN, mtimeMs: Number.NaN });
    },
  );

  test('that cannot be read is no report of another version: it throws', () => {
    const file = written(formatFailureReport(report, 'sluice', new Date()));
    chmodSync(dirname(file), 0o755);
    expect(() => asOrdinaryUser(file, 0o000, () => readReportedVersion(file))).toThrow(PathError);
  });

  test('is absent if there is none, or a folder of its name', () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'folder'));
    expect(readReportedVersion(join(folder, 'none'))).toBeNull();
    expect(readReportedVersion(join(folder, 'folder'))).toBeNull();
  });
});
