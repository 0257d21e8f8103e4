import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Observable } from 'rxjs';
import type { SourceFile } from '../../domain/document.ts';
import { StoppedError } from '../../domain/errors.ts';
import type { Converted } from '../../domain/ports.ts';
import type { PdfEngine } from '../../domain/recipe.ts';
import { errorCode } from '../../lib/errors.ts';

export interface WorkerPoolSettings {
  /** What a thread runs: it answers each `Task` with a `Converted`. */
  readonly worker: URL;
  /** Conversions at the same time, at most. */
  readonly threads: number;
  /** For one conversion, at most. */
  readonly seconds: number;
  /** Of memory for one thread, at most. */
  readonly megabytes: number;
  /** Emits when no conversion is needed any more. @default never */
  readonly closing?: Observable<unknown>;
}

/** What a thread is given. */
export interface Task {
  readonly files: readonly SourceFile[];
  readonly pdf: PdfEngine | null;
}

interface Job {
  readonly task: Task;
  readonly resolve: (converted: Converted) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Converts documents in threads of their own, so that calls in flight go on, and so that a hostile one can be stopped.
 * A thread lives as long as there is work waiting.
 */
export class WorkerPool {
  readonly #settings: WorkerPoolSettings;
  readonly #waiting: Job[] = [];
  readonly #running = new Set<AbortController>();
  #threads = 0;
  #closed = false;

  constructor(settings: WorkerPoolSettings) {
    this.#settings = settings;
    settings.closing?.subscribe(() => {
      this.#closed = true;
      for (const stop of this.#running) stop.abort();
    });
  }

  /** Rejects only with `StoppedError`, when the pool is closed first. */
  run(task: Task): Promise<Converted> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      if (this.#threads < this.#settings.threads) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#threads += 1;
    let worker: Worker | null = null;
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      if (this.#closed) {
        job.reject(new StoppedError());
        continue;
      }
      try {
        worker ??= this.#spawn();
        // oxlint-disable-next-line no-await-in-loop -- one document after another, in one thread
        job.resolve(await this.#convert(worker, job.task));
      } catch (error) {
        // The thread may be in any state.
        void worker?.terminate();
        worker = null;
        if (this.#closed) job.reject(new StoppedError());
        else job.resolve(this.#refused(error));
      }
    }
    this.#threads -= 1;
    await worker?.terminate();
  }

  #spawn(): Worker {
    const { worker, megabytes } = this.#settings;
    const thread = new Worker(worker, { resourceLimits: { maxOldGenerationSizeMb: megabytes } });
    // Its job reports the error; without a listener it would end the process.
    thread.on('error', () => undefined);
    return thread;
  }

  async #convert(worker: Worker, task: Task): Promise<Converted> {
    const stop = new AbortController();
    // No `AbortSignal.timeout`: what `AbortSignal.any` makes of it is collected as garbage, and then never fires.
    const timer = setTimeout(() => stop.abort(), this.#settings.seconds * 1000);
    this.#running.add(stop);
    try {
      const answer = once(worker, 'message', { signal: stop.signal });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(task);
      const converted: Converted = (await answer)[0];
      return withBuffers(converted);
    } finally {
      clearTimeout(timer);
      this.#running.delete(stop);
    }
  }

  #refused(error: unknown): Converted {
    const { seconds, megabytes } = this.#settings;
    const code = errorCode(error);
    if (code !== 'ERR_WORKER_OUT_OF_MEMORY' && code !== 'ABORT_ERR')
      return { kind: 'refused', code: 'broken-document', reason: 'It could not be converted. Save it again.' };
    const limit = code === 'ABORT_ERR' ? `${seconds} seconds` : `${megabytes} MB`;
    return { kind: 'refused', code: 'too-complex', reason: `It could not be converted within ${limit}. Split it.` };
  }
}

/** Between threads, a Buffer becomes a plain array of bytes. */
function withBuffers(converted: Converted): Converted {
  if (converted.kind === 'refused') return converted;
  const parts = converted.parts.map((part) => (part.kind === 'text' ? part : { ...part, bytes: asBuffer(part.bytes) }));
  return { ...converted, parts };
}

/** The same bytes, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
