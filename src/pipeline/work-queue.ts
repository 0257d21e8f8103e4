import {
  mergeMap,
  Observable,
  type OperatorFunction,
  Subject,
  type Subscriber,
  type Subscription,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import type { Clock } from '../lib/clock.ts';

interface WorkOff<T, R> {
  /** What tells items apart: at most one item per key is open. */
  readonly key: (item: T) => string;
  /** True where the later item brings nothing new. */
  readonly same: (earlier: T, later: T) => boolean;
  readonly project: (item: T) => Observable<R>;
  /** How many items are open at once. */
  readonly concurrent: number;
  /** Emitted whenever an item joins the line. */
  readonly queued: (item: T) => R;
  /** Asked of each output; that of the last one counts: the item to come back with, and after what. */
  readonly comesBack: (output: R) => Return<T> | null;
  /** When it emits, no more items are taken from the source, and those that are away do not come back. */
  readonly closing: Observable<unknown>;
  readonly clock: Clock;
}

export interface Return<T> {
  readonly item: T;
  readonly after: Wait;
  /** Whether it stays away though it came again and brought nothing new. @default it does not */
  readonly stays?: () => boolean;
}

/** Milliseconds, or until something emits. */
export type Wait = number | Observable<unknown>;

/**
 * `mergeMap` with a limit, for items that have a key and may have to come back. An item that is in line or open is not
 * taken twice: a newer one of its key takes its place, or follows when the open one has ended. While an item is away it
 * holds no place; one of its key that comes then ends its wait, unless it stays away. Completes when the source has and nothing is in line, open or away.
 *
 * The limit is kept here and not by `mergeMap`, whose buffer overflows the stack where thousands of items in a row end
 * as soon as they are opened, and costs time with its length for each item.
 */
export function workOff<T, R>(options: WorkOff<T, R>): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      const line = new Line(options, subscriber);
      subscriber.add(line.work().subscribe(subscriber));
      subscriber.add(options.closing.subscribe(() => line.close()));
      subscriber.add(
        source.pipe(takeUntil(options.closing)).subscribe({
          next: (item) => line.take(item),
          error: (error: unknown) => subscriber.error(error),
          complete: () => line.sourceEnded(),
        }),
      );
      subscriber.add(() => line.stopWaits());
    });
}

interface Entry<T> {
  readonly key: string;
  item: T;
  state: 'in line' | 'open' | 'away';
  /** What arrived under the same key while the item was open. */
  newer: T | null;
  /** When and as what it will come back once it is no longer open. */
  comingBack: Return<T> | null;
  wait: Subscription | null;
}

class Line<T, R> {
  readonly #options: WorkOff<T, R>;
  readonly #subscriber: Subscriber<R>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #inLine = new Fifo<Entry<T>>();
  readonly #opened = new Subject<Entry<T>>();
  #open = 0;
  #opening = false;
  #ended = false;
  #closed = false;

  constructor(options: WorkOff<T, R>, subscriber: Subscriber<R>) {
    this.#options = options;
    this.#subscriber = subscriber;
  }

  work(): Observable<R> {
    return this.#opened.pipe(mergeMap((entry) => this.#project(entry)));
  }

  take(item: T): void {
    const key = this.#options.key(item);
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#join(key, item);
    else if (entry.state === 'away') {
      if (this.#staysAway(entry, item)) return;
      entry.wait?.unsubscribe();
      this.#join(key, item);
    } else if (this.#options.same(entry.newer ?? entry.item, item)) return;
    else if (entry.state === 'open') entry.newer = item;
    else entry.item = item;
  }

  sourceEnded(): void {
    this.#ended = true;
    this.#endWhenIdle();
  }

  close(): void {
    this.#closed = true;
    this.#ended = true;
    this.stopWaits();
    for (const [key, entry] of this.#entries) if (entry.state === 'away') this.#entries.delete(key);
    this.#endWhenIdle();
  }

  stopWaits(): void {
    for (const entry of this.#entries.values()) entry.wait?.unsubscribe();
  }

  #join(key: string, item: T): void {
    const entry: Entry<T> = { key, item, state: 'in line', newer: null, comingBack: null, wait: null };
    this.#entries.set(key, entry);
    this.#subscriber.next(this.#options.queued(item));
    this.#inLine.push(entry);
    this.#openWhatMay();
  }

  /** Items that end at once come back in here: they only make room that the loop sees next. */
  #openWhatMay(): void {
    if (this.#opening) return;
    this.#opening = true;
    while (this.#open < this.#options.concurrent) {
      const entry = this.#inLine.shift();
      if (entry === undefined) break;
      entry.state = 'open';
      this.#open += 1;
      this.#opened.next(entry);
    }
    this.#opening = false;
  }

  #project(entry: Entry<T>): Observable<R> {
    return this.#options.project(entry.item).pipe(
      tap({
        next: (output) => {
          entry.comingBack = this.#options.comesBack(output);
        },
        complete: () => this.#leave(entry),
      }),
    );
  }

  #leave(entry: Entry<T>): void {
    this.#open -= 1;
    const { key, newer, comingBack } = entry;
    if (newer !== null) this.#join(key, newer);
    else if (comingBack !== null && !this.#closed) {
      entry.state = 'away';
      entry.wait = this.#waiting(comingBack.after).subscribe(() => this.#join(key, comingBack.item));
    } else {
      this.#entries.delete(key);
      this.#endWhenIdle();
    }
    this.#openWhatMay();
  }

  #staysAway({ comingBack }: Entry<T>, item: T): boolean {
    return comingBack?.stays !== undefined && this.#options.same(comingBack.item, item) && comingBack.stays();
  }

  #waiting(after: Wait): Observable<unknown> {
    return typeof after === 'number' ? timer(after, this.#options.clock.scheduler) : after.pipe(take(1));
  }

  #endWhenIdle(): void {
    if (this.#ended && this.#entries.size === 0) this.#opened.complete();
  }
}

/** Taken this many items off its front, a queue gives their room back. */
const ROOM_WORTH_GIVING_BACK = 1024;

/** First in, first out, in constant time: an array's `shift` moves all that stays behind. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Undefined where it is empty. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head >= ROOM_WORTH_GIVING_BACK && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
