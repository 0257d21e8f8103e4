import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import type { SourceFile } from '../../domain/document.ts';
import { StoppedError } from '../../domain/errors.ts';
import type { Converted } from '../../domain/ports.ts';
import type { PdfEngine } from '../../domain/recipe.ts';

export interface ProcessPoolSettings {
  /** What each process runs: it answers every `Task` with a `Converted`, or says why it cannot. @default `worker` */
  readonly program: URL;
  /** What its thread runs: given to it, before `megabytes`. */
  readonly worker: URL;
  /** Conversions at the same time, at most. */
  readonly processes: number;
  /** For one conversion, at most. */
  readonly seconds: number;
  /** Of memory for one process, at most. */
  readonly megabytes: number;
  /** Emits when no conversion is needed any more. @default never */
  readonly closing?: Observable<unknown>;
}

/** What a process is given. */
export interface Task {
  readonly files: readonly SourceFile[];
  readonly pdf: PdfEngine | null;
}

/** Why a process has no answer to a task, and can give none to another. */
export type ProcessFailure = 'out-of-memory' | 'failed';
type Ending = ProcessFailure | 'out-of-time' | 'crashed' | 'interrupted';

interface Job {
  readonly task: Task;
  readonly resolve: (converted: Converted) => void;
  readonly reject: (error: Error) => void;
}

/** Signals that a terminal, or a service manager, sends to a whole group of processes: no document is at fault. */
const FROM_OUTSIDE: ReadonlySet<string | null> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP']);
/** Documents often come one after another, and to start a process takes longer than to convert most of them. */
const IDLE_MS = 5000;
/** Of a document whose process could not be started, or was ended from outside. */
const MOST_TRIES = 10;
const NEXT_TRY_MS = 500;

/**
 * Converts documents in processes of their own, so that calls in flight go on, and so that a hostile one can be stopped and
 * takes nothing else down: where an array or a string grows too large, V8 aborts the whole process, in whichever of its
 * threads that is. None of them lives longer than this one.
 */
export class ProcessPool {
  readonly #settings: ProcessPoolSettings;
  readonly #waiting: Job[] = [];
  readonly #children = new Set<ChildProcess>();
  /** Those without a task, each with the timer that ends it. */
  readonly #idle = new Map<ChildProcess, NodeJS.Timeout>();
  #working = 0;
  #closed = false;

  constructor(settings: ProcessPoolSettings) {
    this.#settings = settings;
    settings.closing?.subscribe(() => {
      this.#closed = true;
      for (const child of this.#children) child.kill('SIGKILL');
    });
  }

  /** Rejects only with `StoppedError`, when the pool is closed first. */
  run(task: Task): Promise<Converted> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      if (this.#working < this.#settings.processes) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working += 1;
    let child = this.#take();
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift())
      // oxlint-disable-next-line no-await-in-loop -- one document after another, in one process
      child = await this.#do(job, child);
    this.#working -= 1;
    if (child !== null) this.#rest(child);
  }

  #take(): ChildProcess | null {
    const [idle] = this.#idle;
    if (idle === undefined) return null;
    const [child, timer] = idle;
    clearTimeout(timer);
    this.#idle.delete(child);
    child.ref();
    child.channel?.ref();
    return child;
  }

  /** It keeps nothing running while it waits. */
  #rest(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    const end = (): void => {
      this.#idle.delete(child);
      child.kill('SIGKILL');
    };
    this.#idle.set(child, setTimeout(end, IDLE_MS).unref());
  }

  /** Resolves to the process, if it can go on. */
  async #do({ task, resolve, reject }: Job, idle: ChildProcess | null): Promise<ChildProcess | null> {
    let child = idle;
    for (let tries = 1; !this.#closed; tries += 1) {
      child ??= this.#start();
      // oxlint-disable-next-line no-await-in-loop -- tried again only if it was interrupted
      const answer = await this.#ask(child, task);
      if (typeof answer !== 'string') {
        resolve(withBuffers(answer));
        return child;
      }
      // It may be in any state.
      child.kill('SIGKILL');
      child = null;
      if (this.#closed) break;
      if (answer !== 'interrupted' || tries === MOST_TRIES) {
        resolve(this.#refused(answer));
        return null;
      }
      // oxlint-disable-next-line no-await-in-loop -- as above
      await sleep(NEXT_TRY_MS);
    }
    reject(new StoppedError());
    return child;
  }

  #start(): ChildProcess {
    const { program, worker, megabytes } = this.#settings;
    const child = fork(program, [worker.href, String(megabytes)], {
      serialization: 'advanced',
      execArgv: [],
      // What V8 says of an abort would quote neither us nor the document.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#children.add(child);
    const forget = (): void => {
      clearTimeout(this.#idle.get(child));
      this.#idle.delete(child);
      this.#children.delete(child);
    };
    // The next request to it fails with the error; without a listener it would end this process.
    child.on('exit', forget).on('error', forget);
    return child;
  }

  #ask(child: ChildProcess, task: Task): Promise<Converted | Ending> {
    return new Promise((resolve) => {
      const answer = (outcome: Converted | Ending): void => {
        clearTimeout(timer);
        child.off('message', answer).off('exit', onExit).off('error', onError);
        resolve(outcome);
      };
      const onExit = (_code: number | null, signal: string | null): void =>
        answer(FROM_OUTSIDE.has(signal) ? 'interrupted' : 'crashed');
      const onError = (): void => answer('interrupted');
      const timer = setTimeout(() => answer('out-of-time'), this.#settings.seconds * 1000);
      child.on('message', answer).on('exit', onExit).on('error', onError);
      child.send(task, (error) => {
        if (error !== null) onError();
      });
    });
  }

  #refused(ending: Ending): Converted {
    const { seconds, megabytes } = this.#settings;
    switch (ending) {
      case 'out-of-time':
        return refusal('too-complex', `It could not be converted within ${seconds} seconds. Split it.`);
      case 'out-of-memory':
        return refusal('too-complex', `It could not be converted within ${megabytes} MB. Split it.`);
      case 'crashed':
        return refusal('too-complex', 'It made the converter crash. Save it again, or split it.');
      case 'interrupted':
        return refusal('no-process', 'No process could be started that converts it: the system has too few left.');
      case 'failed':
        return refusal('broken-document', 'It could not be converted. Save it again.');
    }
  }
}

function refusal(code: string, reason: string): Converted {
  return { kind: 'refused', code, reason };
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
