import { accessSync, constants, type Dirent, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DiskError, PathError } from '../domain/errors.ts';
import type { FoundResult } from '../domain/ports.ts';
import type { ResultPlace } from '../domain/request.ts';
import type { Disk } from '../lib/durable-files.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { type AtomicWriter, sweepTemps } from './atomic-writer.ts';
import { WriteRights } from './folder-looks.ts';
import { cut, openPlaces } from './safe-names.ts';

/** Bytes of a file's name, at most. */
const NAME_BYTES = 255;

/**
 * Files of documents in one folder: each place has one with its name, and others with a suffix after that. Methods throw,
 * or reject with, `DiskError` or `PathError`.
 */
export class DocumentFolder {
  readonly path: string;
  readonly #writer: AtomicWriter;
  readonly #disk: Pick<Disk, 'unlink'>;
  readonly #nameOf: (place: ResultPlace) => string;
  readonly #rights = new WriteRights();
  readonly #unusedSuffix: string | null;
  /** False once a sweep found no file with `#unusedSuffix`. */
  #mayHoldUnused = true;

  /**
   * @param unusedSuffix with which only earlier processes wrote files
   * @throws DiskError if the folder can neither be made nor written to
   */
  constructor(path: string, writer: AtomicWriter, disk: Pick<Disk, 'unlink'>, unusedSuffix: string | null = null) {
    this.path = path;
    this.#unusedSuffix = unusedSuffix;
    this.#writer = writer;
    this.#disk = disk;
    try {
      this.#nameOf = openPlaces(path);
    } catch (error) {
      // Whatever bars the whole folder bars every document.
      throw new DiskError(fileError(error, path, path).message, { cause: error });
    }
  }

  /** Where a file lies, or would lie. */
  pathOf(place: ResultPlace, suffix: string): string {
    return `${this.path}/${withSuffix(this.#nameOf(place) + place.ending, suffix)}`;
  }

  /** The path below the folder. */
  below(file: string): string {
    return file.slice(this.path.length + 1);
  }

  /** The place's file with a suffix; null if there is none. */
  find(place: ResultPlace, suffix = ''): FoundResult | null {
    if (suffix === this.#unusedSuffix && !this.#mayHoldUnused) return null;
    const file = this.pathOf(place, suffix);
    return this.#found(file, fileAt(file));
  }

  /** Resolves to the file's path below the folder. */
  async write(place: ResultPlace, suffix: string, content: string | Uint8Array): Promise<string> {
    const file = this.pathOf(place, suffix);
    await this.#attempt(file, () => this.#writer.write(file, content));
    return this.below(file);
  }

  /** Removes a file last written before a time (ms since the epoch). Resolves to whether there was one. @default any time */
  async remove(place: ResultPlace, suffix: string, before = Number.POSITIVE_INFINITY): Promise<boolean> {
    const file = this.pathOf(place, suffix);
    const stats = fileAt(file);
    if (stats === undefined || stats.mtimeMs >= before) return false;
    await this.#attempt(file, () =>
      this.#disk.unlink(file).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
      }),
    );
    return true;
  }

  /** As `find`; also throws if a folder lies there, so that no file can be written. */
  requireNoFolder(place: ResultPlace, suffix: string): FoundResult | null {
    const file = this.pathOf(place, suffix);
    return this.#look(file, () => {
      const stats = statSync(file, { throwIfNoEntry: false });
      if (stats?.isDirectory() === true) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' });
      return this.#found(file, stats?.isFile() === true ? stats : undefined);
    });
  }

  /** Throws if a look shows that nothing can be written at a place. It cannot show all: a disk may be full. */
  requireRights(place: ResultPlace): void {
    const file = this.pathOf(place, '');
    this.#look(file, () => this.#rights.require(dirname(file)));
  }

  /** Removes temp files that a dead process left, and resolves to their number. */
  async sweep(): Promise<number> {
    let found = false;
    const onFile = (entry: Dirent): void => {
      // Behind a link to a folder there may be some, too.
      found ||= entry.isSymbolicLink() || (this.#unusedSuffix !== null && entry.name.endsWith(this.#unusedSuffix));
    };
    const inUse = (file: string): boolean => this.#writer.owns(file);
    const swept = await this.#attempt(this.path, () => sweepTemps(this.path, inUse, onFile));
    this.#mayHoldUnused = found;
    return swept;
  }

  #found(file: string, stats: Stats | undefined): FoundResult | null {
    return stats === undefined ? null : { path: this.below(file), mtimeMs: stats.mtimeMs };
  }

  #look<T>(file: string, look: () => T): T {
    try {
      return look();
    } catch (error) {
      throw fileError(error, file, this.path);
    }
  }

  async #attempt<T>(file: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fileError(error, file, this.path);
    }
  }
}

/** A name that has no room left for the suffix is cut once more. */
function withSuffix(path: string, suffix: string): string {
  if (suffix === '') return path;
  const start = path.lastIndexOf('/') + 1;
  const name = path.slice(start);
  const hasRoom = Buffer.byteLength(name) + suffix.length <= NAME_BYTES;
  return (hasRoom ? path : path.slice(0, start) + cut(name, name)) + suffix;
}

/** The way to one path is barred. */
const BARRED = new Set(['EACCES', 'ELOOP', 'ENAMETOOLONG']);
/** No file has this path: something above it is no folder, or the disk holds no such name. */
const NO_SUCH_FILE = new Set(['ENOTDIR', 'EINVAL', 'EILSEQ']);

/**
 * The file at a path; undefined if there is none.
 *
 * @throws PathError if the way to it is barred, DiskError if the disk does not tell
 */
export function fileAt(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch (error) {
    const code = errorCode(error);
    if (NO_SUCH_FILE.has(code)) return undefined;
    const Kind = BARRED.has(code) ? PathError : DiskError;
    throw new Kind(`The disk does not tell whether ${path} is there: ${errorMessage(error)}`, { cause: error });
  }
}

/** What each error means for people. What becomes of the document meanwhile: `pipeline/disk-retry.ts`. */
const SENTENCES: Readonly<Record<string, (file: string) => string>> = {
  ENOSPC: (file) => `The disk is full: ${file} could not be written. Make room on it.`,
  EDQUOT: (file) => `The disk quota is used up: ${file} could not be written. Make room, or have the quota raised.`,
  EROFS: (file) => `The disk is read-only: ${file} could not be written. Mount it for writing.`,
  EACCES: (file) => `Permission denied: ${file} could not be written. Give this user the right to write in its folder.`,
  EPERM: (file) => `Not permitted: ${file} could not be written. Give this user the right to write in its folder.`,
  EIO: (file) => `The disk reports an error (EIO): ${file} could not be written. Check the disk.`,
  EMFILE: (file) => `Too many files are open: ${file} could not be written. Raise the limit (ulimit -n).`,
  ENFILE: (file) => `Too many files are open on this machine: ${file} could not be written.`,
  EISDIR: (file) => `A folder stands where ${file} belongs. Move it away.`,
  EEXIST: (file) => `A file stands where a folder above ${file} belongs. Move it away.`,
  ENOTDIR: (file) => `A file stands where a folder above ${file} belongs. Move it away.`,
  ENAMETOOLONG: (file) => `The name is too long for this disk: ${file}. Rename the document.`,
  ELOOP: (file) => `Links lead in a circle at ${file}. Remove them.`,
};

/** These concern one path alone. */
const OF_ONE_PATH = new Set(['EISDIR', 'EEXIST', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EILSEQ', 'EINVAL']);
/**
 * So do these if `root` is open to us: a subfolder refuses, or the disk holds no such name. exFAT by FUSE, and SMB, answer
 * `ENOENT` to that though the folder is there.
 */
const OF_ONE_PATH_BELOW_AN_OPEN_ROOT = new Set(['EACCES', 'EPERM', 'ENOENT']);

/** Says which file below `root` the disk refused, and what to do; a `PathError` if that concerns this file alone. */
export function fileError(error: unknown, file: string, root: string): DiskError | PathError {
  if (error instanceof DiskError || error instanceof PathError) return error;
  const code = errorCode(error);
  const isOfOnePath =
    OF_ONE_PATH.has(code) ||
    (OF_ONE_PATH_BELOW_AN_OPEN_ROOT.has(code) && (code === 'ENOENT' || dirname(file) !== root) && isOpen(root));
  const message =
    code === 'ENOENT' && isOfOnePath
      ? `This disk holds no file of such a name: ${file}. Rename the document.`
      : (SENTENCES[code]?.(file) ?? `${file} could not be written: ${errorMessage(error)}`);
  const Kind = isOfOnePath ? PathError : DiskError;
  return new Kind(message, { cause: error });
}

function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
