import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  merge,
  type Observable,
  Subject,
  shareReplay,
  switchMap,
  tap,
  throwError,
} from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import { accompaniedBy } from '../stream/accompanied-by.ts';
import { follow } from './follow.ts';
import { lookAgain } from './look-again.ts';
import { openSession, type Session } from './open-session.ts';
import type { Prepared } from './prepare.ts';
import { Reload } from './reload.ts';
import { type StopSignal, stopSignals } from './signals.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import type { Surroundings } from './surroundings.ts';
import { holdOf, type WorkspaceHold } from './workspace-hold.ts';

/**
 * Works off whatever comes into the inbox, until a signal ends it. `prepareAgain` is asked on SIGHUP; what it rejects
 * with is told, and the run goes on as it was. Resolves to the exit code.
 */
export async function runDaemon(
  prepared: Prepared,
  prepareAgain: () => Promise<Prepared>,
  surroundings: Surroundings,
): Promise<number> {
  // Kept for the moment between two sessions: a stop that comes then is the next one's.
  const stops = stopSignals(surroundings.signals).pipe(shareReplay({ bufferSize: 2, refCount: true }));
  const hold = holdOf(surroundings);
  const events = sessions(prepared, true, prepareAgain, { ...surroundings, stops, hold });
  try {
    return await follow(
      events.pipe(accompaniedBy<PipelineEvent>(stops.pipe(ignoreElements()))),
      prepared,
      surroundings,
    );
  } finally {
    await hold.release();
  }
}

interface DaemonSurroundings extends Surroundings {
  readonly stops: Observable<StopSignal>;
  /** Over all sessions. */
  readonly hold: WorkspaceHold;
}

/** One session after another: each ends where the configuration changed, and the next begins with the new one. */
function sessions(
  prepared: Prepared,
  firstLook: boolean,
  prepareAgain: () => Promise<Prepared>,
  surroundings: DaemonSurroundings,
): Observable<PipelineEvent> {
  const { signals } = surroundings;
  return defer(() => {
    const rescanNow = new Subject<void>();
    const reload = new Reload(prepared, prepareAgain, rescanNow);
    return defer(() => openSession(prepared, { ...surroundings, rescanNow, firstLook })).pipe(
      switchMap((session) =>
        concat(
          session.events.pipe(
            accompaniedBy<PipelineEvent>(
              merge(reload.on(signals, session.gate), companions(session, prepared, rescanNow, surroundings)),
            ),
            catchError((error: unknown) =>
              concat(
                closing(session),
                throwError(() => error),
              ),
            ),
          ),
          closing(session),
          defer(() => (reload.next === null ? EMPTY : sessions(reload.next, false, prepareAgain, surroundings))),
        ),
      ),
    );
  });
}

function closing(session: Session): Observable<never> {
  return defer(() => session.close()).pipe(ignoreElements());
}

function companions(
  session: Session,
  { options }: Prepared,
  rescanNow: Subject<void>,
  surroundings: DaemonSurroundings,
): Observable<PipelineEvent> {
  const { gate, llm, outbox } = session;
  return merge(
    session.changedOutside.pipe(
      tap(() => rescanNow.next()),
      ignoreElements(),
    ),
    stopOnSignal({ ...surroundings, gate, graceSeconds: options.graceSeconds, abandon: () => outbox.abandon() }),
    lookAgain({
      gate,
      look: (pause) => (pause.scope === 'model' ? llm.look('model', pause.model) : llm.look('account', options.model)),
      everySeconds: options.lookAgainSeconds,
      clock: surroundings.clock,
    }),
  );
}
