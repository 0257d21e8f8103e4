import { concat, defer, EMPTY, filter, mergeMap, type Observable, of, take } from 'rxjs';
import type { RunEvent } from '../domain/events.ts';
import type { GateControl } from '../gate/gate.ts';
import type { Clock } from '../lib/clock.ts';
import { cutAfter } from './cut-after.ts';

export interface EndOnPauseSettings {
  readonly gate: Pick<GateControl, 'close' | 'cut' | 'events'>;
  /** How long answers that the disk refused are held, in the hope that it takes them again. */
  readonly graceSeconds: number;
  readonly clock: Clock;
}

/**
 * A run that is to end does not wait for an account, a model or a disk to be mended, nor for more money: it sends nothing
 * more and ends.
 */
export function endOnPause({ gate, graceSeconds, clock }: EndOnPauseSettings): Observable<RunEvent> {
  return gate.events.pipe(
    filter((event) => event.type === 'gate-paused'),
    take(1),
    mergeMap(({ scope }) => {
      const close = defer(() => {
        gate.close(scope);
        return scope === 'disk' ? cutAfter(gate, graceSeconds, clock) : EMPTY;
      });
      return concat(of<RunEvent>({ type: 'run-stopping', reason: scope, signal: null, graceSeconds }), close);
    }),
  );
}
