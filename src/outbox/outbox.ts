import { type Stats, statSync } from 'node:fs';
import { defer, forkJoin, map, type Observable } from 'rxjs';
import { DiskError, PathError } from '../domain/errors.ts';
import type { FailureReport, Outbox } from '../domain/ports.ts';
import type { Receipt } from '../domain/receipt.ts';
import type { Attachment } from '../domain/recipe.ts';
import type { ReplyExtras, ResultPlace } from '../domain/request.ts';
import { type Disk, realDisk } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { createAtomicWriter } from './atomic-writer.ts';
import { fileAttachments, removeKeepsakes } from './attachments.ts';
import { fileAt, openDocumentFolder } from './document-folder.ts';
import { FailureReports } from './failure-reports.ts';
import { ResultOwners } from './result-owners.ts';

interface OutboxSettings {
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

const RECEIPT = '.receipt.json';

/**
 * Results, receipts, attachments and failure reports as files; names as `resultName` says. Observables are cold and may be
 * subscribed to again after an error. A write that has begun is finished even if nobody waits any longer: the answer is paid for.
 *
 * Looks throw where the disk does not tell whether a file is there: taking that for a no would pay for every document
 * again. So do they, and every write is refused, while the folder of the results is not the one it was at first: a
 * result that was deleted is to be asked again, a folder that vanished is to come back. The folder of the reports is
 * made anew: it may be deleted to have all failed documents tried again.
 *
 * @throws DiskError where a folder can neither be made nor written to
 */
export function createOutbox(settings: OutboxSettings): FolderOutbox {
  const { program, receipts, now = () => new Date(), disk = realDisk } = settings;
  const writer = createAtomicWriter({ ...disk, makeFolder });
  const results = openDocumentFolder(settings.results, writer, disk);
  const failures = openDocumentFolder(settings.failures, writer, disk);
  const reports = new FailureReports(failures, program, now);
  const requireResults = rememberFolder(settings.results);
  const owners = new ResultOwners();

  async function makeFolder(folder: string): Promise<string | undefined> {
    requireResults();
    return disk.makeFolder(folder);
  }

  function obstacle(id: string, place: ResultPlace): string | null {
    requireResults();
    try {
      results.requireRoom(place, receipts ? ['', RECEIPT] : ['']);
      reports.requireRoom(id);
      return claim(owners, id, results.pathOf(place, '').slice(settings.results.length + 1));
    } catch (error) {
      if (error instanceof PathError) return error.message;
      throw error;
    }
  }

  async function fileResult(id: string, place: ResultPlace, text: string): Promise<string> {
    requireResults();
    // First: no receipt is better than that of another result.
    await results.remove(place, RECEIPT);
    if (results.find(place) !== null) await removeKeepsakes(results, place);
    const path = await results.write(place, '', text);
    await reports.withdraw(id).catch((error: unknown) => {
      // The result stands, and counts before a report that cannot be removed.
      if (!(error instanceof PathError)) throw error;
    });
    return path;
  }

  async function fileReceipt(place: ResultPlace, receipt: Receipt): Promise<void> {
    requireResults();
    await results.write(place, RECEIPT, `${JSON.stringify(receipt, null, 2)}\n`);
  }

  function keepBeside(place: ResultPlace, keep: readonly Attachment[], extras: ReplyExtras): Promise<void> {
    requireResults();
    return fileAttachments(results, place, keep, extras);
  }

  function fileFailure(report: FailureReport, partial: string | null): Promise<string> {
    requireResults();
    return reports.file(report, partial);
  }

  return {
    obstacle,
    vacate: (id) => owners.release(id),
    resultOf: (place) => look(requireResults, () => results.find(place)),
    holds: (path) => look(requireResults, () => fileAt(`${settings.results}/${path}`) ?? null) !== null,
    failedVersion: (id) => look(requireResults, () => reports.versionOf(id)),
    fileResult: (id, place, text) => defer(() => fileResult(id, place, text)),
    fileReceipt: (place, receipt) => defer(() => fileReceipt(place, receipt)),
    fileAttachments: (place, keep, extras) => defer(() => keepBeside(place, keep, extras)),
    fileFailure: (report, partial) => defer(() => fileFailure(report, partial)),
    withdrawFailure: (id, before) => defer(() => reports.withdraw(id, before)),
    sweep: () => defer(() => forkJoin([results.sweep(), failures.sweep()])).pipe(map(([one, other]) => one + other)),
    abandon: () => writer.abandon(),
  };
}

/** Null where the path is the document's now; else why it cannot be. */
function claim(owners: ResultOwners, id: string, path: string): string | null {
  const other = owners.claim(id, path);
  if (other === null) return null;
  return `Its result ${path} would be in the way of that of ${other}: output.name or output.extension must tell them apart.`;
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

/**
 * Remembers which folder lies at a path. What it returns throws `DiskError` as long as none, another one, or one that
 * is closed to us lies there: an unmounted share is no wish to have every result again.
 */
export function rememberFolder(path: string): () => void {
  const before = statsOf(path);
  return () => {
    if (isSameFolder(before, statsOf(path))) return;
    throw new DiskError(`Another folder lies at ${path} than when the run began. ${whatToDo('this one')}`);
  };
}

function statsOf(path: string): Stats {
  try {
    // The dot: it asks for the right to look into the folder, too.
    return statSync(`${path}/.`);
  } catch (error) {
    const isGone = ['ENOENT', 'ENOTDIR'].includes(errorCode(error));
    const message = isGone
      ? `The folder ${path} is gone. ${whatToDo('an empty one')}`
      : `The folder ${path} cannot be looked at: ${errorMessage(error)}`;
    throw new DiskError(message, { cause: error });
  }
}

function whatToDo(otherwise: string): string {
  return `Put it back; or restart to go on with ${otherwise}: results that are missing there are asked, and paid for, again.`;
}

/**
 * Whether a folder is the one that was looked at before. The time of birth counts because a new folder often gets the
 * inode of the one just deleted; but not where it equalled the time of the last change: systems that know of no birth
 * give the one for the other, and that moves with every file.
 */
export function isSameFolder(
  before: Pick<Stats, 'dev' | 'ino' | 'birthtimeMs' | 'ctimeMs'>,
  now: Pick<Stats, 'dev' | 'ino' | 'birthtimeMs'>,
): boolean {
  const bornAlike = now.birthtimeMs === before.birthtimeMs || before.birthtimeMs === before.ctimeMs;
  return now.dev === before.dev && now.ino === before.ino && bornAlike;
}
