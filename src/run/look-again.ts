import { exhaustMap, filter, ignoreElements, mergeMap, type Observable, take, takeUntil, tap, timer } from 'rxjs';
import type { Pause } from '../domain/events.ts';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../stream/clock.ts';

export interface LookAgainSettings {
  readonly gate: Pick<Gate, 'events' | 'resume' | 'closing'>;
  /** A free request that tells whether the account, or the model, is accepted again. Never errors. */
  readonly look: (pause: Pause) => Observable<boolean>;
  readonly everySeconds: number;
  readonly clock: Clock;
}

/** While an account or a model pauses a daemon: looks at intervals whether it may go on, and lets it. Emits nothing. */
export function lookAgain({ gate, look, everySeconds, clock }: LookAgainSettings): Observable<never> {
  return gate.events.pipe(
    filter((event) => event.type === 'gate-paused'),
    filter(({ scope }) => scope !== 'disk'),
    mergeMap((pause) =>
      timer(everySeconds * 1000, everySeconds * 1000, clock.scheduler).pipe(
        exhaustMap(() => look(pause)),
        filter((accepted) => accepted),
        take(1),
        tap(() => gate.resume(pause)),
        takeUntil(gate.closing),
      ),
    ),
    ignoreElements(),
  );
}
