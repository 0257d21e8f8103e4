import { join } from 'node:path';
import {
  BehaviorSubject,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  ignoreElements,
  merge,
  mergeMap,
  type Observable,
  of,
  Subject,
  share,
  shareReplay,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { LONGEST_WAIT_SECONDS } from '../domain/attempt.ts';
import type { Pause, PipelineEvent } from '../domain/events.ts';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { accompaniedBy } from '../lib/operators.ts';
import type { RecipeChange } from '../recipe/recipe-changes.ts';
import { Catalogues } from './money.ts';
import { WorkspaceHold } from './open-ledger.ts';
import type { Prepared } from './prepare.ts';
import { notUsed, Reload } from './reload.ts';
import { type OpenContext, type OpenRun, openSession, type Session } from './session.ts';
import { durationOver, type StopCause, stopOnRequest, stopSignals } from './stop.ts';

/**
 * A run that works off what comes into the inbox, until a signal ends it. On SIGHUP it calls `prepareAgain`; if that
 * rejects, it says so and goes on as before. Its rooms open when its events are subscribed to.
 */
export function openDaemon(prepared: Prepared, prepareAgain: () => Promise<Prepared>, context: OpenContext): OpenRun {
  // Replayed, as a stop may come between two sessions: it is for the next one.
  const stops = stopSignals(context.signals).pipe(shareReplay({ bufferSize: 2, refCount: true }));
  const hold = new WorkspaceHold(context);
  const events = sessions(
    { prepared, before: null, firstLook: true },
    { ...context, prepareAgain, stops, startedAt: context.clock.now(), hold, catalogues: new Catalogues() },
  );
  return {
    events: events.pipe(accompaniedBy<PipelineEvent>(stops.pipe(ignoreElements()))),
    close: () => hold.release(),
  };
}

/** What all sessions of a daemon share. */
interface DaemonContext extends OpenContext {
  readonly prepareAgain: () => Promise<Prepared>;
  readonly stops: Observable<StopCause>;
  /** Milliseconds of the clock. */
  readonly startedAt: number;
  readonly hold: WorkspaceHold;
  readonly catalogues: Catalogues;
}

interface SessionPlan {
  readonly prepared: Prepared;
  /** What the daemon goes back to if it cannot run with `prepared`; null if there is nothing. */
  readonly before: Prepared | null;
  /** False if an earlier session reported all documents already. */
  readonly firstLook: boolean;
}

/** One session after another: each ends when the configuration changed, and the next begins with the new one. */
function sessions(first: SessionPlan, context: DaemonContext): Observable<PipelineEvent> {
  return defer(() => {
    // A queue, so that no session runs within the one before it: there may be thousands, as keys are renewed.
    const plans = new BehaviorSubject(first);
    const goOn = (next: SessionPlan | null): void => (next === null ? plans.complete() : plans.next(next));
    return plans.pipe(
      concatMap((plan) => begin(plan, context)),
      concatMap(({ events, next }) => events.pipe(tap({ complete: () => goOn(next()) }))),
    );
  });
}

/** Opens a session: what happens in it, and what comes after it; `next` is null if nothing does. */
async function begin(
  { prepared, before, firstLook }: SessionPlan,
  context: DaemonContext,
): Promise<{ readonly events: Observable<PipelineEvent>; readonly next: () => SessionPlan | null }> {
  const rescanNow = new Subject<void>();
  const changes = (await recipesChanged(prepared)).pipe(share());
  try {
    const session = await openSession(prepared, {
      ...context,
      rescanNow: merge(rescanNow, changes),
      firstLook,
    });
    const reload = new Reload(prepared, context.prepareAgain, () => rescanNow.next());
    const beside = merge(companions(session, reload, prepared, context), changes.pipe(mergeMap(recipeNote)));
    return {
      events: thenClosed(session, session.events.pipe(accompaniedBy(beside))),
      next: () => reload.next && { prepared: reload.next, before: prepared, firstLook: false },
    };
  } catch (error) {
    if (before === null) throw error;
    return { events: of(notUsed(error)), next: () => ({ prepared: before, before: null, firstLook }) };
  }
}

/** Loaded late: it loads chokidar, which a run with `--once` has no use for. */
async function recipesChanged({ options: { root, prompt, recipe } }: Prepared): Promise<Observable<RecipeChange>> {
  if (prompt !== null) return EMPTY;
  const { recipeChanges } = await import('../recipe/recipe-changes.ts');
  return recipeChanges(recipe ?? join(root, 'recipes'));
}

const RECIPE_NEWS = new Map([
  ['add', 'is there now: documents that have it are asked with it'],
  ['change', 'changed: documents are asked with it as it is now, and --redo stale asks those that are done again'],
  ['unlink', 'is gone'],
]);

/** What a person at the screen should know of it; of folders nothing. */
function recipeNote({ name, event }: RecipeChange): Observable<PipelineEvent> {
  const news = RECIPE_NEWS.get(event);
  return news === undefined ? EMPTY : of({ type: 'run-noted', level: 'info', message: `Recipe file ${name} ${news}.` });
}

/** Closes the session when its events end or fail, before anything follows. An error of the events counts. */
function thenClosed(session: Session, events: Observable<PipelineEvent>): Observable<PipelineEvent> {
  const closing = defer(() => session.close()).pipe(ignoreElements());
  const failed = (error: unknown): Observable<never> =>
    concat(
      closing.pipe(catchError(() => EMPTY)),
      throwError(() => error),
    );
  return concat(events.pipe(catchError(failed)), closing);
}

/** What goes on beside a session's documents. */
function companions(
  { gate, llm, outbox }: Session,
  reload: Reload,
  { options }: Prepared,
  { signals, stops: stopped, startedAt, controls, exit, clock }: DaemonContext,
): Observable<PipelineEvent> {
  const { graceSeconds, lookAgainSeconds, model } = options;
  const stops = merge(stopped, durationOver(options, startedAt, clock));
  return merge(
    reload.on(signals, gate),
    defer(() => {
      controls.take(gate);
      return EMPTY;
    }),
    stopOnRequest({ gate, stops, graceSeconds, abandon: () => outbox.abandon(), exit, clock }),
    recheck({
      gate,
      look: async (pause) => {
        if (pause.scope === 'model') return llm.look('model', pause.model);
        return !(await reload.renewKey(gate)) && llm.look('account', model);
      },
      everySeconds: lookAgainSeconds,
      clock,
    }),
  );
}

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
