import { defer, finalize, mergeMap, Observable } from 'rxjs';
import type { AttemptOutcome } from '../domain/attempt.ts';
import type { GateEvent } from '../domain/events.ts';
import type { Leave as Allowed, Demand, Seat, Ticket } from '../domain/ports.ts';
import { AdaptiveLimit, type AdaptiveLimitSettings } from './adaptive-limit.ts';
import { StormGuard } from './circuit-breaker.ts';
import { Cooldown } from './cooldown.ts';
import { LearnedRate } from './learned-rate.ts';
import { Hold } from './pause.ts';
import type { RecipeShare } from './recipe-limits.ts';
import { WaitingLine } from './wait-queue.ts';

/** The first wait after a refusal that names none, and the longest. */
const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 60;
/** Less than the wait for which a document that is ready is sent back. */
const LONGEST_LEAD_MS = 1000;
/** A limit is told again once it has changed by more than this part. */
const WORTH_TELLING = 0.25;

/** What belongs to one API and model: who waits for it, how many calls it takes, and what holds them back. */
export class Lane {
  readonly api: string;
  readonly model: string;
  readonly limit: AdaptiveLimit;
  readonly rate = new LearnedRate();
  readonly storm = new StormGuard();
  readonly cooldown = new Cooldown();
  readonly hold = new Hold();
  readonly lookahead = new Lookahead();
  readonly line = new WaitingLine();
  /** Those that are ready for their call, with how they are told. */
  readonly ready = new Map<TicketSeat, Leave>();
  /** Documents that hold a seat. */
  seats = 0;
  /** Those of them whose call is in flight. */
  flying = 0;
  /** After refusals without a hint since the last answer; 0 where there were none. */
  #waitSeconds = 0;
  /** When the last of them was known. Those of calls that went out before tell of the same. */
  #refusedAt = Number.NEGATIVE_INFINITY;
  #told: { readonly calls: number; readonly perSecond: number | null; readonly raging: boolean };

  constructor(api: string, model: string, limit: AdaptiveLimitSettings) {
    this.api = api;
    this.model = model;
    this.limit = new AdaptiveLimit(limit);
    this.#told = this.#present;
  }

  /** Calls that may be in flight. */
  get calls(): number {
    return Math.min(this.hold.calls, this.storm.raging ? 1 : Number.POSITIVE_INFINITY, this.limit.calls);
  }

  /** When the next call may start. */
  get nextStart(): number {
    return Math.max(this.cooldown.nextStart, this.rate.nextStart);
  }

  /** How long a refusal without a hint holds the others back: twice as long each time, until an answer comes. */
  secondsWithoutHint(now: number, startedAt: number): number {
    if (startedAt > this.#refusedAt) {
      this.#waitSeconds = Math.min(2 * this.#waitSeconds || FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS);
      this.#refusedAt = now;
    }
    return this.#waitSeconds || FIRST_WAIT_SECONDS;
  }

  /** How long before its call (ms) a document is to take its seat; never longer than it may wait there. */
  get leadMs(): number {
    return Math.min(this.lookahead.readyMs, LONGEST_LEAD_MS);
  }

  /** When a document may take a seat, to be ready by then. */
  get nextSeat(): number {
    return this.rate.perSecond === null ? this.nextStart : this.nextStart - this.leadMs;
  }

  /** The first moment after `now` at which one of its documents may go on by time alone; Infinity where there is none. */
  nextMoment(now: number): number {
    const moments = [
      this.line.size > 0 ? this.nextSeat : Number.POSITIVE_INFINITY,
      this.seats > this.flying ? this.nextStart : Number.POSITIVE_INFINITY,
    ];
    return Math.min(...moments.map((moment) => (moment > now ? moment : Number.POSITIVE_INFINITY)));
  }

  /** Calls are let through one at a time, to see. */
  get probing(): boolean {
    return this.hold.calls === 1 || this.storm.raging;
  }

  /** Seats beyond the calls that may be in flight: none while calls are let through to see. */
  get seatsBeyond(): number {
    return this.probing ? 0 : this.lookahead.beyond(this.limit.calls);
  }

  get hasSeat(): boolean {
    const { perSecond } = this.rate;
    if (perSecond !== null && this.seats - this.flying >= this.lookahead.forRate(perSecond)) return false;
    return this.seats < this.calls + this.seatsBeyond;
  }

  /** Those that are ready stand in line again. */
  sendBack(): void {
    for (const leave of this.ready.values()) leave.refuse();
  }

  started(now: number): void {
    this.flying += 1;
    this.cooldown.started(now);
    this.rate.started(now);
  }

  landed(now: number, { startedAt }: Flight): void {
    this.flying -= 1;
    this.lookahead.tookToCall(now - startedAt);
  }

  /** What a call that came back says of what the API takes. */
  learn(
    now: number,
    flight: Flight,
    repeated: boolean,
    { verdict, record }: Pick<AttemptOutcome, 'record' | 'verdict'>,
  ): void {
    const limit = verdict.kind === 'retry' ? verdict.limit : undefined;
    if (limit === 'concurrency' || limit === 'spending') this.limit.refused(now, flight);
    if (limit === 'rate') this.rate.refused(now, { startedAt: flight.startedAt, resumesAt: this.cooldown.nextStart });
    if (limit !== undefined) return;
    const answered = verdict.kind !== 'retry';
    this.storm.ended(now, { answered, repeated });
    if (!answered || record.billing !== 'known') return;
    this.#waitSeconds = 0;
    this.limit.answered(now, flight);
  }

  /** What has changed since it was last told, and why: by what the last call came to. */
  *news({ verdict, record }: Pick<AttemptOutcome, 'record' | 'verdict'>): Iterable<GateEvent> {
    const { model } = this;
    const before = this.#told;
    const now = this.#present;
    const limited = differs(before.calls, now.calls);
    const paced = differs(before.perSecond, now.perSecond);
    this.#told = {
      calls: limited ? now.calls : before.calls,
      perSecond: paced ? now.perSecond : before.perSecond,
      raging: now.raging,
    };
    if (limited) {
      const refused = verdict.kind === 'retry' && verdict.limit !== undefined;
      const lowered = refused ? record.message : 'answers take longer when more calls are in flight';
      const reason = now.calls < before.calls ? lowered : 'it takes more at once';
      yield { type: 'gate-limited', model, calls: now.calls, reason };
    }
    if (paced) yield { type: 'gate-paced', model, callsPerMinute: perMinute(now.perSecond) };
    if (now.raging && !before.raging)
      yield { type: 'gate-probing', model, reason: this.storm.reason ?? record.message };
    if (!now.raging && before.raging) yield { type: 'gate-recovered', model };
  }

  get #present(): { readonly calls: number; readonly perSecond: number | null; readonly raging: boolean } {
    return { calls: this.limit.calls, perSecond: this.rate.perSecond, raging: this.storm.raging };
  }
}

function differs(told: number | null, now: number | null): boolean {
  if (told === null || now === null) return told !== now;
  return Math.abs(now - told) > told * WORTH_TELLING;
}

function perMinute(perSecond: number | null): number | null {
  return perSecond === null ? null : Math.round(perSecond * 60);
}

/** How much a new measurement counts against those before it. */
const WEIGHT = 0.1;

/** Calls do not end evenly: of as many again as end in the mean, some are ready also when more of them end at once. */
const MARGIN = 2;

/**
 * How many calls more than may be in flight are made ready, so that one is ready whenever another one ends: twice as
 * many as end in the time that it takes to make one ready (Little's law). Where calls take seconds that is none: making ready
 * takes milliseconds, and a call that was made ready too early would only wait.
 */
export class Lookahead {
  #readyMs: number | null = null;
  #callMs: number | null = null;

  /** From a seat to the call, without the waits for leave. */
  tookToGetReady(ms: number): void {
    this.#readyMs = mean(this.#readyMs, ms);
  }

  tookToCall(ms: number): void {
    this.#callMs = mean(this.#callMs, ms);
  }

  /** What it takes to get ready, in the mean; 0 before it is known. */
  get readyMs(): number {
    return this.#readyMs ?? 0;
  }

  /** Calls to make ready beside `calls` that are in flight; as many again at most. */
  beyond(calls: number): number {
    if (this.#readyMs === null || this.#callMs === null || !Number.isFinite(calls)) return 0;
    return Math.min(calls, Math.round((MARGIN * calls * this.#readyMs) / Math.max(this.#callMs, 1)));
  }

  /** Calls to make ready for a rate at which they may start. */
  forRate(perSecond: number): number {
    return Math.max(1, Math.ceil((perSecond * this.readyMs) / 1000));
  }
}

function mean(before: number | null, now: number): number {
  return before === null ? now : before + WEIGHT * (now - before);
}

/** What a seat waits for, and how it is told. */
export interface Leave<T = void> {
  readonly grant: (value: T) => void;
  /** The document is to stand in line again. */
  readonly refuse: () => void;
}

export type Reserving = Leave<Allowed>;

/** What came of a call. */
export type Outcome = Pick<AttemptOutcome, 'record' | 'verdict'>;

/** The gate, as its seats see it. */
export interface SeatKeeper {
  /** Returns how to stop waiting. */
  askToReserve(seat: TicketSeat, demand: Demand, leave: Reserving): () => void;
  /** Returns how to stop waiting. */
  askToFly(seat: TicketSeat, leave: Leave): () => void;
  /** Its call has ended, or was left. */
  landed(seat: TicketSeat): void;
  heed(seat: TicketSeat, outcome: Outcome): void;
}

/** When a call went out, and how many were in flight then, itself included. */
export interface Flight {
  readonly startedAt: number;
  readonly inFlight: number;
}

/** A document's seat at the gate. */
export class TicketSeat implements Seat {
  readonly ticket: Ticket;
  readonly lane: Lane;
  readonly share: RecipeShare;
  readonly #keeper: SeatKeeper;
  readonly #takenAt: number;
  /** The waits for leave, which are not the document's own time. */
  #waitedMs = 0;
  /** Null where its call is not in flight. */
  flight: Flight | null = null;

  constructor(keeper: SeatKeeper, ticket: Ticket, lane: Lane, share: RecipeShare, takenAt: number) {
    this.#keeper = keeper;
    this.ticket = ticket;
    this.lane = lane;
    this.share = share;
    this.#takenAt = takenAt;
  }

  reserve(demand: Demand): Observable<Allowed> {
    return new Observable((subscriber) =>
      this.#keeper.askToReserve(this, demand, {
        grant: (answer) => {
          subscriber.next(answer);
          subscriber.complete();
        },
        refuse: () => subscriber.complete(),
      }),
    );
  }

  fly<T>(call: () => Observable<T>): Observable<T> {
    const leave = new Observable<void>((subscriber) =>
      this.#keeper.askToFly(this, {
        grant: () => {
          subscriber.next();
          subscriber.complete();
        },
        refuse: () => subscriber.complete(),
      }),
    );
    return leave.pipe(mergeMap(() => defer(call).pipe(finalize(() => this.#keeper.landed(this)))));
  }

  heed(outcome: Outcome): void {
    this.#keeper.heed(this, outcome);
  }

  waited(ms: number): void {
    this.#waitedMs += ms;
  }

  /** How long it took to get ready, without the waits for leave. */
  readyAfter(now: number): number {
    return now - this.#takenAt - this.#waitedMs;
  }
}
