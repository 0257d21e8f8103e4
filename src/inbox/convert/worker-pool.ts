import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Observable, type Subscriber } from 'rxjs';
import type { SourceFile } from '../../domain/document.ts';
import type { Converted } from '../../domain/ports.ts';
import type { PdfEngine } from '../../domain/recipe.ts';
import { errorCode } from '../../lib/errors.ts';
import { asBuffer } from './as-buffer.ts';

export interface WorkshopSettings {
  /** What a thread runs: it answers a `Task` with what came of it. */
  readonly worker: URL;
  /** As `node` takes them. @default those of this process */
  readonly execArgv?: readonly string[];
  /** Conversions at the same time, at most. */
  readonly threads: number;
  /** For one conversion, at most. */
  readonly seconds: number;
  /** Of memory for one thread, at most. */
  readonly megabytes: number;
}

/** What a thread is given. */
export interface Task {
  readonly files: readonly SourceFile[];
  readonly pdf: PdfEngine | null;
}

interface Job {
  readonly task: Task;
  readonly subscriber: Subscriber<Converted>;
  readonly left: AbortSignal;
}

/**
 * Converts documents in threads of their own, so that calls in flight go on, and so that a hostile one can be stopped.
 * A thread lives as long as there is work waiting.
 */
export class Workshop {
  readonly #settings: WorkshopSettings;
  readonly #waiting: Job[] = [];
  #threads = 0;

  constructor(settings: WorkshopSettings) {
    this.#settings = settings;
  }

  /** Emits once; never errors. Unsubscribing stops the work. */
  run(task: Task): Observable<Converted> {
    return new Observable((subscriber) => {
      const leaving = new AbortController();
      this.#waiting.push({ task, subscriber, left: leaving.signal });
      if (this.#threads < this.#settings.threads) void this.#work();
      return () => leaving.abort();
    });
  }

  async #work(): Promise<void> {
    this.#threads += 1;
    let worker: Worker | null = null;
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      if (job.left.aborted) continue;
      worker ??= this.#hire();
      // oxlint-disable-next-line no-await-in-loop -- one document after another, in one thread
      const { converted, fit } = await this.#convert(worker, job);
      if (!fit) void worker.terminate();
      if (!fit) worker = null;
      job.subscriber.next(converted);
      job.subscriber.complete();
    }
    this.#threads -= 1;
    await worker?.terminate();
  }

  #hire(): Worker {
    const { worker, execArgv, megabytes } = this.#settings;
    const thread = new Worker(worker, {
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    });
    // Told by the job that it happens to; without a listener it would end the process.
    thread.on('error', () => undefined);
    return thread;
  }

  /** `fit`: whether the thread can go on. */
  async #convert(
    worker: Worker,
    { task, left }: Job,
  ): Promise<{ readonly converted: Converted; readonly fit: boolean }> {
    const signal = AbortSignal.any([left, AbortSignal.timeout(this.#settings.seconds * 1000)]);
    try {
      const answer = once(worker, 'message', { signal });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(task);
      const converted: Converted = (await answer)[0];
      return { converted: withBuffers(converted), fit: true };
    } catch (error) {
      return { converted: this.#refused(error), fit: false };
    }
  }

  #refused(error: unknown): Converted {
    const { seconds, megabytes } = this.#settings;
    const limit = errorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY' ? `${megabytes} MB` : `${seconds} seconds`;
    const isLimit = errorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY' || errorCode(error) === 'ABORT_ERR';
    return isLimit
      ? { kind: 'refused', code: 'too-complex', reason: `It could not be converted within ${limit}. Split it.` }
      : { kind: 'refused', code: 'broken-document', reason: 'It could not be converted. Save it again.' };
  }
}

/** Between threads, a Buffer becomes a plain array of bytes. */
function withBuffers(converted: Converted): Converted {
  if (converted.kind === 'refused') return converted;
  const parts = converted.parts.map((part) => (part.kind === 'text' ? part : { ...part, bytes: asBuffer(part.bytes) }));
  return { kind: 'converted', parts };
}
