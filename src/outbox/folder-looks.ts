import { accessSync, constants, opendirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../lib/errors.ts';

/** Milliseconds for which a look at a folder counts for all documents. */
const LOOK_MS = 5;

/** A look that throws if something is wrong. One that found nothing wrong counts for a few milliseconds. */
export function nowAndThen(look: () => void): () => void {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - lookedAt < LOOK_MS) return;
    look();
    lookedAt = now;
  };
}

/** Milliseconds for which the right to write in a folder counts: it hardly ever changes. */
const RIGHTS_MS = 100;
/** Folders that are remembered, at most. */
const MOST_FOLDERS = 1000;

/** Checks, without writing, that a folder may be written in or, if it is not there, be made. */
export class WriteRights {
  readonly #lookedAt = new Map<string, number>();

  /** Throws the system's error if not. */
  require(folder: string): void {
    const now = performance.now();
    if (now - (this.#lookedAt.get(folder) ?? Number.NEGATIVE_INFINITY) < RIGHTS_MS) return;
    requireRights(folder);
    if (this.#lookedAt.size >= MOST_FOLDERS) this.#lookedAt.clear();
    this.#lookedAt.set(folder, now);
  }
}

function requireRights(folder: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const parent = dirname(folder);
    if (errorCode(error) !== 'ENOENT' || parent === folder) throw error;
    requireRights(parent);
  }
}

/** Names of a listing, at most: folders with more are not listed. */
const MOST_NAMES = 1000;
/** Milliseconds. A listing of a folder that changed so shortly before may miss a change that left its mtime the same. */
const RACY_MS = 50;
/** The same on file systems that keep times in steps of one or two seconds. */
const RACY_SECONDS_MS = 3000;

/**
 * The listing of a folder that seldom changes, kept as long as its mtime is the same: what is not in it need not be looked
 * for. There is none of a folder that changed a moment ago, or that holds many names.
 */
export class FolderNames {
  readonly #folder: string;
  readonly #lookNowAndThen = nowAndThen(() => this.#look());
  /** Null if they are not known. */
  #names: ReadonlySet<string> | null = null;
  #mtimeMs = Number.NaN;
  #inode = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** False if nothing lies at this path below the folder, and neither does the topmost folder on the way to it. */
  mayHold(path: string): boolean {
    this.#lookNowAndThen();
    return this.#names === null || this.#names.has(keyOf(path));
  }

  /** To be called when something was written there: its mtime may still be the same. */
  forget(): void {
    this.#names = null;
    this.#mtimeMs = Number.NaN;
  }

  #look(): void {
    try {
      const { mtimeMs, ino } = statSync(this.#folder);
      if (mtimeMs === this.#mtimeMs && ino === this.#inode) return;
      const isRacy = Date.now() - mtimeMs < (mtimeMs % 1000 === 0 ? RACY_SECONDS_MS : RACY_MS);
      this.#names = isRacy ? null : namesIn(this.#folder);
      this.#mtimeMs = isRacy ? Number.NaN : mtimeMs;
      this.#inode = ino;
    } catch {
      this.forget();
    }
  }
}

/** Null if there are many. */
function namesIn(folder: string): ReadonlySet<string> | null {
  const names = new Set<string>();
  const listing = opendirSync(folder, { bufferSize: MOST_NAMES });
  try {
    for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
      if (names.size === MOST_NAMES) return null;
      names.add(keyOf(entry.name));
    }
  } finally {
    listing.closeSync();
  }
  return names;
}

/** The first name of a path; the same for all spellings that a file system may take for one. */
function keyOf(path: string): string {
  const end = path.indexOf('/');
  return (end < 0 ? path : path.slice(0, end)).normalize('NFC').toLowerCase();
}
