import {
  concat,
  defer,
  filter,
  fromEvent,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  take,
  tap,
  timer,
} from 'rxjs';
import type { RunEvent } from '../domain/events.ts';
import type { GateControl } from '../gate/gate.ts';
import type { Clock } from '../lib/clock.ts';

/** The process ends within a second of the second signal, whatever hangs. */
const HANGING_AFTER_SECOND_MS = 800;
/** After calls were cut off at the end of the grace, what is being written gets this long. */
const HANGING_AFTER_GRACE_MS = 10_000;

interface StopSettings {
  readonly gate: Pick<GateControl, 'close' | 'cut'>;
  readonly stops: Observable<StopSignal>;
  /** How long calls in flight may go on after the first signal. */
  readonly graceSeconds: number;
  /** Leaves nothing half-written, for a process that ends at once. */
  readonly abandon: () => void;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  readonly clock: Clock;
}

/**
 * The first SIGINT or SIGTERM closes the gate: no new call, and calls in flight may finish within the grace. The second,
 * or the end of the grace, cuts them off.
 */
export function stopOnSignal({ gate, stops, graceSeconds, abandon, exit, clock }: StopSettings): Observable<RunEvent> {
  /** For what hangs all the same, such as a network disk that is gone. */
  const exitAfter = (ms: number, signal: StopSignal): Observable<never> =>
    after(ms, clock, () => {
      abandon();
      exit(signal === 'SIGINT' ? 130 : 143);
    });
  const first = (signal: StopSignal): Observable<RunEvent> => {
    const close = defer(() => {
      gate.close('signal');
      return concat(cutAfter(gate, graceSeconds, clock), exitAfter(HANGING_AFTER_GRACE_MS, signal));
    });
    return concat(of<RunEvent>({ type: 'run-stopping', reason: 'signal', signal, graceSeconds }), close);
  };
  const second = (signal: StopSignal): Observable<never> => {
    gate.cut();
    return exitAfter(HANGING_AFTER_SECOND_MS, signal);
  };
  return stops.pipe(
    take(2),
    mergeMap((signal, index) => (index === 0 ? first(signal) : second(signal))),
  );
}

/** Cuts off the calls in flight when the grace is over. Emits nothing. */
export function cutAfter(gate: Pick<GateControl, 'cut'>, graceSeconds: number, clock: Clock): Observable<never> {
  return after(graceSeconds * 1000, clock, () => gate.cut());
}

function after(ms: number, { scheduler }: Clock, act: () => void): Observable<never> {
  return timer(ms, scheduler).pipe(tap(act), ignoreElements());
}

/** Ends a run. */
export type StopSignal = 'SIGINT' | 'SIGTERM';
/** SIGHUP: look again at the configuration and the inbox. */
export type ProcessSignal = StopSignal | 'SIGHUP';

/** The signals that this process gets. While there is a subscriber, they do not end the process by themselves. */
export function signalsOf(process: NodeJS.Process): Observable<ProcessSignal> {
  const each = (signal: ProcessSignal) => fromEvent(process, signal).pipe(map(() => signal));
  return merge(each('SIGINT'), each('SIGTERM'), each('SIGHUP'));
}

export function stopSignals(signals: Observable<ProcessSignal>): Observable<StopSignal> {
  return signals.pipe(filter((signal) => signal !== 'SIGHUP'));
}
