import { setImmediate } from 'node:timers/promises';
import {
  exhaustMap,
  filter,
  type MonoTypeOperatorFunction,
  map,
  Observable,
  type OperatorFunction,
  pipe,
  type Subscriber,
  timer,
} from 'rxjs';
import { type InboxEvent, UNREADABLE } from '../domain/events.ts';
import type { DocumentSighting, Sighting } from './entry.ts';
import { lookAgain } from './folder-document.ts';

interface Settling {
  readonly size: number;
  readonly mtimeMs: number;
  readonly state: DocumentSighting['state'];
  /** Since when it stands still, on the monotonic clock. */
  readonly since: number;
}

/** Two clocks in milliseconds: `wall` compares with mtimes, `monotonic` measures waits. */
interface Now {
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

/** Milliseconds between two looks: near enough to the settle time, and cheap when nothing settles. */
const SHORTEST_PERIOD = 20;
const LONGEST_PERIOD = 250;

/**
 * Looks again at the files that are due, with one timer for all of them. Never ends by itself: `until` may end the
 * timer, and the look that is under way is finished.
 */
export function lookAtSettling(
  root: string,
  settling: SettlingFiles,
  settleSeconds: number,
  until: MonoTypeOperatorFunction<unknown> = (ticks) => ticks,
): Observable<Sighting> {
  const period = Math.min(Math.max((settleSeconds * 1000) / 4, SHORTEST_PERIOD), LONGEST_PERIOD);
  return timer(0, period).pipe(
    until,
    filter(() => settling.size > 0),
    exhaustMap(() => inSlices(() => lookAtDue(root, settling))),
  );
}

function* lookAtDue(root: string, settling: SettlingFiles): Generator<Sighting> {
  for (const id of settling.due(currentTime())) {
    let isDocument = false;
    for (const sighting of lookAgain(root, id)) {
      // What cannot be looked at may still be a document: it is looked at again, and told of in the end.
      const isUnknown = sighting.kind === 'ignored' && sighting.reason === UNREADABLE;
      isDocument ||= isUnknown || sighting.kind === 'document';
      yield sighting;
    }
    if (!isDocument) settling.forget(id);
  }
}

/** Lets through what stands still. What is too young goes to `settling`, everything else is dropped. */
export function sift(settling: SettlingFiles, initial: () => boolean): OperatorFunction<Sighting, InboxEvent> {
  return pipe(
    filter((sighting): sighting is DocumentSighting => {
      if (sighting.kind === 'gone') settling.forget(sighting.id);
      return sighting.kind === 'document' && settling.see(sighting, currentTime());
    }),
    map(({ document }) => ({ type: 'document-seen', document, initial: initial() })),
  );
}

// oxlint-disable no-await-in-loop -- one item at a time is what this is for

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 5;

/**
 * Emits what a synchronous source yields, giving the event loop a turn every few milliseconds, so that long listings
 * neither delay anything else nor pay for a promise per item.
 *
 * `before` may return something to wait for before the item is emitted and the next one is pulled.
 */
export function inSlices<T>(
  source: () => Iterable<T>,
  before: (item: T) => Promise<void> | undefined = () => undefined,
): Observable<T> {
  return new Observable((subscriber) => {
    pull(source(), before, subscriber).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}

async function pull<T>(
  items: Iterable<T>,
  before: (item: T) => Promise<void> | undefined,
  subscriber: Subscriber<T>,
): Promise<void> {
  let sliceEnd = performance.now() + SLICE;
  for (const item of items) {
    const waiting = before(item);
    if (waiting !== undefined) await waiting;
    subscriber.next(item);
    if (performance.now() > sliceEnd) {
      await setImmediate();
      sliceEnd = performance.now() + SLICE;
    }
    if (subscriber.closed) return;
  }
}
