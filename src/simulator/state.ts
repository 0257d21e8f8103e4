import { DocumentBilling } from './billing.ts';
import { createFaultDraw, type DrawnAttempt, type FaultDraw, type FaultPlan } from './fault-plan.ts';
import { ParseCounts } from './file-parsing.ts';
import { Gauge, LoadCounter } from './load.ts';
import type { Profile } from './profiles.ts';
import { PromptCache } from './prompt-cache.ts';
import { DailyQuota, RateLimits } from './rate-limits.ts';
import { ReplayCache } from './replay-cache.ts';

const LOGGED_REQUESTS = 1_000;

/** What the simulator remembers from call to call; a new plan changes none of it. */
export class SimulatorState {
  /** The API that is played. */
  readonly profile: Profile;
  readonly billing = new DocumentBilling();
  readonly replays = new ReplayCache();
  readonly parses = new ParseCounts();
  readonly prompts = new PromptCache();
  readonly load = new LoadCounter(performance.now());
  /** Calls that were admitted, and whose connection is open. */
  readonly admitted = new Gauge();
  /** What those may cost at most, USD. */
  readonly held = new Gauge();
  /** Those of them that are worked on. */
  readonly slots = new WorkSlots();
  readonly rates = new RateLimits();
  /** Of the free models. */
  readonly quota = new DailyQuota();
  readonly #requests: LoggedRequest[] = [];
  #plan: FaultPlan = {};
  #draw = createFaultDraw({});

  constructor(plan: FaultPlan, profile: Profile) {
    this.profile = profile;
    this.setPlan(plan);
  }

  get plan(): FaultPlan {
    return this.#plan;
  }

  /** Applies to calls that come from now on; new slots go to those that wait. */
  setPlan(plan: FaultPlan): void {
    this.#plan = plan;
    this.#draw = createFaultDraw(plan);
    this.rates.setPlan(plan);
    this.slots.setLimit(plan.slots ?? Infinity);
  }

  /** What the plan does to an attempt. */
  draw(attempt: DrawnAttempt): FaultDraw {
    return this.#draw(attempt);
  }

  /** The last thousand chat calls, oldest first. */
  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  log(request: LoggedRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > LOGGED_REQUESTS) this.#requests.shift();
  }

  /** A good answer was sent to its end. */
  answered(document: string): void {
    this.billing.answered(document);
    this.load.answered(performance.now());
  }

  clearBilling(): void {
    this.billing.clear();
    this.parses.clear();
  }
}

/** At most so many calls are worked on at once; the others wait in order of arrival. */
export class WorkSlots {
  #limit = Infinity;
  #working = 0;
  readonly #waiting = new Set<() => void>();

  /** New slots are filled at once. With fewer, those that are worked on go on. */
  setLimit(limit: number): void {
    this.#limit = limit;
    this.#fill();
  }

  /** Calls `start` as soon as there is a slot. Call the returned function once, to leave, whether or not `start` was called. */
  enter(start: () => void): () => void {
    this.#waiting.add(start);
    this.#fill();
    return () => {
      if (this.#waiting.delete(start)) return;
      this.#working -= 1;
      this.#fill();
    };
  }

  #fill(): void {
    for (const start of this.#waiting) {
      if (this.#working >= this.#limit) return;
      this.#waiting.delete(start);
      this.#working += 1;
      start();
    }
  }
}

/** One chat call, and what was decided about it. */
export interface LoggedRequest {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Hex SHA-256 of the user message that brought it: of its text, and of its files. */
  readonly document: string;
  /** 1 for the document's first. */
  readonly attempt: number;
  /** `answer`, `replay`, the kind of the fault, or the reason of the refusal. */
  readonly outcome: string;
  readonly model: string;
  readonly stream: boolean;
  /** Whether it carried an `Authorization` header. */
  readonly hasKey: boolean;
}
