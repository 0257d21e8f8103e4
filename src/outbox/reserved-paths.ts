/**
 * Which document has which path in the outbox while it is worked on: recipes may send two documents to one path, or one
 * to where the other needs a folder. The ledger remembers what was filed. Paths that differ only in case are two: names
 * are made so that the disk keeps them apart.
 */
export class ReservedPaths {
  /** Ids by path. */
  readonly #owners = new Map<string, string>();
  /** Paths by id. */
  readonly #paths = new Map<string, string>();
  /** Ids of documents at whose path neither a result nor a receipt lay. */
  readonly #vacant = new Set<string>();
  /** How many of the paths lie below each folder. */
  readonly #folders = new Map<string, number>();

  /**
   * Reserves the path for the first document that asks, in place of its earlier one. Returns the id of a document in its
   * way, or null.
   */
  reserve(id: string, path: string, vacant = false): string | null {
    this.release(id);
    const other = this.#ownerInTheWay(path);
    if (other !== undefined) return other;
    this.#owners.set(path, id);
    this.#paths.set(id, path);
    if (vacant) this.#vacant.add(id);
    this.#count(path, 1);
    return null;
  }

  /** Whether nothing lay at this path when the document reserved it. Only once: it is about to be written to. */
  takeVacant(id: string, path: string): boolean {
    return this.#paths.get(id) === path && this.#vacant.delete(id);
  }

  /** The path of a document is free. */
  release(id: string): void {
    const path = this.#paths.get(id);
    if (path === undefined) return;
    this.#paths.delete(id);
    this.#vacant.delete(id);
    this.#owners.delete(path);
    this.#count(path, -1);
  }

  /** Who has the path, a folder above it, or something below it. */
  #ownerInTheWay(path: string): string | undefined {
    const own = this.#owners.get(path);
    if (own !== undefined) return own;
    for (const folder of foldersAbove(path)) if (this.#owners.has(folder)) return this.#owners.get(folder);
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

function foldersAbove(path: string): readonly string[] {
  if (!path.includes('/')) return [];
  return Array.from(path.matchAll(/\//g), ({ index }) => path.slice(0, index));
}
