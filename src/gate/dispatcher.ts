import { Subject } from 'rxjs';
import type { GateEvent, Pause } from '../domain/events.ts';
import type { CallResult } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { type CallStart, type ConcurrencySettings, ceilingOf, limitOf } from './adaptive-limit.ts';
import { coolsModel, secondsToCool } from './cooldown.ts';
import { type ModelLimiter, ModelLimiters } from './model-limiter.ts';
import { Pauses, scopeOf } from './pauses.ts';
import { type ReservationSettings, Reservations } from './reservations.ts';
import { SlotCounts } from './slots.ts';
import { Alarm, type QueueItem } from './wait-queue.ts';

/** A document does not sit ready through a longer wait (ms): it goes back in line, and others may have its slot. */
const LONGEST_WAIT_WHEN_READY_MS = 2000;

type CoolingEvent = Extract<GateEvent, { type: 'gate-cooling' }>;

export interface DispatcherSettings extends ConcurrencySettings, ReservationSettings {
  /** A cooldown that the server wants longer than this (seconds) turns away those that wait for it. @default none does */
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
  /** When the budget that is used up is refilled (ms since the epoch); null if it is not, or not used up. */
  #refilledAt: number | null = null;
  /** Nothing starts any more. */
  closed = false;
  /** When the loop that runs began. */
  now = 0;
  #starting = false;
  /** A document that was granted its reservation has not gone on yet. */
  #granted = false;

  constructor(settings: DispatcherSettings) {
    this.clock = settings.clock;
    this.slots = new SlotCounts(ceilingOf(settings));
    this.limiters = new ModelLimiters(limitOf(settings));
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

  /** No document sits ready for a call that is far off, or may be: a call that is to show something can take long. */
  isShut(limiter: ModelLimiter, now: number): boolean {
    if (this.closed || this.#pauses.calls === 0 || limiter.pause.paused) return true;
    const wait = limiter.cooldown.nextStart - now;
    return wait > LONGEST_WAIT_WHEN_READY_MS || (limiter.probing && limiter.inFlight > 0);
  }

  /** Draws the consequences of a call for those that wait. `start`: null if its slot was released meanwhile. */
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
    if (verdict.kind === 'retry' && coolsModel(verdict, start)) {
      const { limit } = verdict;
      const wanted = verdict.hintSeconds ?? limiter.secondsWithoutHint(now, start?.startedAt ?? now);
      const seconds = secondsToCool(wanted, this.#longestCooldownSeconds);
      this.#cool(now, limiter, seconds, { reason: record.message, ...(limit !== undefined && { limit }) });
    }
    if (start !== null) limiter.record(now, start, repeated, result);
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
    if (this.reservations.usedUp) {
      this.#refilledAt = this.reservations.refilledAt;
      this.pause({ scope: 'budget' }, this.reservations.shortage, this.#refilledAt ?? undefined);
    }
    // A listener that heard of the pause may have closed the gate.
    if (!this.closed) this.#alarm.setFor(this.#nextMoment());
  }

  #startNext(): boolean {
    if (!this.slots.mayStart(this.#pauses.calls)) return false;
    for (const limiter of this.limiters.all) {
      if (!limiter.mayStart(this.now)) continue;
      for (const slot of limiter.ready) {
        limiter.ready.delete(slot);
        limiter.started(this.now);
        this.slots.inFlight += 1;
        slot.grant();
        return true;
      }
    }
    return false;
  }

  /** One after another goes on before the next one is looked at: its call may be what holds that one back. */
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

  /** Only as many as may start soon: what was reserved and waits would start in a burst when the wait is over. */
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

  #cool(now: number, limiter: ModelLimiter, seconds: number, why: Pick<CoolingEvent, 'reason' | 'limit'>): void {
    const { model, cooldown, queue } = limiter;
    const worthAnEvent = cooldown.nextStart - now < (seconds * 1000) / 2;
    cooldown.extend(now + seconds * 1000);
    if (worthAnEvent) this.events.next({ type: 'gate-cooling', model, seconds, ...why });
    if (this.#coolsTooLong(limiter)) queue.refuseAll();
    this.#sendBack();
  }

  #coolsTooLong({ cooldown }: ModelLimiter): boolean {
    return (cooldown.nextStart - this.clock.now()) / 1000 > this.#longestCooldownSeconds;
  }

  /** When the next of what waits may go on by time alone; Infinity if time alone starts nothing. */
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
