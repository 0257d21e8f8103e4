import { join } from 'node:path';
import { defer, type Observable } from 'rxjs';
import { errorCode } from '../domain/errors.ts';
import type { FailureReport, Outbox } from '../domain/ports.ts';
import { createAtomicWriter } from './create-atomic-writer.ts';
import { diskTrouble } from './disk-trouble.ts';
import { formatFailureReport, readReportedVersion } from './failure-report.ts';
import { fileAt } from './file-at.ts';
import { openPlaces } from './open-places.ts';
import { type Disk, realDisk } from './real-disk.ts';
import { sweepTemps } from './sweep-temps.ts';

export interface OutboxSettings {
  /** Folder of the results, absolute. */
  readonly results: string;
  /** Folder of the failure reports, absolute. */
  readonly failures: string;
  /** Name and version, for the reports. */
  readonly program: string;
  /** @default the time of day */
  readonly now?: () => Date;
  /** @default the real one */
  readonly disk?: Disk;
}

export interface FolderOutbox extends Outbox {
  /** Removes temp files that a dead process left. Emits how many there were. */
  sweep(): Observable<number>;
  /** For a process that ends now: unlinks at once what is half-written; nothing is filed after that. */
  abandon(): void;
}

/**
 * Results and failure reports as files; names as `resultName` says. Observables are cold and may be subscribed to again
 * after an error. A write that has begun is finished even if nobody waits any longer: the answer is paid for.
 *
 * `resultTime` and `failedVersion` throw `DiskTrouble` where the disk does not tell whether a file is there: taking that
 * for a no would pay for every document again.
 *
 * @throws DiskTrouble where a folder can neither be made nor written to
 */
export function createOutbox(settings: OutboxSettings): FolderOutbox {
  const { results, failures, program, now = () => new Date(), disk = realDisk } = settings;
  const writer = createAtomicWriter(disk);
  const placeOfResult = inFolder(results);
  const placeOfReport = inFolder(failures);

  async function fileResult(id: string, text: string): Promise<string> {
    const result = `${placeOfResult(id)}.md`;
    await troubled(join(results, result), (file) => writer.write(file, text));
    await withdrawFailure(id);
    return result;
  }

  async function fileFailure(report: FailureReport, partial: string | null): Promise<string> {
    const place = placeOfReport(report.document.id);
    const reportFile = `${place}.error.json`;
    await troubled(join(failures, `${place}.partial.md`), (file) =>
      partial === null ? remove(file) : writer.write(file, partial),
    );
    const text = formatFailureReport(report, program, now());
    await troubled(join(failures, reportFile), (file) => writer.write(file, text));
    return reportFile;
  }

  /** The report goes last: as long as it is there, the document has failed. */
  async function withdrawFailure(id: string): Promise<void> {
    const place = join(failures, placeOfReport(id));
    await troubled(`${place}.partial.md`, remove);
    await troubled(`${place}.error.json`, remove);
  }

  async function remove(file: string): Promise<void> {
    if (fileAt(file) === undefined) return;
    await disk.unlink(file).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }

  async function sweep(): Promise<number> {
    const swept = [results, failures].map((folder) =>
      troubled(folder, () => sweepTemps(folder, (file) => writer.owns(file))),
    );
    return (await Promise.all(swept)).reduce((sum, count) => sum + count);
  }

  return {
    resultTime: (id) => fileAt(`${results}/${placeOfResult(id)}.md`)?.mtimeMs ?? null,
    failedVersion: (id) => readReportedVersion(`${failures}/${placeOfReport(id)}.error.json`),
    fileResult: (id, text) => defer(() => fileResult(id, text)),
    fileFailure: (report, partial) => defer(() => fileFailure(report, partial)),
    withdrawFailure: (id) => defer(() => withdrawFailure(id)),
    sweep: () => defer(sweep),
    abandon: () => writer.abandon(),
  };
}

function inFolder(folder: string): (id: string) => string {
  try {
    return openPlaces(folder);
  } catch (error) {
    throw diskTrouble(error, folder);
  }
}

/** Runs `work` on a file, and says of an error what it means for that file. */
async function troubled<T>(file: string, work: (file: string) => Promise<T>): Promise<T> {
  try {
    return await work(file);
  } catch (error) {
    throw diskTrouble(error, file);
  }
}
