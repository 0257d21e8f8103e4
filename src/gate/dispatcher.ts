import { Subject } from 'rxjs';
import { type Limit, OUTAGES } from '../domain/attempt.ts';
import type { GateEvent, Pause } from '../domain/events.ts';
import type { CallResult } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { type CallStart, type ConcurrencySettings, limitOf } from './adaptive-limit.ts';
import { Alarm } from './alarm.ts';
import { secondsToCool } from './cooldown.ts';
import { type ModelLimiter, ModelLimiters } from './model-limiter.ts';
import { Pauses, scopeOf } from './pauses.ts';
import { type ReservationSettings, Reservations } from './reservations.ts';
import { SlotCounts } from './slots.ts';
import type { QueueItem } from './wait-queue.ts';

/** Before a longer wait (ms), a document that is ready goes back in line, and others get its slot. */
const LONGEST_WAIT_WHEN_READY_MS = 2000;

export interface DispatcherSettings extends ConcurrencySettings, ReservationSettings {
  /** A cooldown longer than this (seconds) turns away those that wait for it. @default no limit */
  readonly longestCooldownSeconds?: number;
  readonly clock: Clock;
}

/** Decides who is next: for a call, for tokens and money, for a slot. */
export class Dispatcher {
  readonly clock: Clock;
  readonly slots: SlotCounts;
  readonly limiters: ModelLimiters;
  readonly reservations: Reservations;
  readonly events = new Subject<GateEvent>();
  readonly #pauses: Pauses;
  readonly #longestCooldownSeconds: number;
  readonly #alarm: Alarm;
  /** While the budget is used up: when it is refilled (ms since the epoch), or null. */
  #refilledAt: number | null = null;
  closed = false;
  /** When `startWaiting` was called last. */
  now = 0;
  #starting = false;
  /** A document was granted its reservation and has not gone on yet. */
  #granted = false;

  constructor(settings: DispatcherSettings) {
    this.clock = settings.clock;
    const limit = limitOf(settings);
    this.slots = new SlotCounts(limit.ceiling);
    this.limiters = new ModelLimiters(limit);
    this.reservations = new Reservations(settings);
    this.#pauses = new Pauses((model) => this.limiters.to(model).map(({ pause }) => pause));
    this.#longestCooldownSeconds = settings.longestCooldownSeconds ?? Number.POSITIVE_INFINITY;
    this.#alarm = new Alarm(settings.clock, () => this.#ring());
  }

  /** Nothing starts any more; all that waits is refused. */
  close(): void {
    this.closed = true;
    this.#alarm.stop();
    for (const { queue } of this.limiters.all) queue.refuseAll();
    this.#sendBack();
  }

  pause(pause: Pause, reason: string, until?: number): void {
    if (!this.#pauses.pause(pause)) return;
    this.events.next({ type: 'gate-paused', ...scopeOf(pause), reason, ...(until !== undefined && { until }) });
    this.#sendBack();
  }

  resume(pause: Pause): void {
    if (!this.#pauses.resume(pause)) return;
    this.events.next({ type: 'gate-resumed', ...scopeOf(pause) });
    this.startWaiting();
  }

  /** Puts a document in line for a slot. */
  join(waiting: QueueItem, limiter: ModelLimiter): void {
    if (this.closed || this.#coolsTooLong(limiter)) {
      waiting.refuse();
      return;
    }
    limiter.queue.add(waiting);
    this.startWaiting();
  }

  /** Whether a document that is ready would wait too long, or perhaps: a call that probes may take long. */
  isShut(limiter: ModelLimiter, now: number): boolean {
    if (this.closed || this.#pauses.calls === 0 || limiter.pause.paused) return true;
    const wait = limiter.cooldown.nextStart - now;
    return wait > LONGEST_WAIT_WHEN_READY_MS || (limiter.probing && limiter.inFlight > 0);
  }

  /** A call ended: what that means for those that wait. `start`: null if its slot was released meanwhile. */
  report(now: number, limiter: ModelLimiter, start: CallStart | null, repeated: boolean, result: CallResult): void {
    const { record, verdict } = result;
    if (verdict.kind === 'pause') {
      const { scope, resetSeconds } = verdict;
      const until = resetSeconds === undefined ? undefined : this.clock.wall() + resetSeconds * 1000;
      this.pause(scope === 'model' ? { scope, model: limiter.model } : { scope }, record.message, until);
      return;
    }
    this.#pauses.account.probeSucceeded();
    limiter.pause.probeSucceeded();
    const seconds = limiter.record(now, start, repeated, result);
    const limit = verdict.kind === 'retry' ? verdict.limit : undefined;
    if (seconds !== null) this.#cool(now, limiter, seconds, limit, record.message);
    if (OUTAGES.has(record.code)) limiter.breaker.openForOutage(record.message);
    if (limiter.breaker.isOpen) this.#sendBack();
    for (const event of limiter.changes(result)) this.events.next(event);
  }

  /** Starts what may start. */
  startWaiting(): void {
    if (this.#starting || this.closed) return;
    this.#starting = true;
    this.now = this.clock.now();
    while (this.#startNext() || this.#reserveNext() || this.#slotNext());
    this.#starting = false;
    const { shortage } = this.reservations;
    if (shortage !== null) {
      this.#refilledAt = this.reservations.refilledAt;
      this.pause({ scope: 'budget' }, shortage, this.#refilledAt ?? undefined);
    }
    // A listener that heard of the pause may have closed the gate.
    if (!this.closed) this.#alarm.setFor(this.#nextMoment());
  }

  /** In flight, and those that may be. */
  get calls(): { readonly inFlight: number; readonly atMost: number } {
    let atMost = 0;
    for (const { calls } of this.limiters.all) atMost += calls;
    const { inFlight, limit } = this.slots;
    return { inFlight, atMost: Math.max(inFlight, Math.min(atMost || limit, limit)) };
  }

  #startNext(): boolean {
    if (!this.slots.mayStart(this.#pauses.calls)) return false;
    for (const limiter of this.limiters.all) {
      if (!limiter.mayStart(this.now)) continue;
      for (const slot of limiter.ready) {
        limiter.ready.delete(slot);
        this.slots.inFlight += 1;
        slot.grant();
        return true;
      }
    }
    return false;
  }

  /** Each goes on before the next one is looked at: its call may hold that one back. */
  #reserveNext(): boolean {
    if (this.#granted || this.#pauses.calls === 0) return false;
    if (!this.reservations.answerNext(this.now, this.#mayReserve)) return false;
    this.#granted = true;
    void Promise.resolve().then(this.#goOn);
    return true;
  }

  readonly #goOn = (): void => {
    this.#granted = false;
    if (this.reservations.hasWaiting) this.startWaiting();
  };

  /** Only as many as may start soon: more would start in a burst when the wait is over. */
  readonly #mayReserve = (limiter: ModelLimiter): boolean =>
    limiter.nextStart <= this.now && limiter.inFlight + limiter.ready.size < limiter.calls + limiter.slotsBeyond;

  #slotNext(): boolean {
    if (this.#pauses.calls === 0) return false;
    const { repeatedMayGoFirst } = this.slots;
    const limiter = this.limiters.next(repeatedMayGoFirst, this.#hasSlot);
    const next = limiter?.queue.take(repeatedMayGoFirst);
    if (limiter === null || next === undefined) return false;
    limiter.slots += 1;
    this.slots.count(next.ticket.repeated, 1);
    this.limiters.hadItsTurn(limiter);
    next.grant();
    return true;
  }

  readonly #hasSlot = (limiter: ModelLimiter): boolean => {
    const allowed = this.#pauses.calls;
    return (
      limiter.hasSlot &&
      limiter.nextSlot <= this.now &&
      this.reservations.hasSlot(this.now, limiter.slots - limiter.inFlight, limiter.prefetchMs) &&
      this.slots.hasSlot(allowed, allowed === 1 ? 0 : limiter.slotsBeyond)
    );
  };

  #sendBack(): void {
    const now = this.clock.now();
    this.reservations.sendBack((limiter) => this.isShut(limiter, now));
    for (const limiter of this.limiters.all) if (this.isShut(limiter, now)) limiter.sendBack();
  }

  #cool(now: number, limiter: ModelLimiter, wanted: number, limit: Limit | undefined, reason: string): void {
    const { model, cooldown, queue } = limiter;
    const seconds = secondsToCool(wanted, this.#longestCooldownSeconds);
    const worthAnEvent = cooldown.nextStart - now < (seconds * 1000) / 2;
    cooldown.extend(now + seconds * 1000);
    const event: GateEvent = { type: 'gate-cooling', model, seconds, reason, ...(limit !== undefined && { limit }) };
    if (worthAnEvent) this.events.next(event);
    if (this.#coolsTooLong(limiter)) queue.refuseAll();
    this.#sendBack();
  }

  #coolsTooLong({ cooldown }: ModelLimiter): boolean {
    return (cooldown.nextStart - this.clock.now()) / 1000 > this.#longestCooldownSeconds;
  }

  /** When time alone lets the next of what waits go on; Infinity if it does not. */
  #nextMoment(): number {
    const now = this.now;
    let next = Math.min(this.limiters.nextMoment(now), this.reservations.nextMoment(now));
    if (this.#refilledAt !== null) next = Math.min(next, now + this.#refilledAt - this.clock.wall());
    if (!this.reservations.needed) return next;
    for (const { queue, prefetchMs } of this.limiters.all) {
      const slot = queue.size > 0 ? this.reservations.nextSlot(prefetchMs) : now;
      if (slot > now) next = Math.min(next, slot);
    }
    return next;
  }

  #ring(): void {
    if (this.#refilledAt !== null && this.#refilledAt <= this.clock.wall()) {
      this.#refilledAt = null;
      this.resume({ scope: 'budget' });
    }
    this.startWaiting();
  }
}
