import { fromEvent, map, merge, type Observable } from 'rxjs';

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The signals that this process gets. While it is subscribed to, they do not end the process by themselves. */
export function signals(process: NodeJS.Process): Observable<Signal> {
  const of = (signal: Signal) => fromEvent(process, signal).pipe(map(() => signal));
  return merge(of('SIGINT'), of('SIGTERM'), of('SIGHUP'));
}
