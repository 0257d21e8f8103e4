import type { DocumentSighting } from './entry.ts';

interface Settling {
  readonly size: number;
  readonly mtimeMs: number;
  readonly state: DocumentSighting['state'];
  /** Since when it stands still, on the monotonic clock. */
  readonly since: number;
}

/** Two clocks in milliseconds: `wall` compares with mtimes, `monotonic` measures waits. */
export interface Now {
  readonly wall: number;
  readonly monotonic: number;
}

/** Reads both clocks. */
export function currentTime(): Now {
  return { wall: Date.now(), monotonic: performance.now() };
}

/**
 * Remembers the files that are too young to be read, and nothing of any other.
 *
 * A file stands still once its size, mtime and inode did not change for the settle time; a folder that is one document,
 * once those of all its files and their number did not, and nothing in it is on its way under another name. An old mtime counts as standing still on sight; a future one
 * counts from the moment it was first seen.
 */
export class SettlingFiles {
  readonly #files = new Map<string, Settling>();
  readonly #settleMs: number;

  constructor(settleSeconds: number) {
    this.#settleMs = settleSeconds * 1000;
  }

  get size(): number {
    return this.#files.size;
  }

  /** True where the file stands still; it is remembered where it does not. */
  see({ document: { id, size, mtimeMs }, state, unfinished = false }: DocumentSighting, now: Now): boolean {
    if (unfinished) {
      // Looked at again after the settle time, and not to be taken for what stood still since then.
      this.#files.set(id, { size, mtimeMs, state: '', since: now.monotonic });
      return false;
    }
    const before = this.#files.get(id);
    const still = before?.size === size && before.mtimeMs === mtimeMs && before.state === state;
    const since = still ? before.since : now.monotonic - Math.max(now.wall - mtimeMs, 0);
    if (now.monotonic - since >= this.#settleMs) {
      this.#files.delete(id);
      return true;
    }
    if (!still) this.#files.set(id, { size, mtimeMs, state, since });
    return false;
  }

  /** Whatever is under this name now, it is no file to wait for. */
  forget(id: string): void {
    this.#files.delete(id);
  }

  /** Ids of files that may be old enough by now. */
  due(now: Now): string[] {
    return [...this.#files].filter(([, { since }]) => now.monotonic - since >= this.#settleMs).map(([id]) => id);
  }

  ids(): string[] {
    return [...this.#files.keys()];
  }
}
