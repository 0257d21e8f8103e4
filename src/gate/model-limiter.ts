import { isOverloaded, type Limit } from '../domain/attempt.ts';
import type { GateEvent } from '../domain/events.ts';
import type { CallResult, Ticket } from '../domain/ports.ts';
import { AdaptiveLimit, type AdaptiveLimitSettings, type CallStart } from './adaptive-limit.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { Cooldown, coolsModel } from './cooldown.ts';
import { LearnedRate } from './learned-rate.ts';
import { PauseState } from './pauses.ts';
import { RateSigns, RefusalTest } from './refusal-test.ts';
import { Prefetch } from './slots.ts';
import { type QueueItem, WaitQueue } from './wait-queue.ts';

/** The first wait after a refusal that names none, and the longest. */
const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 60;
/** Less than the wait before which a document that is ready goes back in line. */
const LONGEST_PREFETCH_MS = 1000;
/** A limit is reported again once it has changed by more than this part. */
const WORTH_AN_EVENT = 0.25;

/** Limits the calls to one API and model, and knows which documents wait for it. */
export class ModelLimiter {
  readonly api: string;
  readonly model: string;
  readonly limit: AdaptiveLimit;
  readonly rate = new LearnedRate();
  readonly breaker = new CircuitBreaker();
  readonly cooldown = new Cooldown();
  readonly pause = new PauseState();
  readonly prefetch = new Prefetch();
  readonly refusals = new RefusalTest();
  /** Documents that wait for a slot. */
  readonly queue = new WaitQueue();
  /** Those that hold one and are ready for their call, first come, first served. */
  readonly ready = new Set<QueueItem>();
  /** Documents that hold a slot. */
  slots = 0;
  /** Those of them whose call is in flight. */
  inFlight = 0;
  readonly #signs = new RateSigns();
  /** Calls that went out. */
  #started = 0;
  /** The wait after refusals without a hint since the last answer; 0 if there were none. */
  #waitSeconds = 0;
  /** When such a refusal was known last. Those of calls that went out before it are of the same cause. */
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** What was reported last. */
  #reported: { calls: number; perSecond: number | null; isOpen: boolean };

  constructor(api: string, model: string, limit: AdaptiveLimitSettings) {
    this.api = api;
    this.model = model;
    this.limit = new AdaptiveLimit(limit);
    this.#reported = { calls: this.limit.calls, perSecond: null, isOpen: false };
  }

  /** Calls that may be in flight. */
  get calls(): number {
    return Math.min(this.pause.calls, this.breaker.isOpen ? 1 : Number.POSITIVE_INFINITY, this.limit.calls);
  }

  /** When the next call may start. */
  get nextStart(): number {
    return Math.max(this.cooldown.nextStart, this.rate.nextStart);
  }

  mayStart(now: number): boolean {
    return this.ready.size > 0 && this.inFlight < this.calls && this.nextStart <= now;
  }

  /** How long a refusal without a hint holds the others back: twice as long each time, until an answer comes. */
  secondsWithoutHint(now: number, startedAt: number): number {
    if (startedAt > this.#refusedAt) {
      this.#waitSeconds = Math.min(2 * this.#waitSeconds || FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS);
      this.#refusedAt = now;
    }
    return this.#waitSeconds || FIRST_WAIT_SECONDS;
  }

  /** How long before its call (ms) a document takes its slot; never longer than it may wait there. */
  get prefetchMs(): number {
    return Math.min(this.prefetch.readyMs, LONGEST_PREFETCH_MS);
  }

  /** When a document may take a slot, to be ready when its call may start. */
  get nextSlot(): number {
    return this.rate.perSecond === null ? this.nextStart : this.nextStart - this.prefetchMs;
  }

  /** The first moment after `now` at which time alone lets one of its documents go on; Infinity if there is none. */
  nextMoment(now: number): number {
    const slot = this.queue.size > 0 ? this.nextSlot : now;
    const start = this.slots > this.inFlight ? this.nextStart : now;
    return Math.min(slot > now ? slot : Number.POSITIVE_INFINITY, start > now ? start : Number.POSITIVE_INFINITY);
  }

  /** One call at a time is let through, to see whether the cause of a pause or of failures is gone. */
  get probing(): boolean {
    return this.pause.calls === 1 || this.breaker.isOpen;
  }

  /** Slots beyond the calls that may be in flight. While the model is paused, who got ready would only stand in line again. */
  get slotsBeyond(): number {
    return this.probing || this.pause.paused ? 0 : this.prefetch.beyond(this.limit.calls);
  }

  get hasSlot(): boolean {
    const { perSecond } = this.rate;
    if (perSecond !== null && this.slots - this.inFlight >= this.prefetch.forRate(perSecond)) return false;
    return this.slots < this.calls + this.slotsBeyond;
  }

  /** Those that are ready stand in line again. */
  sendBack(): void {
    for (const slot of this.ready) {
      this.ready.delete(slot);
      slot.refuse();
    }
  }

  started(now: number): CallStart {
    this.inFlight += 1;
    this.#started += 1;
    this.cooldown.started(now);
    this.rate.started(now);
    return { startedAt: now, inFlight: this.inFlight, number: this.#started };
  }

  finished(now: number, { startedAt }: CallStart): void {
    this.inFlight -= 1;
    this.prefetch.tookToCall(now - startedAt);
  }

  /**
   * A call came back: learns from it what the API takes. Returns how long (seconds) it holds back all others; null if it
   * holds back none. `start`: null if its slot was released meanwhile.
   */
  record(now: number, start: CallStart | null, repeated: boolean, { verdict, record }: CallResult): number | null {
    // It says what not to send, and nothing of how much.
    if (verdict.kind === 'retry' && verdict.atOnce === true) return null;
    if (start === null) return verdict.kind === 'retry' && verdict.cools === 'model' ? verdict.hintSeconds : null;
    if (verdict.kind !== 'retry') {
      this.breaker.ended(now, { answered: true, repeated });
      if (record.billing !== 'known') return null;
      this.#waitSeconds = 0;
      this.limit.answered(now, start);
      return null;
    }
    const { hintSeconds } = verdict;
    if (verdict.limit === undefined) this.breaker.ended(now, { answered: false, repeated });
    const limit = verdict.limit ?? (hintSeconds === null && isOverloaded(record) ? 'concurrency' : undefined);
    if (limit === 'spending' || (limit === 'concurrency' && hintSeconds !== null))
      this.limit.refused(now, start, start.inFlight);
    else if (limit !== undefined && hintSeconds === null && !this.#goesOn(now, start, limit)) return null;
    if (!coolsModel(verdict.cools, limit, start.inFlight)) return null;
    const seconds = hintSeconds ?? this.secondsWithoutHint(now, start.startedAt);
    const resumesAt = Math.max(this.cooldown.nextStart, now + seconds * 1000);
    if (limit === 'rate') this.rate.refused(now, { start, resumesAt });
    return seconds;
  }

  /**
   * A refusal without a hint: false if it concerns its document alone. One that lets a rate go for a trial makes more of its
   * kind pass for chance. One with a hint does not: it tells nothing of these (docs/pace.md has what either would cost).
   */
  #goesOn(now: number, start: CallStart, limit: Limit): boolean {
    const meaning = this.refusals.refused(start, this.limit);
    if (meaning === 'goes on') return limit === 'concurrency' ? this.#lower(now, start) : true;
    if (limit === 'upstream') return false;
    const { perSecond } = this.rate;
    if (meaning === 'no help') {
      this.limit.undoFall();
      this.rate.forget();
      this.refusals.expectMore();
    } else if (perSecond !== null && this.rate.refused(now, { start, resumesAt: now + 1000 / perSecond }))
      this.refusals.expectMore();
    return false;
  }

  /** False if a rate takes the place of the limit. */
  #lower(now: number, start: CallStart): boolean {
    const { calls } = this.limit;
    const fall = this.limit.refused(now, start, this.refusals.lowest);
    const measured = this.#signs.see(fall, calls, start, this.refusals);
    if (measured === null) {
      if (this.rate.perSecond === null) this.refusals.becameFewer(this.#started);
      return true;
    }
    this.limit.undoFall();
    this.rate.learn(now, measured);
    this.refusals.becameSlower(this.#started, measured.refused / (measured.refused + measured.taken));
    return false;
  }

  /** What changed since it was reported last. The reason is the outcome of the last call. */
  changes({ verdict, record }: CallResult): readonly GateEvent[] {
    const { model } = this;
    const { calls } = this.limit;
    const { perSecond } = this.rate;
    const reported = this.#reported;
    const events: GateEvent[] = [];
    if (differs(reported.calls, calls)) {
      const lowered = verdict.kind === 'retry' ? record.message : 'answers take longer when more calls are in flight';
      const reason = calls < reported.calls ? lowered : 'it takes more at once';
      events.push({ type: 'gate-limited', model, calls, reason });
      reported.calls = calls;
    }
    if (differs(reported.perSecond, perSecond)) {
      const callsPerMinute = perSecond === null ? null : Math.round(perSecond * 60);
      events.push({ type: 'gate-paced', model, callsPerMinute });
      reported.perSecond = perSecond;
    }
    const { isOpen, reason } = this.breaker;
    if (reported.isOpen !== isOpen) {
      events.push(reason === null ? { type: 'gate-recovered', model } : { type: 'gate-probing', model, reason });
      reported.isOpen = isOpen;
    }
    return events;
  }
}

function differs(reported: number | null, now: number | null): boolean {
  if (reported === null || now === null) return reported !== now;
  return Math.abs(now - reported) > reported * WORTH_AN_EVENT;
}

/** One for each API and model. */
export class ModelLimiters {
  /** In the order of their turns. */
  readonly all: ModelLimiter[] = [];
  readonly #settings: AdaptiveLimitSettings;

  constructor(settings: AdaptiveLimitSettings) {
    this.#settings = settings;
  }

  of({ api, model }: Pick<Ticket, 'api' | 'model'>): ModelLimiter {
    for (const known of this.all) if (known.model === model && known.api === api) return known;
    const limiter = new ModelLimiter(api, model, this.#settings);
    this.all.push(limiter);
    return limiter;
  }

  /** Those of a model, through any API. */
  to(model: string): readonly ModelLimiter[] {
    return this.all.filter((limiter) => limiter.model === model);
  }

  /** The one, among those with a free slot, whose document is next; null if there is none. */
  next(repeatedMayGoFirst: boolean, hasSlot: (limiter: ModelLimiter) => boolean): ModelLimiter | null {
    let chosen: ModelLimiter | null = null;
    for (const limiter of this.all) {
      if (limiter.queue.size === 0 || !hasSlot(limiter)) continue;
      if (!repeatedMayGoFirst || limiter.queue.hasRepeated) return limiter;
      chosen ??= limiter;
    }
    return chosen;
  }

  /** It had its turn: it goes behind the others. */
  hadItsTurn(limiter: ModelLimiter): void {
    if (this.all.at(-1) === limiter) return;
    this.all.splice(this.all.indexOf(limiter), 1);
    this.all.push(limiter);
  }

  nextMoment(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const limiter of this.all) next = Math.min(next, limiter.nextMoment(now));
    return next;
  }
}
