import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  Subject,
  shareReplay,
  switchMap,
  tap,
  throwError,
} from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import { accompaniedBy } from '../lib/operators.ts';
import { follow } from './follow.ts';
import { Catalogues } from './money.ts';
import type { Prepared, Surroundings } from './prepare.ts';
import { lookAgain } from './recheck.ts';
import { notUsed, Reload } from './reload.ts';
import { openSession, type Session } from './session.ts';
import { type StopSignal, stopOnSignal, stopSignals } from './stop.ts';
import { holdOf, type WorkspaceHold } from './workspace-lock.ts';

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
  const plan = { prepared, before: null, firstLook: true };
  const events = sessions(plan, { ...surroundings, prepareAgain, stops, hold, catalogues: new Catalogues() });
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
  readonly prepareAgain: () => Promise<Prepared>;
  readonly stops: Observable<StopSignal>;
  /** Over all sessions. */
  readonly hold: WorkspaceHold;
  /** Over all sessions. */
  readonly catalogues: Catalogues;
}

/** What a session is to run with. */
interface Plan {
  readonly prepared: Prepared;
  /** What it goes back to where that cannot be run with after all; null where there is nothing. */
  readonly before: Prepared | null;
  /** False where an earlier session told of all documents already. */
  readonly firstLook: boolean;
}

/** One session after another: each ends where the configuration changed, and the next begins with the new one. */
function sessions(plan: Plan, surroundings: DaemonSurroundings): Observable<PipelineEvent> {
  const { prepared, before, firstLook } = plan;
  return defer(() => {
    const rescanNow = new Subject<void>();
    return defer(() => openSession(prepared, { ...surroundings, rescanNow, firstLook })).pipe(
      map((session) => during(session, prepared, rescanNow, surroundings)),
      catchError((error: unknown) =>
        of(
          before === null
            ? throwError(() => error)
            : concat(of(notUsed(error)), sessions({ prepared: before, before: null, firstLook }, surroundings)),
        ),
      ),
      switchMap((events) => events),
    );
  });
}

/** To its end, and whatever comes after it. */
function during(
  session: Session,
  prepared: Prepared,
  rescanNow: Subject<void>,
  surroundings: DaemonSurroundings,
): Observable<PipelineEvent> {
  const reload = new Reload(prepared, surroundings.prepareAgain, rescanNow);
  const following = (next: Prepared | null): Observable<PipelineEvent> =>
    next === null ? EMPTY : sessions({ prepared: next, before: prepared, firstLook: false }, surroundings);
  return concat(
    session.events.pipe(
      accompaniedBy<PipelineEvent>(
        merge(reload.on(surroundings.signals, session.gate), companions(session, prepared, rescanNow, surroundings)),
      ),
      catchError((error: unknown) =>
        concat(
          closing(session),
          throwError(() => error),
        ),
      ),
    ),
    closing(session),
    defer(() => following(reload.next)),
  );
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
