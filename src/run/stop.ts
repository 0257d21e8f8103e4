import {
  concat,
  defer,
  filter,
  fromEvent,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  take,
  tap,
  timer,
} from 'rxjs';
import type { RunEvent } from '../domain/events.ts';
import type { Options } from '../domain/options.ts';
import type { GateControl } from '../gate/gate.ts';
import type { Clock } from '../lib/clock.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, duration: 7, request: 7 } as const satisfies Record<StopCause, number>;
/** The process ends within a second of the second signal, whatever hangs. */
const HANGING_AFTER_SECOND_MS = 800;
/** After calls were cut off at the end of the grace, what is being written gets this long. */
const HANGING_AFTER_GRACE_MS = 10_000;

interface StopSettings {
  readonly gate: Pick<GateControl, 'close' | 'cut'>;
  readonly stops: Observable<StopCause>;
  /** How long calls in flight may go on after the first stop. */
  readonly graceSeconds: number;
  /** Leaves nothing half-written, for a process that ends at once. */
  readonly abandon: () => void;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  readonly clock: Clock;
}

/**
 * The first stop closes the gate: no new call, and calls in flight may finish within the grace. A signal after it, or the
 * end of the grace, cuts them off.
 */
export function stopOnRequest({ gate, stops, graceSeconds, abandon, exit, clock }: StopSettings): Observable<RunEvent> {
  /** For what hangs all the same, such as a network disk that is gone. */
  const exitAfter = (ms: number, stop: StopCause): Observable<never> =>
    after(ms, clock, () => {
      abandon();
      exit(EXIT_CODES[stop]);
    });
  const first = (stop: StopCause): Observable<RunEvent> => {
    const isSignal = stop === 'SIGINT' || stop === 'SIGTERM';
    const reason = isSignal ? 'signal' : stop;
    const signal = isSignal ? stop : null;
    const close = defer(() => {
      gate.close(reason);
      return concat(cutAfter(gate, graceSeconds, clock), exitAfter(HANGING_AFTER_GRACE_MS, stop));
    });
    return concat(of<RunEvent>({ type: 'run-stopping', reason, signal, graceSeconds }), close);
  };
  const second = (stop: StopCause): Observable<never> => {
    gate.cut();
    return exitAfter(HANGING_AFTER_SECOND_MS, stop);
  };
  return stops.pipe(
    // The end of `--max-duration` is no reason to hurry a run that stops already.
    filter((stop, index) => index === 0 || stop !== 'duration'),
    take(2),
    mergeMap((stop, index) => (index === 0 ? first(stop) : second(stop))),
  );
}

/** Cuts off the calls in flight when the grace is over. Emits nothing. */
export function cutAfter(gate: Pick<GateControl, 'cut'>, graceSeconds: number, clock: Clock): Observable<never> {
  return after(graceSeconds * 1000, clock, () => gate.cut());
}

function after(ms: number, { scheduler }: Clock, act: () => void): Observable<never> {
  return timer(ms, scheduler).pipe(tap(act), ignoreElements());
}

export type StopSignal = 'SIGINT' | 'SIGTERM';
/** What stops a run that could go on: a signal, the wish of who started it, or the end of `--max-duration`. */
export type StopCause = StopSignal | 'request' | 'duration';
/** SIGHUP: look again at the configuration and the inbox. */
export type ProcessSignal = StopSignal | 'SIGHUP';
/** What a run is told: the signals of its process, and the wishes of who started it. */
export type RunSignal = ProcessSignal | 'request';

/** The signals that this process gets. While there is a subscriber, they do not end the process by themselves. */
export function signalsOf(process: NodeJS.Process): Observable<ProcessSignal> {
  const each = (signal: ProcessSignal) => fromEvent(process, signal).pipe(map(() => signal));
  return merge(each('SIGINT'), each('SIGTERM'), each('SIGHUP'));
}

export function stopSignals(signals: Observable<RunSignal>): Observable<StopSignal | 'request'> {
  return signals.pipe(filter((signal) => signal !== 'SIGHUP'));
}

/** Emits when a run that began at `startedAt` (ms of the clock) may last no longer; never without `--max-duration`. */
export function durationOver(
  { maxDurationSeconds }: Pick<Options, 'maxDurationSeconds'>,
  startedAt: number,
  clock: Clock,
): Observable<'duration'> {
  if (maxDurationSeconds === null) return NEVER;
  const left = startedAt + maxDurationSeconds * 1000 - clock.now();
  return timer(Math.max(0, left), clock.scheduler).pipe(map(() => 'duration'));
}

/** What a person at the screen sees of the calls of a run, and can do: over all the sessions of a daemon. */
export class RunControls {
  #gate: GateControl | null = null;
  #paused = false;

  /** A session began: its gate is as the one before it was left. */
  take(gate: GateControl): void {
    this.#gate = gate;
    if (this.#paused) this.#pause();
  }

  /** Calls in flight, and how many may be. */
  get calls(): { readonly inFlight: number; readonly atMost: number } {
    return this.#gate?.calls() ?? { inFlight: 0, atMost: 0 };
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** No new call, until the next time; calls in flight finish. */
  togglePause(): void {
    this.#paused = !this.#paused;
    if (this.#paused) this.#pause();
    else this.#gate?.resume({ scope: 'person' });
  }

  #pause(): void {
    this.#gate?.pause({ scope: 'person' }, 'no new call, until you press p');
  }
}
