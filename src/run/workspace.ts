import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  opendirSync,
  openSync,
  realpathSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { DiskError, Mistakes, UsageError } from '../domain/errors.ts';
import type { Options } from '../domain/options.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { tempName } from '../outbox/atomic-writer.ts';
import { refuseAnswersFolder } from './answers-folder.ts';

/** The folders that flags may move. */
export type FolderName = 'inbox' | 'outbox' | 'failed';

export interface WorkspaceSettings extends Pick<Options, 'root' | 'after' | FolderName> {
  /** No workspace was named: the default one is made if it is missing. */
  readonly rootIsDefault: boolean;
  /** The folders that were named. They are never made: after a typing error the inbox would be empty. */
  readonly named: ReadonlySet<FolderName>;
  /** Where inputs go with `after: archive`. */
  readonly archive: string;
}

/**
 * Checks that the folders of a workspace exist, are apart from each other, and can be used; makes those that are missing
 * and were not named. Paths are absolute. Returns what a person should know of it, a sentence each.
 *
 * @throws UsageError if a folder is missing, no folder, closed to us, or within another one
 * @throws DiskError if the disk refuses for a reason of its own
 */
export function prepareWorkspace(settings: WorkspaceSettings): readonly string[] {
  const { root, rootIsDefault, inbox, outbox, failed, after } = settings;
  const archives = after === 'archive' ? { archive: settings.archive } : {};
  if (!rootIsDefault) refuseMissing('workspace', '--root', root);
  const notes = makeIfMissing('workspace', root) ? [`Made the workspace ${root}.`] : [];
  refuseOverlap({ inbox, outbox, failed, ...archives });
  requireNamedFolders(settings);
  for (const name of ['inbox', 'outbox', 'failed'] as const) makeIfMissing(`${name} folder`, settings[name]);
  if (after === 'archive') makeIfMissing('archive folder', settings.archive);

  tryTo(`The inbox folder ${inbox} cannot be read`, () => {
    opendirSync(inbox).closeSync();
    // Fails if names may be listed, and nothing else.
    statSync(`${inbox}/.`);
  });
  for (const [name, folder] of Object.entries({ outbox, failed, ...archives }))
    tryTo(`The ${name} folder ${folder} cannot be written to`, () => probeWriting(folder));
  if (after !== 'keep') tryTo(`The inbox folder ${inbox} lets no file go`, () => probeMoving(inbox));
  return notes;
}

/** Refuses a folder of answers, and a workspace and folders that were named and are not there. Makes nothing. @throws UsageError, DiskError */
export function requireNamedFolders({ root, rootIsDefault, named, ...paths }: WorkspaceSettings): void {
  const mistakes = new Mistakes();
  mistakes.check(() => refuseAnswersFolder(root));
  if (!rootIsDefault) mistakes.check(() => refuseMissing('workspace', '--root', root));
  for (const name of named) mistakes.check(() => refuseMissing(`${name} folder`, `--${name}`, paths[name]));
  mistakes.throwIfAny();
}

export function refuseMissing(what: string, flag: string, path: string): void {
  if (isFolderAt(what, path)) return;
  const how = flag === '--root' ? 'Make it (the command init does)' : 'Make it';
  throw new UsageError(`The ${what} ${path} (${flag}) does not exist. ${how}, or name another.`);
}

/** True if it was made. */
function makeIfMissing(what: string, path: string): boolean {
  if (isFolderAt(what, path)) return false;
  tryTo(`The ${what} ${path} cannot be made`, () => makeFolder(path));
  return true;
}

/** False if nothing is there. */
function isFolderAt(what: string, path: string): boolean {
  const isFolder = tryTo(`The ${what} ${path} cannot be looked at`, () => {
    try {
      return statSync(path, { throwIfNoEntry: false })?.isDirectory();
    } catch (error) {
      // A file stands where a folder above it should.
      if (errorCode(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  });
  if (isFolder === false) throw new UsageError(`The ${what} ${path} is a file, not a folder.`);
  return isFolder === true;
}

/**
 * Makes a folder, and those above it that are missing, one by one: Node's own `recursive` never ends if an existing
 * folder takes none, as /proc. Throws the system's error.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeFolder(dirname(path));
    makeFolder(path);
  }
}

/** Throws the system's error if files may not be moved out of a folder: tries how that begins, with a folder in it. */
export function probeMoving(folder: string): void {
  // A name like those of the inbox for files on their way out: it removes what a killed process leaves.
  const probe = join(folder, `.sluice-leaving-${randomUUID()}`);
  mkdirSync(probe);
  twiceIfNeeded(() => rmdirSync(probe));
}

/** Throws the system's error if a folder takes no file: tries with one, as permissions alone do not show it. */
export function probeWriting(folder: string): void {
  // The outbox sweeps what a killed process leaves of it.
  const file = join(folder, tempName());
  const descriptor = openSync(file, 'wx', 0o644);
  try {
    closeSync(descriptor);
  } finally {
    twiceIfNeeded(() => removeProbe(file));
  }
}

/** Another process that holds the workspace may have swept the probe with its temp files. */
function removeProbe(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/**
 * Refuses folders of which one is, or lies in, another, links followed: results would be taken for documents, or one
 * file's name would take another's.
 *
 * @throws UsageError, and DiskError if the folders cannot be looked at
 */
function refuseOverlap(folders: Readonly<Record<string, string>>): void {
  const real = Object.entries(folders).map(([name, path]) => {
    const realPath = tryTo(`The ${name} folder ${path} cannot be looked at`, () => realPathOf(path));
    return { name, path, realPath };
  });
  for (const inner of real) {
    for (const outer of real) {
      if (inner === outer || !`${inner.realPath}${sep}`.startsWith(`${outer.realPath}${sep}`)) continue;
      const relation = inner.realPath === outer.realPath ? 'is' : 'lies in';
      throw new UsageError(
        `The ${inner.name} folder ${inner.path} ${relation} the ${outer.name} folder ${outer.path}. They must be apart.`,
      );
    }
  }
}

/** With links followed as far as the path exists. Throws the system's error. */
export function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error)) || dirname(path) === path) throw error;
    return join(realPathOf(dirname(path)), basename(path));
  }
}

/** A person can mend these: permissions, and what stands in the way. All others are errors of the disk. */
const MISTAKES = new Set(['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR', 'ENOENT', 'ELOOP', 'ENAMETOOLONG']);

/** Does something with the disk. `failure` begins the message of its error. @throws UsageError, DiskError */
export function tryTo<T>(failure: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const Kind = MISTAKES.has(errorCode(error)) ? UsageError : DiskError;
    throw new Kind(`${failure}: ${errorMessage(error)}`, { cause: error });
  }
}

/** Does again what failed once: a disk that refuses for a moment should keep nothing of ours. */
export function twiceIfNeeded(work: () => void): void {
  try {
    work();
  } catch {
    work();
  }
}
