import { exhaustMap, filter, ignoreElements, mergeMap, type Observable, take, takeUntil, tap, timer } from 'rxjs';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../stream/clock.ts';

export interface LookAgainSettings {
  readonly gate: Pick<Gate, 'events' | 'resume' | 'closing'>;
  /** A free request that tells whether the account, or the model, is accepted again. Never errors. */
  readonly look: (scope: 'account' | 'model') => Observable<boolean>;
  /** What was learnt of the models before the pause counts no longer. */
  readonly forget: () => void;
  readonly everySeconds: number;
  readonly clock: Clock;
}

/** While an account or a model pauses a daemon: looks at intervals whether it may go on, and lets it. Emits nothing. */
export function lookAgain({ gate, look, forget, everySeconds, clock }: LookAgainSettings): Observable<never> {
  return gate.events.pipe(
    mergeMap((event) => (event.type === 'gate-paused' && event.scope !== 'disk' ? [event.scope] : [])),
    mergeMap((scope) =>
      timer(everySeconds * 1000, everySeconds * 1000, clock.scheduler).pipe(
        exhaustMap(() => look(scope)),
        filter((accepted) => accepted),
        take(1),
        tap(() => {
          forget();
          gate.resume(scope);
        }),
        takeUntil(gate.closing),
      ),
    ),
    ignoreElements(),
  );
}
