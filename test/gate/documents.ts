import {
  asyncScheduler,
  concatMap,
  defaultIfEmpty,
  EMPTY,
  expand,
  finalize,
  map,
  merge,
  type Observable,
  tap,
  timer,
} from 'rxjs';
import type { Verdict } from '../../src/domain/attempt.ts';
import type { Demand, Seat, Ticket } from '../../src/domain/ports.ts';
import type { GateControl, GateSettings } from '../../src/gate/gate.ts';
import { fresh, recordOf, withGate } from './with-gate.ts';

const DEMAND: Demand = { promptTokens: 10, maxTokens: 10, worstUsd: 0.001 };
export const ANSWER: Verdict = { kind: 'answer' };

export interface Way {
  readonly ticket?: Ticket;
  /** From its seat until it asks for money and rates, ms. */
  readonly readyMs?: number;
  readonly callMs?: number;
  readonly verdict?: Verdict;
}

/** Documents on their way through a gate, and where they are. */
export class Documents {
  readonly #gate: GateControl;
  readonly #ready = new Set<Seat>();
  /** Seats that were given. */
  seats = 0;
  /** Those that got ready or waited for leave at once, at most. */
  mostReady = 0;
  /** Those that were given leave for money and rates. */
  reserved = 0;
  flying = 0;
  /** Calls that were made. */
  calls = 0;
  /** From asking for leave to the call, at most, ms. */
  longestWaitMs = 0;

  constructor(gate: GateControl) {
    this.#gate = gate;
  }

  /** One of them; sends what became of it. */
  one({ ticket = fresh, readyMs = 0, callMs = 5, verdict = ANSWER }: Way): Observable<string> {
    const record = recordOf({ billing: verdict === ANSWER ? 'known' : 'none' });
    return this.#gate.admit(ticket, (seat) => {
      this.#seated(seat);
      return timer(readyMs).pipe(
        concatMap(() => this.#leave(seat)),
        concatMap((askedAt) => seat.fly(() => this.#fly(seat, askedAt, callMs))),
        tap(() => seat.heed({ verdict, record })),
        map(() => 'answered'),
        defaultIfEmpty('sent back'),
        finalize(() => this.#ready.delete(seat)),
      );
    });
  }

  /** So many of them, each in line again whenever it is sent back. */
  send(count: number, way: Way): void {
    const all = Array.from({ length: count }, () =>
      this.one(way).pipe(expand((became) => (became === 'sent back' ? this.one(way) : EMPTY))),
    );
    merge(...all).subscribe();
  }

  #seated(seat: Seat): void {
    this.seats += 1;
    this.#ready.add(seat);
    this.mostReady = Math.max(this.mostReady, this.#ready.size);
  }

  /** Sends when it was asked for. */
  #leave(seat: Seat): Observable<number> {
    const askedAt = asyncScheduler.now();
    return seat.reserve(DEMAND).pipe(
      tap(() => (this.reserved += 1)),
      map(() => askedAt),
    );
  }

  #fly(seat: Seat, askedAt: number, callMs: number): Observable<unknown> {
    this.#ready.delete(seat);
    this.flying += 1;
    this.calls += 1;
    this.longestWaitMs = Math.max(this.longestWaitMs, asyncScheduler.now() - askedAt);
    return timer(callMs).pipe(tap(() => (this.flying -= 1)));
  }
}

/** Runs a test in virtual time with documents at a gate; `at` does something at a moment (ms). */
export function withDocuments(
  settings: Partial<Omit<GateSettings, 'clock'>>,
  run: (documents: Documents, gate: GateControl, at: (ms: number, act: () => void) => void) => void,
): void {
  withGate(settings, (gate, { flush }, at) => {
    run(new Documents(gate), gate, at);
    at(60_000, () => gate.close('signal'));
    flush();
  });
}
