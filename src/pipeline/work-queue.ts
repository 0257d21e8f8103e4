import { Subject } from 'rxjs';
import type { Clock } from '../lib/clock.ts';
import { Fifo } from '../lib/fifo.ts';

export interface WorkQueueSettings<T> {
  /** What identifies an item: at most one item of a key is being processed. */
  readonly key: (item: T) => string;
  /** True if the later item brings nothing new. */
  readonly same: (earlier: T, later: T) => boolean;
  /** Items that are being processed, at most. */
  readonly limit: number;
  readonly clock: Clock;
}

/** How long an item stays away: milliseconds, or until `wake` is called. The function returns how to stop waiting. */
export type Wait = number | ((wake: () => void) => () => void);

export interface Later<T> {
  readonly item: T;
  readonly after: Wait;
  /** True: adding the same item again does not end its wait. @default it ends */
  readonly stays?: (() => boolean) | undefined;
}

interface Entry<T> {
  item: T;
  state: 'queued' | 'processing' | 'away';
  /** What was added under the same key while the item was processed. */
  newer: T | null;
  /** As what, and when, it comes back after it is done. */
  later: Later<T> | null;
  stopWaiting: (() => void) | null;
}

/** Items in line are given up in slices of this many, so that a stop never holds the event loop. */
const SLICE = 1000;

/**
 * A work queue with the rules of Kubernetes' client-go: an item in line or being processed is not taken twice; a newer one
 * of its key takes its place, or follows when the older one is done. An item that was added for later holds no place; one of
 * its key that is added meanwhile ends its wait.
 *
 * The limit is kept here, not by the buffer of `mergeMap`: that takes longer per item the longer it is, and overflows the
 * stack if thousands of items in a row end as soon as they start.
 */
export class WorkQueue<T> {
  readonly #settings: WorkQueueSettings<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #line = new Fifo<Entry<T>>();
  readonly #items = new Subject<T>();
  readonly #added = new Subject<T>();
  readonly #left = new Subject<T>();
  /** Items whose turn it is. `done` is to be called for each. */
  readonly items$ = this.#items.asObservable();
  /** Items as they join the line: for the first time, or again. */
  readonly added$ = this.#added.asObservable();
  /** Items that are given up because the queue was closed. */
  readonly left$ = this.#left.asObservable();
  #processing = 0;
  #starting = false;
  #ended = false;
  #closed = false;

  constructor(settings: WorkQueueSettings<T>) {
    this.#settings = settings;
  }

  add(item: T): void {
    if (this.#closed) {
      this.#left.next(item);
      return;
    }
    const key = this.#settings.key(item);
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#join(key, item);
    else if (entry.state === 'away') {
      if (this.#staysAway(entry, item)) return;
      entry.stopWaiting?.();
      this.#join(key, item);
    } else if (this.#settings.same(entry.newer ?? entry.item, item)) return;
    else if (entry.state === 'processing') entry.newer = item;
    else entry.item = item;
  }

  /** For an item that is being processed: it comes back after it is done, and then the wait. */
  addAfter(later: Later<T>): void {
    const entry = this.#entries.get(this.#settings.key(later.item));
    if (entry !== undefined) entry.later = later;
  }

  /** An item of `items$` was processed. */
  done(item: T): void {
    const key = this.#settings.key(item);
    const entry = this.#entries.get(key);
    if (entry?.state !== 'processing') return;
    this.#processing -= 1;
    this.#entries.delete(key);
    if (entry.newer !== null) this.add(entry.newer);
    else if (entry.later !== null && !this.#closed) this.#putAway(key, entry, entry.later);
    this.#startNext();
    this.#completeWhenIdle();
  }

  /** Nothing more is added from outside. The streams complete when nothing is in line, processed or away. */
  end(): void {
    this.#ended = true;
    this.#completeWhenIdle();
  }

  /** Starts no more items. What is in line, or added from now on, is given up; what is away is forgotten. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const [key, entry] of this.#entries) {
      if (entry.state !== 'away') continue;
      entry.stopWaiting?.();
      this.#entries.delete(key);
    }
    this.#giveUpSlice();
  }

  #join(key: string, item: T): void {
    const entry: Entry<T> = { item, state: 'queued', newer: null, later: null, stopWaiting: null };
    this.#entries.set(key, entry);
    this.#added.next(item);
    this.#line.push(entry);
    this.#startNext();
  }

  /** Re-entrant calls return at once: the running loop sees the room that they made. */
  #startNext(): void {
    if (this.#starting || this.#closed) return;
    this.#starting = true;
    try {
      while (this.#processing < this.#settings.limit) {
        const entry = this.#line.shift();
        if (entry === undefined) break;
        entry.state = 'processing';
        this.#processing += 1;
        this.#items.next(entry.item);
      }
    } finally {
      this.#starting = false;
    }
  }

  #putAway(key: string, entry: Entry<T>, { item, after }: Later<T>): void {
    const back = (): void => this.#join(key, item);
    if (after === 0) {
      back();
      return;
    }
    entry.state = 'away';
    this.#entries.set(key, entry);
    if (typeof after === 'number') {
      const timer = this.#settings.clock.scheduler.schedule(back, after);
      entry.stopWaiting = () => timer.unsubscribe();
    } else entry.stopWaiting = after(back);
  }

  #staysAway({ later }: Entry<T>, item: T): boolean {
    return later?.stays !== undefined && this.#settings.same(later.item, item) && later.stays();
  }

  #giveUpSlice(): void {
    for (let count = 0; count < SLICE; count += 1) {
      const entry = this.#line.shift();
      if (entry === undefined) break;
      this.#entries.delete(this.#settings.key(entry.item));
      this.#left.next(entry.item);
    }
    // If no one listens any more, there is nothing to report.
    if (this.#line.size > 0 && this.#left.observed) this.#settings.clock.scheduler.schedule(() => this.#giveUpSlice());
    else this.#completeWhenIdle();
  }

  #completeWhenIdle(): void {
    if (!this.#ended || this.#entries.size > 0) return;
    for (const stream of [this.#added, this.#left, this.#items]) stream.complete();
  }
}
