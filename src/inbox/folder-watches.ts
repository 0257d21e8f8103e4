import { FSWatcher } from 'chokidar';
import { Subject } from 'rxjs';
import { asObject } from '../lib/json.ts';
import { folderIdentity } from './presence.ts';

interface FolderWatch {
  readonly identity: string | null;
  readonly ready: Promise<void>;
  readonly watcher: QuietWatcher;
}

/** One watch for each folder of the inbox. Folders are ids: paths below the root; the root is the empty id. */
export class FolderWatches {
  readonly #root: string;
  readonly #watches = new Map<string, FolderWatch>();
  readonly #blind = new Set<string>();
  readonly #hints = new Subject<string>();
  readonly #errors = new Subject<unknown>();
  #closed = false;

  /** Ids of entries to look at: something happened to them. */
  readonly hints = this.#hints.asObservable();
  /** What the system said when it refused or dropped a watch. */
  readonly errors = this.#errors.asObservable();

  constructor(root: string) {
    this.#root = root;
  }

  /** True while at least one folder has no watch, because the system refused it. */
  get blind(): boolean {
    return this.#blind.size > 0;
  }

  /** Resolves once the folder is watched, or the system refused that. A folder that took another's place is new. */
  enter(folder: string): Promise<void> {
    const identity = this.#identity(folder);
    const watch = this.#watches.get(folder);
    return watch?.identity === identity ? watch.ready : this.#open(folder, identity);
  }

  /** Ends the watches of folders that are no longer there. */
  prune(): void {
    for (const folder of this.#blind) if (this.#identity(folder) === null) this.#blind.delete(folder);
    for (const [folder, { identity }] of this.#watches)
      if (this.#identity(folder) !== identity) void this.#leave(folder);
  }

  /** Ends all watches, also those that are still being opened. */
  close(): void {
    this.#closed = true;
    for (const folder of this.#watches.keys()) void this.#leave(folder);
  }

  #open(folder: string, identity: string | null): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const left = this.#leave(folder);
    this.#blind.delete(folder);
    const path = this.#path(folder);
    const watcher = new QuietWatcher({
      atomic: false,
      ignoreInitial: true,
      ignorePermissionErrors: true,
      // Milliseconds, if CHOKIDAR_USEPOLLING is set: for file systems that send no events, like network shares.
      interval: 1000,
      binaryInterval: 1000,
    })
      .on('raw', (_event, name, details) => this.#hint(folder, path, name, details))
      .on('error', (error) => {
        this.#blind.add(folder);
        void this.#leave(folder);
        this.#errors.next(error);
      });
    const ready = new Promise<void>((resolve) => {
      watcher.once('ready', resolve);
    });
    this.#watches.set(folder, { identity, ready, watcher });
    // chokidar shares one system watch among all of one path: the old folder's is closed before the new one's opens.
    void left.then(() => watcher.add(path));
    return ready;
  }

  /** An event from polling, or one without a name, concerns the folder as a whole. */
  #hint(folder: string, path: string, name: unknown, details: unknown): void {
    const { watchedPath: watched } = asObject(details);
    if (watched === undefined || (watched === path && typeof name !== 'string')) this.#hints.next(folder);
    else if (watched === path) this.#hints.next(folder === '' ? String(name) : `${folder}/${String(name)}`);
  }

  /** Waits for `ready`: a chokidar that is closed during its start leaves a handle open for good. */
  async #leave(folder: string): Promise<void> {
    const watch = this.#watches.get(folder);
    if (watch === undefined) return;
    this.#watches.delete(folder);
    await watch.ready;
    await watch.watcher.close();
  }

  #identity(folder: string): string | null {
    return folderIdentity(this.#path(folder));
  }

  #path(folder: string): string {
    return folder === '' ? this.#root : `${this.#root}/${folder}`;
  }
}

type Throttle = FSWatcher['_throttle'];

/**
 * chokidar without its own listings: it reports entries by `raw` events, and never reads a folder: our scan does.
 *
 * chokidar 5 lists a folder and stats every entry at the start and at each event in it, and no option turns that off.
 * Measured on a busy machine, for a folder of 10,000 and of 100,000 files, this class against `all` events with
 * `{ ignoreInitial: true, alwaysStat: false, depth: 0 }`, and against `raw` events where all files are `ignored`:
 *
 * |                          | this class     | `all`             | all `ignored`   |
 * |--------------------------|----------------|-------------------|-----------------|
 * | start                    | 11 ms, 29 ms   | 0.9 s, 9.4 s      | 0.26 s, 1.7 s   |
 * | from a rename to its event | 0.2 ms, 0.2 ms | 330 ms, 3,000 ms | 2 ms, 20 ms     |
 * | CPU per dropped file     | 1 ms, 1 ms     | 380 ms, 3,100 ms  | 170 ms, 630 ms  |
 * | memory                   | 45 MB, 45 MB   | 118 MB, 426 MB    | 68 MB, 95 MB    |
 *
 * All listings of chokidar pass one throttle that may refuse them: here it always does.
 */
export class QuietWatcher extends FSWatcher {
  override _throttle(...[action, path, timeout]: Parameters<Throttle>): ReturnType<Throttle> {
    // oxlint-disable-next-line no-underscore-dangle -- chokidar's name, declared in its types
    return action === 'readdir' ? false : super._throttle(action, path, timeout);
  }
}
