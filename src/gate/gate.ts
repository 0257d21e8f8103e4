import { defer, finalize, mergeMap, Observable, ReplaySubject, Subject } from 'rxjs';
import { LONGEST_HINT_SECONDS, type Verdict } from '../domain/attempt.ts';
import type { GateEvent, Pause, Stop } from '../domain/events.ts';
import type { Demand, Gate, Seat, Ticket } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { type ConcurrencySettings, ceilingOf, limitOf } from './adaptive-limit.ts';
import {
  type Flight,
  type Lane,
  type Leave,
  type Outcome,
  type Reserving,
  type SeatKeeper,
  TicketSeat,
} from './model-limiter.ts';
import { Lanes } from './model-limiters.ts';
import { Holds, scopeOf } from './pauses.ts';
import { type RecipeShare, type RecipeShareSettings, RecipeShares } from './recipe-limits.ts';
import { type ReservationSettings, Reservations } from './reservations.ts';
import { Permits } from './slots.ts';
import { Alarm, type Waiter } from './wait-queue.ts';

/** A document does not sit ready through a longer wait (ms): it goes back in line, and others may have its seat. */
const LONGEST_WAIT_ON_SEAT_MS = 2000;

export interface GateSettings extends ConcurrencySettings, ReservationSettings, RecipeShareSettings {
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

/** Decides when the next call may start: permits, rates, cooldowns, pauses and money, with a lane for each API and model. */
export function createGate(settings: GateSettings): GateControl {
  return new TicketGate(settings);
}

class TicketGate implements GateControl, SeatKeeper {
  readonly #patience: Patience;
  readonly #clock: Clock;
  readonly #permits: Permits;
  readonly #reservations: Reservations;
  readonly #lanes: Lanes;
  readonly #holds: Holds;
  readonly #shares: RecipeShares;
  readonly #alarm: Alarm;
  readonly #events = new Subject<GateEvent>();
  readonly #closing = new ReplaySubject<Stop>(1);
  readonly #cutting = new ReplaySubject<void>(1);
  readonly events = this.#events.asObservable();
  readonly closing = this.#closing.asObservable();
  readonly cutting = this.#cutting.asObservable();
  /** When the budget that is used up is refilled (ms since the epoch); null where there is none such. */
  #refilledAt: number | null = null;
  #closed = false;
  #starting = false;

  constructor(settings: GateSettings) {
    this.#patience = new Patience(settings.longestCooldownSeconds);
    this.#clock = settings.clock;
    this.#permits = new Permits(ceilingOf(settings));
    this.#lanes = new Lanes(limitOf(settings));
    this.#holds = new Holds(this.#lanes);
    this.#shares = new RecipeShares(settings, () => settings.clock.now());
    this.#alarm = new Alarm(settings.clock, () => this.#ring());
    this.#reservations = new Reservations(settings);
  }

  admit<T>(ticket: Ticket, work: (seat: Seat) => Observable<T>): Observable<T> {
    return this.#shares.hold(ticket, (share) =>
      this.#seat(ticket, share).pipe(
        mergeMap((seat) => defer(() => work(seat)).pipe(finalize(() => this.#left(seat)))),
      ),
    );
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

  pause(pause: Pause, reason: string, until?: number): void {
    if (!this.#holds.pause(pause)) return;
    this.#events.next({ type: 'gate-paused', ...scopeOf(pause), reason, ...(until !== undefined && { until }) });
    this.#sendBack();
  }

  resume(pause: Pause): void {
    if (!this.#holds.resume(pause)) return;
    this.#events.next({ type: 'gate-resumed', ...scopeOf(pause) });
    this.#startWaiting();
  }

  close(reason: Stop): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#alarm.stop();
    this.#closing.next(reason);
    this.#shares.sendAway();
    for (const { line } of this.#lanes) line.sendAway();
    this.#sendBack();
  }

  cut(): void {
    this.#cutting.next();
  }

  askToReserve(seat: TicketSeat, demand: Demand, leave: Reserving): () => void {
    const allowed = this.#isShut(seat.lane) ? 'later' : seat.share.reserve(demand.worstUsd);
    if (allowed === 'later') leave.refuse();
    else if (allowed.kind !== 'reserved' || !this.#reservations.needed) leave.grant(allowed);
    else {
      const since = this.#clock.now();
      const grant: Reserving['grant'] = (answer) => {
        seat.waited(this.#clock.now() - since);
        leave.grant(answer);
      };
      const stop = this.#reservations.ask(since, seat, demand, { ...leave, grant });
      this.#startWaiting();
      return stop;
    }
    return () => undefined;
  }

  askToFly(seat: TicketSeat, leave: Leave): () => void {
    const { lane } = seat;
    if (this.#isShut(lane)) {
      leave.refuse();
      return () => undefined;
    }
    lane.lookahead.tookToGetReady(seat.readyAfter(this.#clock.now()));
    lane.ready.set(seat, leave);
    this.#startWaiting();
    return () => lane.ready.delete(seat);
  }

  landed({ lane, flight }: TicketSeat): void {
    if (flight === null) return;
    lane.landed(this.#clock.now(), flight);
    this.#permits.ended();
    this.#startWaiting();
  }

  heed(seat: TicketSeat, { record, verdict }: Outcome): void {
    const now = this.#clock.now();
    const { lane } = seat;
    this.#reservations.settle(now, seat, record);
    seat.share.settle(now, record);
    if (verdict.kind === 'pause') {
      const { scope, resetSeconds } = verdict;
      const until = resetSeconds === undefined ? undefined : this.#clock.wall() + resetSeconds * 1000;
      this.pause(scope === 'model' ? { scope, model: lane.model } : { scope }, record.message, until);
      return;
    }
    this.#holds.account.proven();
    lane.hold.proven();
    if (verdict.kind === 'retry' && coolsLane(verdict, seat.flight)) this.#cool(seat, verdict, record.message);
    if (seat.flight !== null) lane.learn(now, seat.flight, seat.ticket.repeated, { record, verdict });
    if (lane.storm.raging) this.#sendBack();
    for (const event of lane.news({ record, verdict })) this.#events.next(event);
  }

  /** Emits once, when the document may take its seat; completes empty where nothing starts any more. */
  #seat(ticket: Ticket, share: RecipeShare): Observable<TicketSeat> {
    return new Observable((subscriber) => {
      const lane = this.#lanes.of(ticket);
      if (this.#closed || this.#coolsTooLong(lane)) {
        subscriber.complete();
        return;
      }
      const waiter: Waiter = {
        ticket,
        grant: () => {
          subscriber.next(new TicketSeat(this, ticket, lane, share, this.#clock.now()));
          subscriber.complete();
        },
        refuse: () => subscriber.complete(),
      };
      subscriber.add(() => lane.line.delete(waiter));
      lane.line.add(waiter);
      this.#startWaiting();
    });
  }

  /** Starts what may start. What ends at once comes back in here: it only changes what the loop sees next. */
  #startWaiting(): void {
    if (this.#starting || this.#closed) return;
    this.#starting = true;
    const now = this.#clock.now();
    while (this.#flyNext(now) || this.#reserveNext(now) || this.#seatNext(now));
    this.#starting = false;
    if (this.#reservations.usedUp) this.#pauseBudget();
    // Whoever heard of the pause may have closed the gate.
    if (!this.#closed) this.#alarm.setFor(this.#nextMoment(now));
  }

  #flyNext(now: number): boolean {
    if (this.#closed || !this.#permits.mayFly(this.#holds.calls)) return false;
    for (const lane of this.#lanes) {
      const [next] = lane.ready;
      if (next === undefined || lane.flying >= lane.calls || lane.nextStart > now) continue;
      const [seat, leave] = next;
      lane.ready.delete(seat);
      lane.started(now);
      this.#permits.started();
      seat.flight = { startedAt: now, inFlight: lane.flying };
      leave.grant();
      return true;
    }
    return false;
  }

  /** Only as many as may fly soon: what had leave and waits would leave in a heap when the wait is over. */
  #reserveNext(now: number): boolean {
    if (this.#closed || this.#holds.calls === 0) return false;
    return this.#reservations.answerNext(
      now,
      ({ lane }) => lane.nextStart <= now && lane.flying + lane.ready.size < lane.calls + lane.seatsBeyond,
    );
  }

  #seatNext(now: number): boolean {
    const { repeatedMayGoFirst } = this.#permits;
    if (this.#closed || this.#holds.calls === 0) return false;
    const next = this.#lanes.next(
      repeatedMayGoFirst,
      (lane) =>
        lane.hasSeat &&
        lane.nextSeat <= now &&
        this.#reservations.hasSeat(now, lane.seats - lane.flying, lane.leadMs) &&
        this.#permits.hasSeat(this.#holds.calls, this.#holds.calls === 1 ? 0 : lane.seatsBeyond),
    );
    if (next === null) return false;
    const { lane, waiter } = next;
    lane.line.delete(waiter);
    lane.seats += 1;
    this.#permits.seated(waiter.ticket.repeated);
    this.#lanes.hadItsTurn(lane);
    waiter.grant();
    return true;
  }

  #left(seat: TicketSeat): void {
    seat.lane.seats -= 1;
    this.#permits.left(seat.ticket.repeated);
    this.#reservations.release(this.#clock.now(), seat);
    this.#startWaiting();
  }

  /** No document sits ready for a call that is far off, or may be: a call that is to show something can take long. */
  #isShut(lane: Lane): boolean {
    if (this.#closed || this.#holds.calls === 0 || lane.hold.paused) return true;
    const wait = lane.cooldown.nextStart - this.#clock.now();
    return wait > LONGEST_WAIT_ON_SEAT_MS || (lane.probing && lane.flying > 0);
  }

  #sendBack(): void {
    this.#reservations.refuse(({ lane }) => this.#isShut(lane));
    for (const lane of this.#lanes) if (this.#isShut(lane)) lane.sendBack();
  }

  #cool({ lane, flight }: TicketSeat, { hintSeconds, limit }: Retry, reason: string): void {
    const now = this.#clock.now();
    const wanted = hintSeconds ?? lane.secondsWithoutHint(now, flight?.startedAt ?? now);
    const seconds = this.#patience.secondsToCool(wanted);
    const worthTelling = lane.cooldown.nextStart - now < (seconds * 1000) / 2;
    lane.cooldown.extend(now + seconds * 1000);
    if (worthTelling) {
      const { model } = lane;
      this.#events.next({ type: 'gate-cooling', model, seconds, reason, ...(limit !== undefined && { limit }) });
    }
    if (this.#coolsTooLong(lane)) lane.line.sendAway();
    this.#sendBack();
  }

  #coolsTooLong(lane: Lane): boolean {
    return !this.#patience.waitsFor((lane.cooldown.nextStart - this.#clock.now()) / 1000);
  }

  #pauseBudget(): void {
    const { shortage, refilledAt } = this.#reservations;
    this.#refilledAt = refilledAt;
    this.pause({ scope: 'budget' }, shortage, refilledAt ?? undefined);
  }

  /** When the next of what waits may start by time alone; Infinity where time alone starts nothing. */
  #nextMoment(now: number): number {
    const refill = this.#refilledAt === null ? Number.POSITIVE_INFINITY : now + this.#refilledAt - this.#clock.wall();
    const waiting = [...this.#lanes].filter(({ line }) => line.size > 0);
    const seats = waiting.map(({ leadMs }) => this.#reservations.nextSeat(leadMs)).filter((moment) => moment > now);
    return Math.min(this.#lanes.nextMoment(now), this.#reservations.nextMoment(now), refill, ...seats);
  }

  #ring(): void {
    if (this.#refilledAt !== null && this.#refilledAt <= this.#clock.wall()) {
      this.#refilledAt = null;
      this.resume({ scope: 'budget' });
    }
    this.#startWaiting();
  }
}

/** How long a run waits for a model that cools. */
export class Patience {
  readonly #longestSeconds: number;

  /** A cooldown that is longer sends those that wait for it away. Default: never. */
  constructor(longestSeconds = Number.POSITIVE_INFINITY) {
    this.#longestSeconds = longestSeconds;
  }

  waitsFor(seconds: number): boolean {
    return seconds <= this.#longestSeconds;
  }

  /** What is longer is looked at again then, by the first call: hints can be absurd, and the document itself is away. */
  secondsToCool(wanted: number): number {
    return this.waitsFor(wanted) ? Math.min(wanted, LONGEST_HINT_SECONDS) : wanted;
  }
}

type Retry = Extract<Verdict, { kind: 'retry' }>;

/** Too many at once, or too much money held by them: fewer are the cure. Where even one is too many, only time is. */
export function coolsLane({ cools, limit }: Retry, flight: Flight | null): boolean {
  return limit === 'concurrency' || limit === 'spending' ? flight?.inFlight === 1 : cools === 'model';
}
