import { type Left, Pace } from './pace.ts';
import { type Frame, isActive, openDocuments } from './render-progress.ts';
import type { Tally } from './tally.ts';

/** What a person sees of the calls of a run, and can do. */
interface Controls {
  readonly calls: { readonly inFlight: number; readonly atMost: number };
  readonly paused: boolean;
  togglePause(): void;
}

/** What the live block shows beside what is counted. */
export interface FrameSource {
  /** There is a block. */
  readonly live: boolean;
  readonly once: boolean;
  readonly controls: Controls | null;
  /** Documents in the inbox by their names alone; null as long as they are not counted, or if they never are. */
  readonly names: () => number | null;
}

/** Answers before a cost in all is told. */
const FEWEST_ASKED = 5;
/** How far its shortest and its longest estimate may be apart. */
const FARTHEST = 4;

/** What each frame of the live block shows. */
export class Frames {
  readonly #source: FrameSource;
  readonly #startMs: number;
  readonly #pace = new Pace();
  /** What was worked on when there was nothing to do last: a daemon begins to count there. */
  #workedBefore = 0;

  constructor(source: FrameSource, startMs: number) {
    this.#source = source;
    this.#startMs = startMs;
  }

  of(tally: Tally, nowMs: number, keys: boolean): Frame {
    const { once, controls, names } = this.#source;
    const calls = controls?.calls ?? { inFlight: tally.running, atMost: tally.running };
    const paused = controls?.paused ?? false;
    const open = openDocuments(tally);
    const known = knownDocuments(tally);
    const counted = names();
    const unseen = tally.listed ? 0 : Math.max(0, (counted ?? 0) - known);
    if (open === 0 && !once) this.#workedBefore = tally.worked;
    const later = tally.pending + tally.overBudget + tally.awaitingRecipe;
    const done = once ? known - open - later : tally.worked - this.#workedBefore;

    // Of what was not looked at yet, as large a part is work as of the rest.
    const unseenWork = known === 0 ? unseen : (unseen * (open + tally.worked)) / known;
    const meanBytes = (tally.openBytes + tally.askedBytes) / Math.max(1, open + tally.asked);
    const left = { documents: open + unseenWork, bytes: tally.openBytes + unseenWork * meanBytes };
    const active = !paused && isActive(tally, nowMs);
    // A scan takes time from the calls: their pace is another one while it goes on.
    if (tally.listed) this.#pace.advance(tally, { nowMs, active, calls: calls.atMost });
    const isCounted = tally.listed || counted !== null;
    // The last documents have calls of their own each: no mean tells when the longest of them ends.
    const isEven = tally.listed && active && tally.queued > 0;
    return {
      tally,
      nowMs,
      seconds: (nowMs - this.#startMs) / 1000,
      total: isCounted ? done + open + unseen + (once ? later : 0) : null,
      done,
      secondsLeft: isEven ? this.#pace.secondsLeft(left, calls.atMost) : null,
      calls,
      paused,
      projectedUsd: once && isCounted && tally.stopping === null ? projectedUsd(tally, left) : null,
      once,
      keys,
    };
  }
}

function knownDocuments(tally: Tally): number {
  const { pending, overBudget, awaitingRecipe, held, failed, succeeded, reused, skipped } = tally;
  return openDocuments(tally) + pending + overBudget + awaitingRecipe + held + failed + succeeded + reused + skipped;
}

/** What it costs in all, by what was asked so far: as a part of the documents and of their bytes. Null if they disagree. */
function projectedUsd({ costUsd, asked, askedBytes }: Tally, left: Left): number | null {
  if (asked < FEWEST_ASKED || costUsd === 0) return null;
  const [one, other] = [left.documents / asked, left.bytes / Math.max(1, askedBytes)];
  if (Math.max(one, other) > FARTHEST * Math.min(one, other)) return null;
  return costUsd * (1 + Math.sqrt(one * other));
}
