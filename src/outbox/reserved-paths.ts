interface ReservedPath {
  readonly path: string;
  /** Neither a result nor a receipt lay there. */
  readonly vacant: boolean;
}

/**
 * Which document has which path in the outbox while it is worked on: recipes may send two documents to one path, or one
 * to where the other needs a folder. What was filed is remembered by the ledger. Paths that differ only in case are two:
 * names are made so that the disk keeps those apart.
 */
export class ReservedPaths {
  readonly #owners = new Map<string, string>();
  readonly #reservations = new Map<string, ReservedPath>();
  /** How many of the paths lie below each folder. */
  readonly #folders = new Map<string, number>();

  /**
   * Reserves the path for the first document that asks, in place of its earlier one. Returns the id of a document in its
   * way, or null.
   *
   * @default vacant false
   */
  reserve(id: string, path: string, vacant = false): string | null {
    this.release(id);
    const other = this.#ownerInTheWay(path);
    if (other !== undefined) return other;
    this.#owners.set(path, id);
    this.#reservations.set(id, { path, vacant });
    this.#count(path, 1);
    return null;
  }

  /** Whether nothing lay at this path when the document reserved it. Only once: it is about to be written to. */
  takeVacant(id: string, path: string): boolean {
    const reservation = this.#reservations.get(id);
    if (reservation?.path !== path || !reservation.vacant) return false;
    this.#reservations.set(id, { path, vacant: false });
    return true;
  }

  /** The path of a document is free. */
  release(id: string): void {
    const path = this.#reservations.get(id)?.path;
    if (path === undefined) return;
    this.#reservations.delete(id);
    this.#owners.delete(path);
    this.#count(path, -1);
  }

  #ownerInTheWay(path: string): string | undefined {
    const own = this.#owners.get(path);
    if (own !== undefined) return own;
    const above = foldersAbove(path).find((folder) => this.#owners.has(folder));
    if (above !== undefined) return this.#owners.get(above);
    if (!this.#folders.has(path)) return undefined;
    return [...this.#owners].find(([below]) => below.startsWith(`${path}/`))?.[1];
  }

  #count(path: string, change: 1 | -1): void {
    for (const folder of foldersAbove(path)) {
      const paths = (this.#folders.get(folder) ?? 0) + change;
      if (paths === 0) this.#folders.delete(folder);
      else this.#folders.set(folder, paths);
    }
  }
}

const NONE: readonly string[] = [];

function foldersAbove(path: string): readonly string[] {
  if (!path.includes('/')) return NONE;
  return Array.from(path.matchAll(/\//g), ({ index }) => path.slice(0, index));
}
