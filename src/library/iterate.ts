import type { Observable } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import { Fifo } from '../lib/fifo.ts';

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
  const failure: unknown[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const subscription = events.subscribe({
    next: (event) => {
      waiting.push(event);
      if (waiting.size > MOST_WAITING) {
        waiting.shift();
        dropped += 1;
      }
      wake?.();
    },
    error: (error: unknown) => {
      failure.push(error);
      ended = true;
      wake?.();
    },
    complete: () => {
      ended = true;
      wake?.();
    },
  });
  try {
    for (;;) {
      const count = dropped;
      dropped = 0;
      if (count > 0) yield { type: 'events-dropped', count };
      const event = waiting.shift();
      if (event !== undefined) yield event;
      else if (failure.length > 0) throw failure[0];
      else if (ended) return;
      // oxlint-disable-next-line no-await-in-loop -- for the next event
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    subscription.unsubscribe();
  }
}
