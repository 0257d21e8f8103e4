import {
  type CompleteNotification,
  type ErrorNotification,
  materialize,
  merge,
  type Observable,
  ReplaySubject,
  Subject,
} from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import { Fifo } from '../lib/fifo.ts';
import { RunningTally } from '../report/running-tally.ts';
import { type Summary, summarize } from '../report/summary.ts';
import { closedAfter } from '../run/closing.ts';
import { openDaemon } from '../run/daemon.ts';
import { openOnce } from '../run/once.ts';
import type { Prepared, RunContext } from '../run/prepare.ts';
import type { OpenContext, OpenRun } from '../run/session.ts';
import { RunControls } from '../run/stop.ts';
import { outboxOf, type Sink } from './sink.ts';
import { inboxOf, type Source } from './source.ts';

interface StartOptions {
  /** What is asked of which API, and where answers are remembered: see `prepare`. */
  readonly prepared: Prepared;
  readonly context: RunContext;
  /** Stops the run, as `stop` does. */
  readonly signal?: AbortSignal;
}

export interface RunOptions extends StartOptions {
  /** @default the inbox of the workspace */
  readonly source?: Source;
  /** @default the outbox of the workspace */
  readonly sink?: Sink;
  /** Ids of the only documents that count. @default all */
  readonly only?: ReadonlySet<string> | null;
}

export interface WatchOptions extends StartOptions {
  /** Reads the configuration again, when SIGHUP asks for it. */
  readonly prepareAgain: () => Promise<Prepared>;
}

/**
 * A run that goes on by itself. As a promise it resolves to its summary when all is closed, also if documents failed or it was
 * stopped; it rejects with `UsageError`, `WorkspaceTakenError`, `DiskError`, or what is unexpected. As an iterable it gives
 * what happens from then on; to leave the loop does not stop the run.
 */
export interface Run extends PromiseLike<Summary>, AsyncIterable<PipelineEvent | EventsDropped> {
  /** What happens, from the first subscription on; errors if the run fails. */
  readonly events: Observable<PipelineEvent>;
  /** Whatever is counted of it so far. */
  readonly tally: RunningTally;
  /** Its calls, and a pause of them. */
  readonly controls: RunControls;
  /** No new call starts; those in flight finish within the grace, or are cut off at once with `force`. */
  stop(options?: { readonly force?: boolean }): Promise<Summary>;
}

/** Works off what is there, and ends. */
export function run({ source, sink, only = null, ...start }: RunOptions): Run {
  const own = { ...(source && { inbox: inboxOf(source) }), ...(sink && { outbox: outboxOf(sink) }) };
  return startRun(start, (context) => openOnce(start.prepared, context, { only, ...own }));
}

/** Works off what comes into the inbox, until it is stopped. */
export function watch({ prepareAgain, ...start }: WatchOptions): Run {
  return startRun(start, async (context) => openDaemon(start.prepared, prepareAgain, context));
}

/** Starts what `open` opens. */
export function startRun(
  { context, signal }: Pick<StartOptions, 'context' | 'signal'>,
  open: (context: OpenContext) => Promise<OpenRun>,
): Run {
  const { clock } = context;
  const requests = new ReplaySubject<'request'>(2);
  const request = (): void => requests.next('request');
  const events = new Subject<PipelineEvent>();
  const tally = new RunningTally(clock);
  const controls = new RunControls();

  async function toItsEnd(opened: OpenRun): Promise<Summary> {
    const start = clock.now();
    await opened.events.forEach((event) => {
      tally.count(event);
      events.next(event);
    });
    return summarize(tally.snapshot(), Math.round(clock.now() - start) / 1000);
  }

  async function work(): Promise<Summary> {
    signal?.addEventListener('abort', request);
    if (signal?.aborted === true) request();
    try {
      const opened = await open({ ...context, controls, signals: merge(context.signals, requests) });
      const summary = await closedAfter(toItsEnd(opened), () => opened.close());
      events.complete();
      return summary;
    } catch (error) {
      events.error(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', request);
    }
  }

  const summary = work();
  return {
    events,
    tally,
    controls,
    stop: ({ force = false } = {}) => {
      request();
      if (force) request();
      return summary;
    },
    // oxlint-disable-next-line unicorn/no-thenable -- so that `await run(...)` gives the summary
    then: (onSummary, onError) => summary.then(onSummary, onError),
    [Symbol.asyncIterator]: () => iterate(events),
  };
}

/** Stands for events that a slow reader did not come to. */
export interface EventsDropped {
  readonly type: 'events-dropped';
  readonly count: number;
}

/** Events that wait for a reader; of more, the oldest are dropped: a slow reader neither slows a run nor fills the memory. */
const MOST_WAITING = 10_000;

/** What happens from the first `next` on, one event after the other. Throws what the events end with. */
export async function* iterate(events: Observable<PipelineEvent>): AsyncGenerator<PipelineEvent | EventsDropped> {
  const waiting = new Fifo<PipelineEvent>();
  let dropped = 0;
  let end: CompleteNotification | ErrorNotification | undefined;
  let wake: (() => void) | undefined;
  const subscription = events.pipe(materialize()).subscribe((notification) => {
    if (notification.kind === 'N') waiting.push(notification.value);
    else end = notification;
    if (waiting.size > MOST_WAITING) {
      waiting.shift();
      dropped += 1;
    }
    wake?.();
  });
  try {
    for (;;) {
      const count = dropped;
      dropped = 0;
      if (count > 0) yield { type: 'events-dropped', count };
      const event = waiting.shift();
      if (event !== undefined) yield event;
      else if (end?.kind === 'E') throw end.error;
      else if (end !== undefined) return;
      // oxlint-disable-next-line no-await-in-loop -- for the next event
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    subscription.unsubscribe();
  }
}
