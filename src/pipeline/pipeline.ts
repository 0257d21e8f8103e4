import { defer, finalize, identity, ignoreElements, map, merge, mergeMap, type Observable, Subject, tap } from 'rxjs';
import { type PipelineEvent, RUN_ENDED } from '../domain/events.ts';
import { accompaniedBy, emitting } from '../lib/operators.ts';
import { doChore } from './chores.ts';
import { CHORES_AT_ONCE, type Context, createContext, type PipelinePorts, type PipelineSettings } from './context.ts';
import { decide } from './decide.ts';
import { processDocument } from './process-document.ts';
import { pendingEvent, queuedEvent } from './work-item.ts';

/** The program: what the inbox shows becomes work; each document that is work is asked, and its answer filed at once. */
export function pipeline(ports: PipelinePorts, settings: PipelineSettings): Observable<PipelineEvent> {
  return defer(() => {
    const context = createContext(ports, settings);
    const { gate, inbox, queue, chores } = context;

    // A decision is reported before what follows from it.
    const decided = new Subject<PipelineEvent>();
    const seen = inbox.events.pipe(
      map(decide(context)),
      tap({
        next: ({ events, work, chores: todo }) => {
          for (const event of events) decided.next(event);
          for (const item of work) queue.add(item);
          for (const chore of todo) chores.add(chore);
        },
        complete: () => {
          decided.complete();
          queue.end();
          chores.end();
        },
      }),
      ignoreElements(),
    );
    const processed = queue.items$.pipe(mergeMap((item) => processDocument(context, item), settings.openDocuments));
    const queued = queue.added$.pipe(map(queuedEvent));
    const left = queue.left$.pipe(map((item) => pendingEvent(item, RUN_ENDED)));
    const done = chores.items$.pipe(
      mergeMap(
        (chore) =>
          emitting<PipelineEvent>((emit) => doChore(context, chore, emit)).pipe(finalize(() => chores.done(chore))),
        CHORES_AT_ONCE,
      ),
    );
    const { redoAll } = settings;
    return merge(decided, queued, processed, left, done, seen).pipe(
      accompaniedBy<PipelineEvent>(merge(gate.events, stopping(context))),
      redoAll === null ? identity : tap((event) => redoAll.onEvent(event)),
      // Nothing outlives the stream: waits end, calls in flight are aborted.
      finalize(() => {
        close(context);
        context.cutting.fire();
      }),
    );
  });
}

/** A stop of the run ends what documents wait for. */
function stopping(context: Context): Observable<never> {
  const closed = context.gate.closing.pipe(tap(() => close(context)));
  const cut = context.gate.cutting.pipe(tap(() => context.cutting.fire()));
  return merge(closed, cut).pipe(ignoreElements());
}

function close({ closing, queue, chores }: Context): void {
  closing.fire();
  queue.close();
  chores.close();
}
