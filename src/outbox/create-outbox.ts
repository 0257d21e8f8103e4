import { defer, forkJoin, map, type Observable } from 'rxjs';
import { PathTrouble } from '../domain/errors.ts';
import type { FailureReport, Outbox } from '../domain/ports.ts';
import { createAtomicWriter } from './create-atomic-writer.ts';
import { formatFailureReport, readReportedVersion } from './failure-report.ts';
import { fileAt } from './file-at.ts';
import { openDocumentFolder } from './open-document-folder.ts';
import { type Disk, realDisk } from './real-disk.ts';
import { rememberFolder } from './remember-folder.ts';

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
 * Looks throw where the disk does not tell whether a file is there: taking that for a no would pay for every document
 * again. So do they, and every write is refused, while the folder of the results is not the one it was at first: a
 * result that was deleted is to be asked again, a folder that vanished is to come back. The folder of the reports is
 * made anew: it may be deleted to have all failed documents tried again.
 *
 * @throws DiskTrouble where a folder can neither be made nor written to
 */
export function createOutbox(settings: OutboxSettings): FolderOutbox {
  const { program, now = () => new Date(), disk = realDisk } = settings;
  const writer = createAtomicWriter({ ...disk, makeFolder });
  const results = openDocumentFolder(settings.results, writer, disk);
  const failures = openDocumentFolder(settings.failures, writer, disk);
  const requireResults = rememberFolder(settings.results);

  async function makeFolder(folder: string): Promise<string | undefined> {
    requireResults();
    return disk.makeFolder(folder);
  }

  /** Nothing found, or nothing told, counts only while the folder is there. */
  function look<T>(find: () => T | null): T | null {
    let found: T | null = null;
    try {
      found = find();
    } finally {
      if (found === null) requireResults();
    }
    return found;
  }

  function obstacle(id: string): string | null {
    requireResults();
    try {
      results.requireRoom(id, '.md');
      failures.requireRoom(id, '.error.json');
      failures.requireRoom(id, '.partial.md');
      return null;
    } catch (error) {
      if (error instanceof PathTrouble) return error.message;
      throw error;
    }
  }

  async function fileResult(id: string, text: string): Promise<string> {
    requireResults();
    const path = await results.write(id, '.md', text);
    await withdrawFailure(id).catch((error: unknown) => {
      // The result stands, and counts before a report that cannot be removed.
      if (!(error instanceof PathTrouble)) throw error;
    });
    return path;
  }

  async function fileFailure(report: FailureReport, partial: string | null): Promise<string> {
    requireResults();
    const { id } = report.document;
    await (partial === null ? failures.remove(id, '.partial.md') : failures.write(id, '.partial.md', partial));
    return failures.write(id, '.error.json', formatFailureReport(report, program, now()));
  }

  /** The report goes last: as long as it is there, the document has failed. */
  async function withdrawFailure(id: string): Promise<void> {
    await failures.remove(id, '.partial.md');
    await failures.remove(id, '.error.json');
  }

  return {
    obstacle,
    resultTime: (id) => look(() => fileAt(results.pathOf(id, '.md'))?.mtimeMs ?? null),
    failedVersion: (id) => look(() => readReportedVersion(failures.pathOf(id, '.error.json'))),
    fileResult: (id, text) => defer(() => fileResult(id, text)),
    fileFailure: (report, partial) => defer(() => fileFailure(report, partial)),
    withdrawFailure: (id) => defer(() => withdrawFailure(id)),
    sweep: () => defer(() => forkJoin([results.sweep(), failures.sweep()])).pipe(map(([one, other]) => one + other)),
    abandon: () => writer.abandon(),
  };
}
