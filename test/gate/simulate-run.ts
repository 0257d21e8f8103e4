import type { AdaptiveLimit } from '../../src/gate/adaptive-limit.ts';
import { Cooldown } from '../../src/gate/cooldown.ts';
import type { LearnedRate } from '../../src/gate/learned-rate.ts';
import { Agenda } from './agenda.ts';
import { type SimulatedApi, type SimulatedOutcome, seededRandom } from './simulated-api.ts';

interface RunSettings {
  readonly documents: number;
  readonly api: SimulatedApi;
  /** What bounds the calls in flight; also something else that it is compared with. */
  readonly limit: Pick<AdaptiveLimit, 'calls' | 'answered' | 'refused'>;
  readonly rate?: LearnedRate;
  /** The first wait of a refused document (ms); it doubles, and is drawn between half and the whole. Default: 2000. */
  readonly retryDelayMs?: number;
  readonly seed?: number;
  /** When a document is there (ms), by its number. Default: all from the beginning. */
  readonly arrivesAt?: (document: number) => number;
}

export interface Call {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly refused: boolean;
  /** Calls in flight when it went out, itself included. */
  readonly inFlight: number;
  /** The limit after it ended. */
  readonly limit: number;
  /** Calls per second of the learned rate after it ended; null if it did not limit. */
  readonly perSecond: number | null;
}

const LONGEST_DOUBLING = 6;
/** Refused with nothing else in flight: others fill the API, and asking again at once would only be a storm. */
const COOLS_ALONE_MS = 1000;

/** Works off all documents in virtual time, as the gate does, and gives back the calls in the order of their ends. */
export function simulateRun(settings: RunSettings): readonly Call[] {
  return new Run(settings).workOff();
}

class Run {
  readonly #settings: RunSettings;
  readonly #random: () => number;
  readonly #agenda = new Agenda();
  readonly #cooldown = new Cooldown();
  /** Attempts that each document which waits for its call has had. */
  readonly #ready: number[] = [];
  readonly #calls: Call[] = [];
  #inFlight = 0;
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.#random = seededRandom(settings.seed ?? 1);
  }

  workOff(): readonly Call[] {
    const { documents, arrivesAt = () => 0 } = this.#settings;
    for (let document = 0; document < documents; document += 1)
      this.#agenda.plan(arrivesAt(document), () => this.#ready.push(0));
    for (let event = this.#agenda.next(); event !== undefined; event = this.#agenda.next()) {
      event.happen();
      this.#startReady(event.at);
    }
    return this.#calls;
  }

  #startReady(now: number): void {
    while (this.#inFlight < this.#settings.limit.calls) {
      const nextStart = Math.max(this.#cooldown.nextStart, this.#settings.rate?.nextStart ?? Number.NEGATIVE_INFINITY);
      if (this.#ready.length === 0) return;
      if (nextStart > now) {
        this.#wakeAt(nextStart);
        return;
      }
      this.#start(now, this.#ready.shift() ?? 0);
    }
  }

  #wakeAt(time: number): void {
    if (time >= this.#wakesAt) return;
    this.#wakesAt = time;
    this.#agenda.plan(time, () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
    });
  }

  #start(now: number, attempts: number): void {
    this.#inFlight += 1;
    const call = { startedAt: now, inFlight: this.#inFlight };
    this.#cooldown.started(now);
    this.#settings.rate?.started(now);
    const outcome = this.#settings.api(now);
    this.#agenda.plan(outcome.repliesAt, () => this.#end(call, attempts, outcome));
  }

  #end(
    call: { startedAt: number; inFlight: number },
    attempts: number,
    { repliesAt: now, refusal }: SimulatedOutcome,
  ): void {
    const { limit, rate } = this.#settings;
    this.#inFlight -= 1;
    if (refusal === undefined) limit.answered(now, call);
    else this.#refused(now, call, refusal.hintMs);
    if (refusal !== undefined) {
      const waitMs = Math.max(this.#backoffMs(attempts), refusal.hintMs ?? 0);
      this.#agenda.plan(now + waitMs, () => this.#ready.unshift(attempts + 1));
    }
    const perSecond = rate?.perSecond ?? null;
    this.#calls.push({ ...call, endedAt: now, refused: refusal !== undefined, limit: limit.calls, perSecond });
  }

  #refused(now: number, call: { startedAt: number; inFlight: number }, hintMs: number | null): void {
    if (hintMs === null) {
      this.#settings.limit.refused(now, call);
      if (call.inFlight === 1) this.#cooldown.extend(now + COOLS_ALONE_MS);
      return;
    }
    this.#cooldown.extend(now + hintMs);
    this.#settings.rate?.refused(now, { startedAt: call.startedAt, resumesAt: now + hintMs });
  }

  #backoffMs(attempts: number): number {
    const whole = (this.#settings.retryDelayMs ?? 2000) * 2 ** Math.min(attempts, LONGEST_DOUBLING);
    return whole * (0.5 + this.#random() / 2);
  }
}
