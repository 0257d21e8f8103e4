import {
  exhaustMap,
  filter,
  type MonoTypeOperatorFunction,
  map,
  type Observable,
  type OperatorFunction,
  pipe,
  timer,
} from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import { type InboxEvent, UNREADABLE } from '../domain/events.ts';
import { cooperatively } from './cooperative.ts';
import type { DocumentEntry, InboxEntry } from './entry.ts';
import { lookAgain } from './folder-document.ts';

interface Settling extends Pick<DocumentRef, 'size' | 'mtimeMs'>, Pick<DocumentEntry, 'state'> {
  /** Since when it stands still, on the monotonic clock. */
  readonly since: number;
}

/** Of two clocks, in milliseconds: `wall` compares with mtimes, `monotonic` measures waits. */
type ClockTimes = Readonly<Record<'wall' | 'monotonic', number>>;

export function currentTime(): ClockTimes {
  return { wall: Date.now(), monotonic: performance.now() };
}

/**
 * Remembers the files that are too young to be read, and no others.
 *
 * A file stands still once its size, mtime and inode did not change for the settle time; a folder that is one document,
 * once those of all its files and their number did not, and nothing in it is on its way under another name. A file with
 * an old mtime stands still at the first look; a future mtime counts from the moment it was first seen.
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

  /** True if the file stands still; if not, it is remembered. */
  see({ document: { id, size, mtimeMs }, state, unfinished = false }: DocumentEntry, now: ClockTimes): boolean {
    if (unfinished) {
      // It is looked at again after the settle time. By its empty state it never counts as having stood still since.
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

  /** For a name that is no longer a file to wait for. */
  forget(id: string): void {
    this.#files.delete(id);
  }

  /** Ids of files that may be old enough by now. */
  due(now: ClockTimes): string[] {
    return [...this.#files].filter(([, { since }]) => now.monotonic - since >= this.#settleMs).map(([id]) => id);
  }

  ids(): string[] {
    return [...this.#files.keys()];
  }
}

/** Milliseconds between two looks: a part of the settle time, within limits. */
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
): Observable<InboxEntry> {
  const period = Math.min(Math.max((settleSeconds * 1000) / 4, SHORTEST_PERIOD), LONGEST_PERIOD);
  return timer(0, period).pipe(
    until,
    filter(() => settling.size > 0),
    exhaustMap(() => cooperatively(() => lookAtDue(root, settling))),
  );
}

function* lookAtDue(root: string, settling: SettlingFiles): Generator<InboxEntry> {
  for (const id of settling.due(currentTime())) {
    let isDocument = false;
    for (const entry of lookAgain(root, id)) {
      // What cannot be looked at may still be a document: it is looked at again, and reported in the end.
      const isUnknown = entry.kind === 'ignored' && entry.reason === UNREADABLE;
      isDocument ||= isUnknown || entry.kind === 'document';
      yield entry;
    }
    if (!isDocument) settling.forget(id);
  }
}

/**
 * Lets documents pass that stand still. Those that are too young go to `settling`, and are told with `tellsYoung`; all other
 * entries are dropped.
 */
export function settledOnly(
  settling: SettlingFiles,
  initial: () => boolean,
  tellsYoung = false,
): OperatorFunction<InboxEntry, InboxEvent> {
  return pipe(
    map((entry): InboxEvent | null => {
      if (entry.kind === 'gone') settling.forget(entry.id);
      if (entry.kind !== 'document') return null;
      const { document } = entry;
      if (settling.see(entry, currentTime())) return { type: 'document-seen', document, initial: initial() };
      return tellsYoung ? { type: 'document-young', document } : null;
    }),
    filter((event) => event !== null),
  );
}

/** Reports the documents that did not stand still in time. */
export function unsettled(settling: SettlingFiles): readonly InboxEvent[] {
  return settling.ids().map((id) => ({ type: 'document-unsettled', id }));
}
