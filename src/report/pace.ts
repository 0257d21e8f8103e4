import type { Tally } from './tally.ts';

type Done = Pick<Tally, 'worked' | 'asked' | 'askedBytes'>;

interface Moment {
  readonly nowMs: number;
  readonly active: boolean;
  readonly calls: number;
}

/** How much of the work was done at a moment. */
interface PaceMark extends Done {
  readonly wallMs: number;
  /** Time in which calls could be made. */
  readonly activeMs: number;
}

/** What is left to do. */
export interface Left {
  readonly documents: number;
  readonly bytes: number;
}

const WINDOW_MS = 20_000;
const BETWEEN_MARKS_MS = 500;
/** A shorter time tells nothing. */
const SHORTEST_MS = 5_000;
/** Documents that must have been asked, for each call that may be in flight: answers come in bursts as calls begin together. */
const ROUNDS = 2;
const FEWEST = 6;
/** How far the shortest and the longest estimate may be apart: their middle is then within a factor of two of both. */
const FARTHEST = 4;

/**
 * How long a run still takes, by the last 20 seconds, or as long as it took to ask enough documents.
 *
 * A call takes some time for itself and some for its bytes; a wait may come again or not; the pace may have changed. Each
 * of these is taken for all and for nothing, and where the estimates are far apart there is none.
 */
export class Pace {
  #marks: PaceMark[] = [];
  #seenMs: number | null = null;

  /** To be called often: `active` says whether calls could be made since the last time, `calls` how many may be in flight. */
  advance({ worked, asked, askedBytes }: Done, { nowMs, active, calls }: Moment): void {
    const newest = this.#marks.at(-1);
    const activeMs = (newest?.activeMs ?? 0) + (active ? nowMs - (this.#seenMs ?? nowMs) : 0);
    this.#seenMs = nowMs;
    const mark = { wallMs: nowMs, activeMs, worked, asked, askedBytes };
    // The newest mark moves along until it is far enough from the one before it.
    if (newest !== undefined && newest.wallMs - (this.#marks.at(-2)?.wallMs ?? -Infinity) < BETWEEN_MARKS_MS)
      this.#marks.pop();
    this.#marks.push(mark);
    const first = this.#marks.findLastIndex(
      (one) => activeMs - one.activeMs >= WINDOW_MS && asked - one.asked >= enough(calls),
    );
    if (first > 0) this.#marks.splice(0, first);
  }

  /** Null if it cannot be told within a factor of two. */
  secondsLeft(left: Left, calls: number): number | null {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (first === undefined || last === undefined) return null;
    if (last.activeMs - first.activeMs < SHORTEST_MS || last.asked - first.asked < enough(calls)) return null;
    const middle = (first.activeMs + last.activeMs) / 2;
    const half = this.#marks.findLast(({ activeMs }) => activeMs <= middle) ?? first;
    const estimates = [first, half].flatMap((from) =>
      [last.activeMs - from.activeMs, last.wallMs - from.wallMs].flatMap((ms) => estimatesOf(ms, from, last, left)),
    );
    const [shortest, longest] = [Math.min(...estimates), Math.max(...estimates)];
    return longest <= FARTHEST * shortest ? Math.sqrt(shortest * longest) / 1000 : null;
  }
}

function enough(calls: number): number {
  return Math.max(FEWEST, ROUNDS * calls);
}

/** By documents that were done, by those that were asked, and by their bytes. */
function estimatesOf(ms: number, from: PaceMark, to: PaceMark, left: Left): readonly number[] {
  return [
    (ms * left.documents) / (to.worked - from.worked),
    (ms * left.documents) / (to.asked - from.asked),
    (ms * left.bytes) / Math.max(1, to.askedBytes - from.askedBytes),
  ];
}
