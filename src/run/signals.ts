import { filter, fromEvent, map, merge, type Observable } from 'rxjs';

/** Ends a run. */
export type StopSignal = 'SIGINT' | 'SIGTERM';
/** SIGHUP: look at the configuration and the inbox anew. */
export type Signal = StopSignal | 'SIGHUP';

/** The signals that this process gets. While it is subscribed to, they do not end the process by themselves. */
export function signalsOf(process: NodeJS.Process): Observable<Signal> {
  const of = (signal: Signal) => fromEvent(process, signal).pipe(map(() => signal));
  return merge(of('SIGINT'), of('SIGTERM'), of('SIGHUP'));
}

export function stopSignals(signals: Observable<Signal>): Observable<StopSignal> {
  return signals.pipe(filter((signal) => signal !== 'SIGHUP'));
}
