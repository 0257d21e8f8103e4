import { merge, NEVER } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import { accompaniedBy } from '../stream/accompanied-by.ts';
import { Catalogues } from './catalogues.ts';
import { endOnPause } from './end-on-pause.ts';
import { follow } from './follow.ts';
import type { Prepared } from './prepare.ts';
import { openSession } from './session.ts';
import { stopSignals } from './signals.ts';
import { stopOnSignal } from './stop.ts';
import type { Surroundings } from './surroundings.ts';
import { holdOf, type WorkspaceHold } from './workspace-lock.ts';

export interface OnceSettings {
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
