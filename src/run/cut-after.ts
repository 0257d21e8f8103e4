import { ignoreElements, type Observable, tap, timer } from 'rxjs';
import type { GateControl } from '../gate/gate.ts';
import type { Clock } from '../lib/clock.ts';

/** Cuts off the calls in flight when the grace is over. Emits nothing. */
export function cutAfter(gate: Pick<GateControl, 'cut'>, graceSeconds: number, clock: Clock): Observable<never> {
  return timer(graceSeconds * 1000, clock.scheduler).pipe(
    tap(() => gate.cut()),
    ignoreElements(),
  );
}
