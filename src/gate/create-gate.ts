import { Observable, ReplaySubject, Subject, type Subscription } from 'rxjs';
import type { Verdict } from '../domain/attempt.ts';
import type { GateEvent, PauseScope, Stop } from '../domain/events.ts';
import type { Gate, Ticket } from '../domain/ports.ts';
import type { Clock } from '../stream/clock.ts';
import { holdWhile } from '../stream/hold-while.ts';
import { Cooldown } from './cooldown.ts';
import { Permits } from './permits.ts';
import { WaitingLine } from './waiting-line.ts';

/** A 429 without a hint holds the others back this long (ms). */
const COOLING_WITHOUT_HINT_MS = 1000;
/** A timer never runs longer than this (ms); what is due later is looked at again then. Node's own limit is 24.8 days. */
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

/** What belongs to one API and model. */
interface Lane {
  readonly line: WaitingLine;
  readonly cooldown: Cooldown;
  paused: boolean;
}

/** Decides when the next call may start: permits, cooldown and pauses, one lane for each API and model. */
export function createGate(settings: GateSettings): GateControl {
  return new TicketGate(settings);
}

class TicketGate implements GateControl {
  readonly #clock: Clock;
  readonly #longestCooldownMs: number;
  readonly #permits: Permits;
  readonly #lanes = new Map<string, Lane>();
  readonly #pauses = new Map<PauseScope, string>();
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
    this.#longestCooldownMs = longestCooldownSeconds * 1000;
    this.#clock = clock;
  }

  admit<T>(ticket: Ticket, work: () => Observable<T>): Observable<T> {
    return holdWhile(this.#permit(ticket), work);
  }

  heed(ticket: Ticket, verdict: Verdict, message: string): void {
    if (verdict.kind === 'pause') this.#pause(verdict.scope, message, this.#lane(ticket));
    else if (verdict.kind === 'retry' && verdict.cools === 'model') this.#cool(ticket, verdict.hintSeconds, message);
  }

  pause(scope: PauseScope, reason: string): void {
    this.#pause(scope, reason);
  }

  resume(scope: PauseScope): void {
    if (!this.#pauses.delete(scope)) return;
    for (const lane of this.#lanes.values()) {
      if (scope === 'model') lane.paused = false;
      lane.cooldown.extend(this.#clock.now());
    }
    this.#events.next({ type: 'gate-resumed', scope });
    this.#startWaiting();
  }

  close(reason: Stop): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#alarm?.unsubscribe();
    this.#closing.next(reason);
    for (const { line } of this.#lanes.values()) sendAway(line);
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
      const waiter = {
        ticket,
        grant: () => {
          granted = true;
          subscriber.next();
        },
        refuse: () => subscriber.complete(),
      };
      subscriber.add(() => {
        if (granted) this.#permits.giveBack(ticket.repeated);
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
    if (this.#closed || !this.#permits.free || this.#pauses.has('account') || this.#pauses.has('disk')) return false;
    const now = this.#clock.now();
    let soonest = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) {
      const waiter = lane.paused ? undefined : lane.line.next(this.#permits.repeatedMayGoFirst);
      if (waiter === undefined) continue;
      if (lane.cooldown.nextStart <= now) {
        lane.line.delete(waiter);
        lane.cooldown.started(now);
        this.#permits.take(waiter.ticket.repeated);
        waiter.grant();
        return true;
      }
      soonest = Math.min(soonest, lane.cooldown.nextStart);
    }
    this.#wakeAt(soonest, now);
    return false;
  }

  #wakeAt(time: number, now: number): void {
    this.#alarm?.unsubscribe();
    if (time === Number.POSITIVE_INFINITY) return;
    const delay = Math.min(Math.ceil(time - now), LONGEST_TIMER_MS);
    this.#alarm = this.#clock.scheduler.schedule(() => this.#startWaiting(), delay);
  }

  #lane({ api, model }: Ticket): Lane {
    const key = `${api} ${model}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { line: new WaitingLine(), cooldown: new Cooldown(), paused: false };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #pause(scope: PauseScope, reason: string, lane?: Lane): void {
    if (lane !== undefined && scope === 'model') lane.paused = true;
    if (this.#pauses.has(scope)) return;
    this.#pauses.set(scope, reason);
    this.#events.next({ type: 'gate-paused', scope, reason });
  }

  #cool(ticket: Ticket, hintSeconds: number | null, reason: string): void {
    const lane = this.#lane(ticket);
    const now = this.#clock.now();
    const cooling = hintSeconds === null ? COOLING_WITHOUT_HINT_MS : hintSeconds * 1000;
    const worthTelling = lane.cooldown.nextStart - now < cooling / 2;
    lane.cooldown.extend(now + cooling);
    if (worthTelling) this.#events.next({ type: 'gate-cooling', scope: ticket.model, seconds: cooling / 1000, reason });
    if (this.#coolsTooLong(lane)) sendAway(lane.line);
  }

  #coolsTooLong(lane: Lane): boolean {
    return lane.cooldown.nextStart - this.#clock.now() > this.#longestCooldownMs;
  }
}

function sendAway(line: WaitingLine): void {
  for (const waiter of line.drain()) waiter.refuse();
}
