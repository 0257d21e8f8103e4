import { type Stats, statSync } from 'node:fs';
import { DiskError, PathError } from '../domain/errors.ts';
import type { Outbox, PathReservation } from '../domain/ports.ts';
import type { ResultPlace } from '../domain/request.ts';
import { type Disk, realDisk } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { AtomicWriter } from './atomic-writer.ts';
import { fileAttachments, removeAttachments } from './attachments.ts';
import { DocumentFolder, fileAt } from './document-folder.ts';
import { FailureReports } from './failure-reports.ts';
import { nowAndThen } from './folder-looks.ts';
import { ReservedPaths } from './reserved-paths.ts';

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
  /** Leaves a report that was written at or after `before` (ms since the epoch). @default leaves none */
  withdrawFailure(id: string, before?: number): Promise<void>;
  /**
   * Removes temp files that a dead process left, and resolves to their number. If no receipts are filed, and none is
   * found, none is looked for from then on.
   */
  sweep(): Promise<number>;
  /** For a process that ends now: unlinks at once what is half-written; nothing is filed after that. */
  abandon(): void;
}

const RECEIPT = '.receipt.json';

/**
 * Results, receipts, attachments and failure reports as files; names as `resultName` says.
 *
 * A look throws if the disk does not say whether a file is there: taken for a no, that would pay for every document again.
 * Looks and writes also throw while another folder, or none, lies at the path of the results: a result that was deleted
 * is asked for again, a folder that vanished should come back. That is checked every few milliseconds. The folder of the
 * reports is made again: people may delete it to have all failed documents tried again.
 *
 * @throws DiskError if a folder can neither be made nor written to
 */
export function createOutbox(settings: OutboxSettings): FolderOutbox {
  const { program, receipts, now = () => new Date(), disk = realDisk } = settings;
  const mkdir = async (folder: string): Promise<void> => {
    lookAtResults();
    await disk.mkdir(folder);
  };
  const writer = new AtomicWriter({ ...disk, mkdir });
  const results = new DocumentFolder(settings.results, writer, disk, receipts ? null : RECEIPT);
  const failures = new DocumentFolder(settings.failures, writer, disk);
  const reports = new FailureReports(failures, program, now);
  const lookAtResults = rememberFolder(settings.results);
  const requireResults = nowAndThen(lookAtResults);
  const reserved = new ReservedPaths();

  function reservePath(id: string, place: ResultPlace): PathReservation {
    requireResults();
    try {
      const found = results.requireNoFolder(place, '');
      const receipt = receipts ? results.requireNoFolder(place, RECEIPT) : results.find(place, RECEIPT);
      results.requireRights(place);
      reports.requireRoom(id);
      const path = results.below(results.pathOf(place, ''));
      const other = reserved.reserve(id, path, found === null && receipt === null);
      return { conflict: other === null ? null : inTheWay(path, other), found };
    } catch (error) {
      if (error instanceof PathError) return { conflict: error.message, found: null };
      throw error;
    }
  }

  /** Refuses to file anything while the folder of the results is not there. */
  async function file<T>(work: () => Promise<T>): Promise<T> {
    requireResults();
    return work();
  }

  async function fileResult(id: string, place: ResultPlace, text: string): Promise<string> {
    if (!reserved.takeVacant(id, results.below(results.pathOf(place, '')))) {
      // The receipt goes first: no receipt is better than that of another result.
      await results.remove(place, RECEIPT);
      if (results.find(place) !== null) await removeAttachments(results, place);
    }
    const path = await results.write(place, '', text);
    await reports.withdraw(id).catch((error: unknown) => {
      // The result is there, and outweighs a report that cannot be removed.
      if (!(error instanceof PathError)) throw error;
    });
    return path;
  }

  return {
    reservePath,
    releasePath: (id) => reserved.release(id),
    resultOf: (place) => look(requireResults, () => results.find(place)),
    holds: (path) => look(requireResults, () => fileAt(`${settings.results}/${path}`) ?? null) !== null,
    failedVersion: (id) => look(requireResults, () => reports.versionOf(id)),
    fileResult: (id, place, text) => file(() => fileResult(id, place, text)),
    fileReceipt: async (place, receipt) => {
      await file(() => results.write(place, RECEIPT, `${JSON.stringify(receipt, null, 2)}\n`));
    },
    fileAttachments: (place, keep, extras) => file(() => fileAttachments(results, place, keep, extras)),
    fileFailure: (report, partial) => file(() => reports.file(report, partial)),
    withdrawFailure: (id, before) => reports.withdraw(id, before),
    sweep: () => Promise.all([results.sweep(), failures.sweep()]).then(([one, other]) => one + other),
    abandon: () => writer.abandon(),
  };
}

/** Nothing found, or no answer, counts only while the folder of the results is there. */
function look<T>(requireResults: () => void, find: () => T | null): T | null {
  let found: T | null = null;
  try {
    found = find();
  } finally {
    if (found === null) requireResults();
  }
  return found;
}

function inTheWay(path: string, other: string): string {
  return `Its result ${path} would be in the way of that of ${other}: output.name or output.extension must tell them apart.`;
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
    // The dot asks for the right to look into the folder, too.
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
 * inode of one just deleted; but not if it equalled the time of the last change, which moves with every file: systems
 * that know no time of birth give that one.
 */
export function isSameFolder(
  before: Pick<Stats, 'dev' | 'ino' | 'birthtimeMs' | 'ctimeMs'>,
  now: Pick<Stats, 'dev' | 'ino' | 'birthtimeMs'>,
): boolean {
  const bornAlike = now.birthtimeMs === before.birthtimeMs || before.birthtimeMs === before.ctimeMs;
  return now.dev === before.dev && now.ino === before.ino && bornAlike;
}
