import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface Reading {
  readonly reads: number;
  /** What was read of files that were not whole, by their paths. */
  readonly broken: Readonly<Record<string, string>>;
}

const THREAD = new URL('./outbox-reader-thread.mjs', import.meta.url);

/** A reader in a thread of its own, that polls outbox and failed of a workspace as fast as it can. */
export class OutboxReader {
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #reading: Promise<Reading>;

  /** `results`: what must be read wherever something is, by path below the workspace. */
  constructor(root: string, results: Readonly<Record<string, string>>) {
    const worker = new Worker(THREAD, { workerData: { root, results, stop: this.#stop }, execArgv: [] });
    const told = once(worker, 'message') as Promise<[Reading]>;
    this.#reading = Promise.all([told, once(worker, 'exit')]).then(([[reading]]) => reading);
  }

  /** May be called again: it tells the same. */
  stop(): Promise<Reading> {
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
    return this.#reading;
  }
}
