import type { Ticket } from '../domain/ports.ts';
import type { AdaptiveLimitSettings } from './adaptive-limit.ts';
import { Lane } from './model-limiter.ts';
import type { Waiter } from './wait-queue.ts';

/** All lanes, in the order of their turns. */
export class Lanes {
  readonly #limit: AdaptiveLimitSettings;
  readonly #lanes = new Map<string, Lane>();

  /** @param limit what every lane begins with */
  constructor(limit: AdaptiveLimitSettings) {
    this.#limit = limit;
  }

  /** The lane of a document's API and model. */
  of({ api, model }: Ticket): Lane {
    const key = laneKey(api, model);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(api, model, this.#limit);
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Those to one model, through whatever API. */
  to(model: string): readonly Lane[] {
    return [...this.#lanes.values()].filter((lane) => lane.model === model);
  }

  /** Who waits for a seat and is next, among the lanes that have one. */
  next(repeatedMayGoFirst: boolean, hasSeat: (lane: Lane) => boolean): { lane: Lane; waiter: Waiter } | null {
    let chosen: Lane | null = null;
    for (const lane of this.#lanes.values()) {
      if (lane.line.size === 0 || !hasSeat(lane)) continue;
      chosen ??= lane;
      if (!repeatedMayGoFirst) break;
      if (lane.line.hasRepeated) {
        chosen = lane;
        break;
      }
    }
    const waiter = chosen?.line.next(repeatedMayGoFirst);
    return chosen === null || waiter === undefined ? null : { lane: chosen, waiter };
  }

  /** It had its turn: it goes behind the others. */
  hadItsTurn(lane: Lane): void {
    if (this.#lanes.size === 1) return;
    const key = laneKey(lane.api, lane.model);
    this.#lanes.delete(key);
    this.#lanes.set(key, lane);
  }

  /** The first moment after `now` at which a document may go on by time alone; Infinity where there is none. */
  nextMoment(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) next = Math.min(next, lane.nextMoment(now));
    return next;
  }

  [Symbol.iterator](): IterableIterator<Lane> {
    return this.#lanes.values();
  }
}

function laneKey(api: string, model: string): string {
  return `${api} ${model}`;
}
