import { BillingBook } from './billing-book.ts';
import { type AttemptSubject, type Fate, fateTeller } from './fate.ts';
import type { FaultPlan } from './fault-plan.ts';
import { Gauge } from './gauge.ts';
import { RateWindow } from './rate-window.ts';
import { ReplayCache } from './replay-cache.ts';
import { RequestLog } from './request-log.ts';

const LOGGED_REQUESTS = 1_000;

/** What the simulator remembers from call to call. */
export class SimulatorState {
  readonly billing = new BillingBook();
  readonly requests = new RequestLog(LOGGED_REQUESTS);
  readonly replays = new ReplayCache();
  /** Chat calls whose connection is open, whatever becomes of them. */
  readonly calls = new Gauge();
  /** Those of them that were let in. */
  readonly admitted = new Gauge();
  #plan: FaultPlan;
  #tellFate: (subject: AttemptSubject) => Fate;
  #rate: RateWindow | null;

  constructor(plan: FaultPlan) {
    this.#plan = plan;
    this.#tellFate = fateTeller(plan);
    this.#rate = rateWindowOf(plan);
  }

  get plan(): FaultPlan {
    return this.#plan;
  }

  /** Null where no rate is set. A new plan begins a new minute. */
  get rate(): RateWindow | null {
    return this.#rate;
  }

  /** Holds for calls that come from now on. */
  setPlan(plan: FaultPlan): void {
    this.#tellFate = fateTeller(plan);
    this.#rate = rateWindowOf(plan);
    this.#plan = plan;
  }

  fate(subject: AttemptSubject): Fate {
    return this.#tellFate(subject);
  }

  clearBilling(): void {
    this.billing.clear();
    this.calls.restart();
  }
}

function rateWindowOf({ rpm }: FaultPlan): RateWindow | null {
  return rpm === undefined ? null : new RateWindow(rpm);
}
