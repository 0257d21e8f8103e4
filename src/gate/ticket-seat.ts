import { defer, finalize, mergeMap, Observable } from 'rxjs';
import type { AttemptOutcome } from '../domain/attempt.ts';
import type { Leave as Allowed, Demand, Seat, Ticket } from '../domain/ports.ts';
import type { Lane } from './model-limiter.ts';
import type { RecipeShare } from './recipe-limits.ts';

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
