import { concat, filter, ignoreElements, mergeMap, type Observable, of, take, tap, timer } from 'rxjs';
import type { RunEvent } from '../domain/events.ts';
import type { GateControl } from '../gate/create-gate.ts';
import type { Clock } from '../stream/clock.ts';
import { cutAfter } from './cut-after.ts';
import type { Signal } from './signals.ts';

/** After the second signal the process is gone within a second, whatever hangs. */
const LAST_RESORT_MS = 800;

export interface StopSettings {
  readonly gate: Pick<GateControl, 'close' | 'cut'>;
  readonly signals: Observable<Signal>;
  /** How long calls in flight may go on after the first signal. */
  readonly graceSeconds: number;
  /** Ends the process at once. */
  readonly lastResort: (signal: StopSignal) => void;
  readonly clock: Clock;
}

type StopSignal = Exclude<Signal, 'SIGHUP'>;

/**
 * The first SIGINT or SIGTERM closes the gate: no new call, and calls in flight may finish within the grace. The
 * second, or the end of the grace, cuts them off.
 */
export function stopOnSignal({ gate, signals, graceSeconds, lastResort, clock }: StopSettings): Observable<RunEvent> {
  const first = (signal: StopSignal): Observable<RunEvent> => {
    gate.close('signal');
    const event = { type: 'run-stopping', reason: 'signal', signal, graceSeconds } as const;
    return concat(of(event), cutAfter(gate, graceSeconds, clock));
  };
  const second = (signal: StopSignal): Observable<never> => {
    gate.cut();
    return timer(LAST_RESORT_MS, clock.scheduler).pipe(
      tap(() => lastResort(signal)),
      ignoreElements(),
    );
  };
  return signals.pipe(
    filter((signal) => signal !== 'SIGHUP'),
    take(2),
    mergeMap((signal, index) => (index === 0 ? first(signal) : second(signal))),
  );
}
