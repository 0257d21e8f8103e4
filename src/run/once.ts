import { concat, defer, EMPTY, filter, merge, mergeMap, NEVER, type Observable, of, take } from 'rxjs';
import type { PipelineEvent, RunEvent } from '../domain/events.ts';
import type { GateControl } from '../gate/gate.ts';
import type { Clock } from '../lib/clock.ts';
import { accompaniedBy } from '../lib/operators.ts';
import { follow } from './follow.ts';
import { Catalogues } from './money.ts';
import type { Prepared, Surroundings } from './prepare.ts';
import { openSession } from './session.ts';
import { cutAfter, stopOnSignal, stopSignals } from './stop.ts';
import { holdOf, type WorkspaceHold } from './workspace-lock.ts';

interface OnceSettings {
  /** Ids of the documents that are there for this run; null: all are. */
  readonly only: ReadonlySet<string> | null;
}

/** Works off what is in the inbox and ends. Resolves to the exit code. */
export async function runOnce(
  prepared: Prepared,
  surroundings: Surroundings,
  { only }: OnceSettings = { only: null },
): Promise<number> {
  const hold = holdOf(surroundings);
  try {
    return await workOff(prepared, { ...surroundings, only }, hold);
  } finally {
    await hold.release();
  }
}

async function workOff(
  prepared: Prepared,
  surroundings: Surroundings & OnceSettings,
  hold: WorkspaceHold,
): Promise<number> {
  const { clock } = surroundings;
  const session = await openSession(prepared, {
    ...surroundings,
    hold,
    catalogues: new Catalogues(),
    rescanNow: NEVER,
    firstLook: true,
  });
  const { gate } = session;
  const { graceSeconds } = prepared.options;
  try {
    const companions = merge(
      stopOnSignal({
        ...surroundings,
        stops: stopSignals(surroundings.signals),
        gate,
        graceSeconds,
        abandon: () => session.outbox.abandon(),
      }),
      endOnPause({ gate, graceSeconds, clock }),
    );
    const events = session.events.pipe(accompaniedBy<PipelineEvent>(companions));
    return await follow(events, prepared, surroundings);
  } finally {
    await session.close();
  }
}

interface EndOnPauseSettings {
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
