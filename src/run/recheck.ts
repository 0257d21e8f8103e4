import { exhaustMap, filter, ignoreElements, mergeMap, type Observable, take, takeUntil, tap, timer } from 'rxjs';
import { LONGEST_WAIT_SECONDS } from '../domain/attempt.ts';
import type { Pause } from '../domain/events.ts';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';

interface LookAgainSettings {
  readonly gate: Pick<Gate, 'events' | 'resume' | 'closing'>;
  /** A free request that tells whether the account, or the model, is accepted again. Never errors. */
  readonly look: (pause: Pause) => Observable<boolean>;
  readonly everySeconds: number;
  readonly clock: Clock;
}

/**
 * While an account or a model pauses a daemon: looks at intervals whether it may go on, and lets it; not before the pause
 * ends by itself, where somebody said when. A disk is waited for by those who write, money by the gate. Emits nothing.
 */
export function lookAgain({ gate, look, everySeconds, clock }: LookAgainSettings): Observable<never> {
  const everyMs = everySeconds * 1000;
  return gate.events.pipe(
    filter((event) => event.type === 'gate-paused'),
    filter(({ scope }) => scope === 'account' || scope === 'model'),
    mergeMap((pause) =>
      timer(firstLookMs(pause.until, clock, everyMs), everyMs, clock.scheduler).pipe(
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

/** How long until the first look. What is said to end later than in a day is looked at then: it may be a mistake. */
function firstLookMs(until: number | undefined, clock: Clock, everyMs: number): number {
  if (until === undefined) return everyMs;
  return Math.max(everyMs, Math.min(until - clock.wall(), LONGEST_WAIT_SECONDS * 1000));
}
