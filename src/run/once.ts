import {
  concat,
  defer,
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  switchMap,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import type { GateEvent, PipelineEvent, RunEvent, Stop } from '../domain/events.ts';
import type { GateControl } from '../gate/gate.ts';
import type { Clock } from '../lib/clock.ts';
import { accompaniedBy } from '../lib/operators.ts';
import { closeAll, closedIfFailed } from './closing.ts';
import { Catalogues } from './money.ts';
import { WorkspaceHold } from './open-ledger.ts';
import type { Prepared } from './prepare.ts';
import { type OpenContext, type OpenRun, openSession, type SessionSettings } from './session.ts';
import { cutAfter, durationOver, stopOnRequest, stopSignals } from './stop.ts';

/** Which documents count; where they come from and answers go, if not from the inbox and to the outbox. */
type OnceSettings = Pick<SessionSettings, 'only' | 'inbox' | 'outbox'>;

/**
 * A run that works off what is in the inbox and ends; a signal ends it before that. Rejects with DiskError or UsageError;
 * then nothing is open.
 */
export async function openOnce(prepared: Prepared, context: OpenContext, own: OnceSettings = {}): Promise<OpenRun> {
  const { clock, signals, exit } = context;
  const { graceSeconds } = prepared.options;
  const startedAt = clock.now();
  const hold = new WorkspaceHold(context);
  const release = (): Promise<void> => hold.release();
  const settings = { ...context, ...own, hold, catalogues: new Catalogues(), rescanNow: NEVER, firstLook: true };
  const session = await closedIfFailed(openSession(prepared, settings), release);
  const { gate, outbox } = session;
  const abandon = (): void => outbox.abandon();
  const stops = merge(stopSignals(signals), durationOver(prepared.options, startedAt, clock));
  const companions = merge(
    stopOnRequest({ gate, stops, graceSeconds, abandon, exit, clock }),
    endOnPause({ gate, graceSeconds, clock }),
  );
  context.controls.take(gate);
  return {
    events: session.events.pipe(accompaniedBy<PipelineEvent>(companions)),
    close: () => closeAll([release, () => session.close()]),
  };
}

interface EndOnPauseSettings {
  readonly gate: Pick<GateControl, 'close' | 'cut' | 'events'>;
  /** How long the run waits for a disk that refused answers, and until files may be opened again. */
  readonly graceSeconds: number;
  readonly clock: Clock;
}

/**
 * A run with `--once` does not wait for a person to mend an account, a model or a disk, nor for more money: it sends
 * nothing more and ends. Too many open files need no person: calls that end close theirs. The run goes on, unless that
 * takes longer than the grace.
 */
export function endOnPause({ gate, graceSeconds, clock }: EndOnPauseSettings): Observable<RunEvent> {
  const end = (reason: Stop, cause: string, waitSeconds: number): Observable<RunEvent> => {
    const close = defer(() => {
      gate.close(reason);
      return reason === 'disk' ? cutAfter(gate, waitSeconds, clock) : EMPTY;
    });
    return concat(of<RunEvent>({ type: 'run-stopping', reason, signal: null, graceSeconds, cause }), close);
  };
  const pauses = gate.events.pipe(filter((event) => event.type === 'gate-paused'));
  const resumed = gate.events.pipe(filter((event) => event.type === 'gate-resumed' && event.scope === 'disk'));
  const lasting = pauses.pipe(
    filter((pause) => !endsByItself(pause)),
    mergeMap(({ scope, reason }) => (scope === 'person' ? EMPTY : of(end(scope, reason, graceSeconds)))),
  );
  const outlasting = pauses.pipe(
    filter(endsByItself),
    switchMap(({ reason }) =>
      timer(graceSeconds * 1000, clock.scheduler).pipe(
        map(() => end('disk', reason, 0)),
        takeUntil(resumed),
      ),
    ),
  );
  return merge(lasting, outlasting).pipe(
    take(1),
    mergeMap((ending) => ending),
  );
}

/** By its words: a pause has no code. The system's are `EMFILE: too many open files`. */
function endsByItself({ scope, reason }: Extract<GateEvent, { type: 'gate-paused' }>): boolean {
  return scope === 'disk' && /too many (?:open files|files are open)/i.test(reason);
}
