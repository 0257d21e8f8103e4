import { exhaustMap, filter, ignoreElements, mergeMap, type Observable, take, takeUntil, tap, timer } from 'rxjs';
import { LONGEST_WAIT_SECONDS } from '../domain/attempt.ts';
import type { Pause } from '../domain/events.ts';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';

interface RecheckSettings {
  readonly gate: Pick<Gate, 'events' | 'resume' | 'closing'>;
  /** Asks, free of charge, whether the account, or the model, is accepted again. Never rejects. */
  readonly look: (pause: Pause) => Promise<boolean>;
  readonly everySeconds: number;
  readonly clock: Clock;
}

/**
 * While an account or a model pauses a daemon: looks at intervals whether it is accepted again, and resumes it; not
 * before the pause ends by itself, if the API said when. Pauses of the disk and of the budget end without a look. Emits
 * nothing.
 */
export function recheck({ gate, look, everySeconds, clock }: RecheckSettings): Observable<never> {
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

/** How long until the first look: a day at most, as a later end may be a mistake. */
function firstLookMs(until: number | undefined, clock: Clock, everyMs: number): number {
  if (until === undefined) return everyMs;
  return Math.max(everyMs, Math.min(until - clock.wall(), LONGEST_WAIT_SECONDS * 1000));
}
