import { BillingBook } from './billing.ts';
import { DailyQuota } from './daily-quota.ts';
import { type AttemptSubject, type Fate, fateTeller } from './fault-draw.ts';
import type { FaultPlan } from './fault-plan.ts';
import { Gauge } from './gauge.ts';
import { LoadBook } from './load.ts';
import { ParseBook } from './parse-book.ts';
import { PromptCache } from './prompt-cache.ts';
import { RateLimits } from './rate-limits.ts';
import { ReplayCache } from './replay-cache.ts';
import { RequestLog } from './request-log.ts';
import { Slots } from './slots.ts';

const LOGGED_REQUESTS = 1_000;

/** What the simulator remembers from call to call, whatever plan comes. */
export class SimulatorState {
  readonly billing = new BillingBook();
  readonly requests = new RequestLog(LOGGED_REQUESTS);
  readonly replays = new ReplayCache();
  readonly parses = new ParseBook();
  readonly prompts = new PromptCache();
  readonly load = new LoadBook(performance.now());
  /** Chat calls whose connection is open, whatever becomes of them. */
  readonly calls = new Gauge();
  /** Those of them that were let in. */
  readonly admitted = new Gauge();
  /** The worst case of what those cost, in USD. */
  readonly held = new Gauge();
  /** Those of them that are worked on. */
  readonly slots = new Slots();
  readonly rates = new RateLimits();
  /** Of the free models. */
  readonly quota = new DailyQuota();
  #plan: FaultPlan = {};
  #tellFate: (subject: AttemptSubject) => Fate = fateTeller({});

  constructor(plan: FaultPlan) {
    this.setPlan(plan);
  }

  get plan(): FaultPlan {
    return this.#plan;
  }

  /** Holds for calls that come from now on; new slots go to those that wait. */
  setPlan(plan: FaultPlan): void {
    this.#plan = plan;
    this.#tellFate = fateTeller(plan);
    this.rates.setPlan(plan);
    this.slots.setLimit(plan.slots ?? Number.POSITIVE_INFINITY);
  }

  fate(subject: AttemptSubject): Fate {
    return this.#tellFate(subject);
  }

  /** A good answer went out to its end. */
  answered(document: string): void {
    this.billing.answered(document);
    this.load.answered(performance.now());
  }

  clearBilling(): void {
    this.billing.clear();
    this.parses.clear();
    this.calls.restart();
  }
}
