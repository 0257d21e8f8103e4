/**
 * Which document has which path in the outbox while it is worked on: two documents may be sent to one path by their
 * recipes, or one to where the other needs a folder. What was filed is remembered by the ledger. Paths that differ in
 * case alone are two: names are made so that the disk keeps those apart.
 */
export class ResultOwners {
  readonly #owners = new Map<string, string>();
  readonly #paths = new Map<string, string>();
  /** How many of the paths lie below each folder. */
  readonly #folders = new Map<string, number>();

  /** Gives the path to the first document that asks, in place of its earlier one. Returns the id of one in its way, else null. */
  claim(id: string, path: string): string | null {
    this.release(id);
    const other = this.#ownerInTheWay(path);
    if (other !== undefined) return other;
    this.#owners.set(path, id);
    this.#paths.set(id, path);
    this.#count(path, 1);
    return null;
  }

  /** The path of a document is anyone's again. */
  release(id: string): void {
    const path = this.#paths.get(id);
    if (path === undefined) return;
    this.#paths.delete(id);
    this.#owners.delete(path);
    this.#count(path, -1);
  }

  #ownerInTheWay(path: string): string | undefined {
    const file = [path, ...foldersAbove(path)].find((above) => this.#owners.has(above));
    if (file !== undefined) return this.#owners.get(file);
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
  return Array.from(path.matchAll(/\//g), ({ index }) => path.slice(0, index));
}
