import { concatMap, type Observable, of, tap, timer } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { type AttemptRecord, unheard, type Verdict } from '../../src/domain/attempt.ts';
import type { Ticket } from '../../src/domain/ports.ts';
import { Budget } from '../../src/gate/budget.ts';
import { createGate, type GateControl, type GateSettings } from '../../src/gate/gate.ts';
import { virtualTime } from '../support/virtual-time.ts';

export const fresh: Ticket = {
  api: 'api',
  model: 'model',
  recipe: '',
  folder: '',
  size: 1,
  repeated: false,
  recipeCalls: null,
  recipeCostUsd: null,
  sharesBeginning: false,
};
export const repeated: Ticket = { ...fresh, repeated: true };
export const other: Ticket = { ...fresh, model: 'other' };

export function retry(cools: 'document' | 'model', hintSeconds: number | null): Verdict {
  return { kind: 'retry', cools, hintSeconds, counts: true };
}

export const tooManyAtOnce: Verdict = {
  kind: 'retry',
  cools: 'document',
  hintSeconds: null,
  counts: false,
  limit: 'concurrency',
};

export const ANY = { concurrency: 10, concurrencyMax: 100, pacer: null, budget: null, openPurse };

/** Of a run that spent nothing yet. */
export function openPurse(): Budget {
  return new Budget({ limitUsd: Number.POSITIVE_INFINITY, spentUsd: 0, perDay: false, wall: () => 0 });
}

/** A document's way through the gate, with its call alone. */
export function call<T>(gate: GateControl, ticket: Ticket, work: Observable<T>): Observable<T> {
  return gate.admit(ticket, (seat) => seat.fly(() => work));
}

/** The same, with what the gate is told of the call when it ends. */
export function heard<T>(
  gate: GateControl,
  ticket: Ticket,
  work: Observable<T>,
  verdict: Verdict,
  message = '',
): Observable<T> {
  return gate.admit(ticket, (seat) =>
    seat.fly(() => work.pipe(tap(() => seat.heed({ verdict, record: recordOf({ message }) })))),
  );
}

/** A call that takes no time, and of which the gate is told this. */
export function hear(gate: GateControl, ticket: Ticket, verdict: Verdict, message: string): void {
  heard(gate, ticket, of(0), verdict, message).subscribe();
}

export function recordOf(known: Partial<AttemptRecord>): AttemptRecord {
  return { ...unheard({ number: 1, startedAt: '', seconds: 0, code: '', message: '' }), ...known };
}

/** Runs a test in virtual time with a gate; `at` does something at a moment (ms). */
export function withGate(
  settings: Partial<Omit<GateSettings, 'clock'>>,
  run: (gate: GateControl, helpers: RunHelpers, at: (ms: number, act: () => void) => void) => void,
): void {
  const { scheduler, clock } = virtualTime();
  scheduler.run((helpers) => {
    const at = (ms: number, act: () => void) => {
      helpers.expectObservable(timer(ms, scheduler).pipe(tap(act))).toBe(`${ms}ms (x|)`, { x: 0 });
    };
    run(createGate({ ...ANY, ...settings, clock }), helpers, at);
  });
}

/** Stands in line at the moment when the source emits. */
export function admitted<T>(gate: GateControl, ticket: Ticket, work: Observable<T>) {
  return (source: Observable<unknown>) => source.pipe(concatMap(() => call(gate, ticket, work)));
}
