import { defer, forkJoin, map, type Observable } from 'rxjs';
import { PathTrouble } from '../domain/errors.ts';
import type { FailureReport, Outbox } from '../domain/ports.ts';
import type { Receipt } from '../domain/receipt.ts';
import { createAtomicWriter } from './create-atomic-writer.ts';
import { FailureReports } from './failure-reports.ts';
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
  /** Whether results get receipts: then what bars a receipt bars its result. */
  readonly receipts: boolean;
  /** @default the time of day */
  readonly now?: () => Date;
  /** @default the real one */
  readonly disk?: Disk;
}

export interface FolderOutbox extends Outbox {
  /** Leaves a report that was made at or after `before` (ms since the epoch). @default of whatever time */
  withdrawFailure(id: string, before?: number): Observable<void>;
  /** Removes temp files that a dead process left. Emits how many there were. */
  sweep(): Observable<number>;
  /** For a process that ends now: unlinks at once what is half-written; nothing is filed after that. */
  abandon(): void;
}

/**
 * Results, receipts and failure reports as files; names as `resultName` says. Observables are cold and may be subscribed to again
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
  const { program, receipts, now = () => new Date(), disk = realDisk } = settings;
  const writer = createAtomicWriter({ ...disk, makeFolder });
  const results = openDocumentFolder(settings.results, writer, disk);
  const failures = openDocumentFolder(settings.failures, writer, disk);
  const reports = new FailureReports(failures, program, now);
  const requireResults = rememberFolder(settings.results);

  async function makeFolder(folder: string): Promise<string | undefined> {
    requireResults();
    return disk.makeFolder(folder);
  }

  function obstacle(id: string): string | null {
    requireResults();
    try {
      results.requireRoom(id, receipts ? ['.md', '.md.receipt.json'] : ['.md']);
      reports.requireRoom(id);
      return null;
    } catch (error) {
      if (error instanceof PathTrouble) return error.message;
      throw error;
    }
  }

  async function fileResult(id: string, text: string): Promise<string> {
    requireResults();
    // First: no receipt is better than that of another result.
    await results.remove(id, '.md.receipt.json');
    const path = await results.write(id, '.md', text);
    await reports.withdraw(id).catch((error: unknown) => {
      // The result stands, and counts before a report that cannot be removed.
      if (!(error instanceof PathTrouble)) throw error;
    });
    return path;
  }

  async function fileReceipt(id: string, receipt: Receipt): Promise<void> {
    requireResults();
    await results.write(id, '.md.receipt.json', `${JSON.stringify(receipt, null, 2)}\n`);
  }

  function fileFailure(report: FailureReport, partial: string | null): Promise<string> {
    requireResults();
    return reports.file(report, partial);
  }

  return {
    obstacle,
    resultOf: (id) => look(requireResults, () => results.find(id, '.md')),
    failedVersion: (id) => look(requireResults, () => reports.versionOf(id)),
    fileResult: (id, text) => defer(() => fileResult(id, text)),
    fileReceipt: (id, receipt) => defer(() => fileReceipt(id, receipt)),
    fileFailure: (report, partial) => defer(() => fileFailure(report, partial)),
    withdrawFailure: (id, before) => defer(() => reports.withdraw(id, before)),
    sweep: () => defer(() => forkJoin([results.sweep(), failures.sweep()])).pipe(map(([one, other]) => one + other)),
    abandon: () => writer.abandon(),
  };
}

/** Nothing found, or nothing told, counts only while the folder of the results is there. */
function look<T>(requireResults: () => void, find: () => T | null): T | null {
  let found: T | null = null;
  try {
    found = find();
  } finally {
    if (found === null) requireResults();
  }
  return found;
}
