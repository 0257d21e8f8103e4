import { defer, finalize, Observable, ReplaySubject, Subject, type Subscription } from 'rxjs';
import type { Verdict } from '../domain/attempt.ts';
import type { GateEvent, Pause, Stop } from '../domain/events.ts';
import { LONGEST_HINT_SECONDS } from '../domain/limits.ts';
import type { Gate, Ticket } from '../domain/ports.ts';
import type { Clock } from '../stream/clock.ts';
import { holdWhile } from '../stream/hold-while.ts';
import { Hold, Lane } from './lane.ts';
import { Permits } from './permits.ts';
import type { Waiter } from './waiting-line.ts';

/** A 429 without a hint holds the others back this long. */
const COOLING_WITHOUT_HINT_SECONDS = 1;
/** A timer never runs longer than this; what is due later is looked at again then. Node's own limit is 24.8 days. */
const LONGEST_TIMER_MS = 60 * 60 * 1000;

export interface GateSettings {
  /** Calls in flight at most. */
  readonly concurrency: number;
  /** A cooldown that the server wants longer than this (seconds) sends those that wait for it away. Default: never. */
  readonly longestCooldownSeconds?: number;
  readonly clock: Clock;
}

/** The side of the gate that run holds. */
export interface GateControl extends Gate {
  /** No further call starts; those that wait are sent away. The first reason counts. */
  close(reason: Stop): void;
  /** Cuts off the calls in flight. */
  cut(): void;
}

/** Decides when the next call may start: permits, cooldowns and pauses, with a lane for each API and model. */
export function createGate(settings: GateSettings): GateControl {
  return new TicketGate(settings);
}

class TicketGate implements GateControl {
  readonly #clock: Clock;
  readonly #longestCooldownSeconds: number;
  readonly #permits: Permits;
  readonly #account = new Hold();
  readonly #disk = new Hold();
  readonly #lanes = new Map<string, Lane>();
  readonly #events = new Subject<GateEvent>();
  readonly #closing = new ReplaySubject<Stop>(1);
  readonly #cutting = new ReplaySubject<void>(1);
  readonly events = this.#events.asObservable();
  readonly closing = this.#closing.asObservable();
  readonly cutting = this.#cutting.asObservable();
  #closed = false;
  #starting = false;
  #alarm: Subscription | undefined;

  constructor({ concurrency, longestCooldownSeconds = Number.POSITIVE_INFINITY, clock }: GateSettings) {
    this.#permits = new Permits(concurrency);
    this.#longestCooldownSeconds = longestCooldownSeconds;
    this.#clock = clock;
  }

  admit<T>(ticket: Ticket, work: () => Observable<T>): Observable<T> {
    return holdWhile(this.#permit(ticket), work);
  }

  settle<T>(work: Observable<T>): Observable<T> {
    return defer(() => {
      this.#permits.settling();
      return work;
    }).pipe(
      finalize(() => {
        this.#permits.settled();
        this.#startWaiting();
      }),
    );
  }

  heed(ticket: Ticket, verdict: Verdict, message: string): void {
    const lane = this.#lane(ticket);
    if (verdict.kind === 'pause') {
      this.pause(verdict.scope === 'model' ? { scope: 'model', model: lane.model } : { scope: 'account' }, message);
      return;
    }
    this.#account.proven();
    lane.hold.proven();
    if (verdict.kind === 'retry' && verdict.cools === 'model') this.#cool(lane, verdict.hintSeconds, message);
  }

  pause(pause: Pause, reason: string): void {
    const holds = this.#holds(pause).filter((hold) => !hold.paused);
    for (const hold of holds) hold.pause();
    if (holds.length > 0) this.#events.next({ type: 'gate-paused', ...scopeOf(pause), reason });
  }

  resume(pause: Pause): void {
    const holds = this.#holds(pause).filter((hold) => hold.paused);
    if (holds.length === 0) return;
    for (const hold of holds) {
      hold.resume();
      // A disk that took what it had refused is well: nothing is left to see.
      if (pause.scope === 'disk') hold.proven();
    }
    this.#events.next({ type: 'gate-resumed', ...scopeOf(pause) });
    this.#startWaiting();
  }

  close(reason: Stop): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#alarm?.unsubscribe();
    this.#closing.next(reason);
    for (const { line } of this.#lanes.values()) line.sendAway();
  }

  cut(): void {
    this.#cutting.next();
  }

  /** Emits when the call may start; unsubscribing leaves the line or gives the permit back. */
  #permit(ticket: Ticket): Observable<void> {
    return new Observable<void>((subscriber) => {
      const lane = this.#lane(ticket);
      if (this.#closed || this.#coolsTooLong(lane)) {
        subscriber.complete();
        return;
      }
      let granted = false;
      const waiter: Waiter = {
        ticket,
        grant: () => {
          granted = true;
          subscriber.next();
        },
        refuse: () => subscriber.complete(),
      };
      subscriber.add(() => {
        if (granted) this.#ended(waiter, lane);
        else lane.line.delete(waiter);
        this.#startWaiting();
      });
      lane.line.add(waiter);
      this.#startWaiting();
    });
  }

  /** Starts what may start. Calls that end at once come back in here: they only change what the loop sees next. */
  #startWaiting(): void {
    if (this.#starting) return;
    this.#starting = true;
    while (this.#startNext());
    this.#starting = false;
  }

  #startNext(): boolean {
    if (this.#closed || !this.#permits.free || !this.#account.lets || !this.#disk.lets) return false;
    const now = this.#clock.now();
    const waiting = [...this.#lanes.values()].filter(({ hold, line }) => hold.lets && line.size > 0);
    const ready = waiting.filter(({ cooldown }) => cooldown.nextStart <= now);
    const lane = this.#permits.repeatedMayGoFirst ? (ready.find(({ line }) => line.hasRepeated) ?? ready[0]) : ready[0];
    const waiter = lane?.line.next(this.#permits.repeatedMayGoFirst);
    if (lane === undefined || waiter === undefined) {
      this.#wakeAt(Math.min(...waiting.map(({ cooldown }) => cooldown.nextStart)), now);
      return false;
    }
    this.#started(waiter, lane, now);
    waiter.grant();
    return true;
  }

  #started(waiter: Waiter, lane: Lane, now: number): void {
    lane.line.delete(waiter);
    lane.cooldown.started(now);
    this.#permits.take(waiter.ticket.repeated);
    for (const hold of [this.#account, this.#disk, lane.hold]) hold.started();
    // The lanes take turns: this one goes behind the others.
    const key = laneKey(waiter.ticket);
    this.#lanes.delete(key);
    this.#lanes.set(key, lane);
  }

  #ended(waiter: Waiter, lane: Lane): void {
    this.#permits.giveBack(waiter.ticket.repeated);
    for (const hold of [this.#account, this.#disk, lane.hold]) hold.ended();
  }

  #wakeAt(time: number, now: number): void {
    this.#alarm?.unsubscribe();
    if (time === Number.POSITIVE_INFINITY) return;
    const delay = Math.min(Math.ceil(time - now), LONGEST_TIMER_MS);
    this.#alarm = this.#clock.scheduler.schedule(() => this.#startWaiting(), delay);
  }

  #lane(ticket: Ticket): Lane {
    const key = laneKey(ticket);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(ticket.model);
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #holds(pause: Pause): readonly Hold[] {
    if (pause.scope !== 'model') return [pause.scope === 'account' ? this.#account : this.#disk];
    return [...this.#lanes.values()].filter(({ model }) => model === pause.model).map(({ hold }) => hold);
  }

  #cool(lane: Lane, hintSeconds: number | null, reason: string): void {
    const now = this.#clock.now();
    const wanted = hintSeconds ?? COOLING_WITHOUT_HINT_SECONDS;
    // What is longer is looked at again then, by the first call: hints can be absurd, and the document itself is away.
    const seconds = this.#waitsFor(wanted) ? Math.min(wanted, LONGEST_HINT_SECONDS) : wanted;
    const worthTelling = lane.cooldown.nextStart - now < (seconds * 1000) / 2;
    lane.cooldown.extend(now + seconds * 1000);
    if (worthTelling) this.#events.next({ type: 'gate-cooling', model: lane.model, seconds, reason });
    if (this.#coolsTooLong(lane)) lane.line.sendAway();
  }

  #coolsTooLong(lane: Lane): boolean {
    return !this.#waitsFor((lane.cooldown.nextStart - this.#clock.now()) / 1000);
  }

  #waitsFor(seconds: number): boolean {
    return seconds <= this.#longestCooldownSeconds;
  }
}

function laneKey({ api, model }: Ticket): string {
  return `${api} ${model}`;
}

/** The scope alone, of whatever else carries one. */
function scopeOf(pause: Pause): Pause {
  return pause.scope === 'model' ? { scope: 'model', model: pause.model } : { scope: pause.scope };
}
