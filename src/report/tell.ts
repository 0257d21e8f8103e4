import { defer, map, type OperatorFunction } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import type { Clock } from '../lib/clock.ts';
import { type DocumentPhase, isFinal, moveOf } from './document-phase.ts';
import { reduceTally } from './reduce-tally.ts';
import { emptyTally, type Tally } from './tally.ts';

/** An event and how things stand after it. */
export interface Told {
  readonly event: PipelineEvent;
  readonly tally: Tally;
}

/** Each event with the tally after it. Remembers the phases of documents that are not done with, and no others. */
export function tell(clock: Clock): OperatorFunction<PipelineEvent, Told> {
  return (events) =>
    defer(() => {
      const phases = new Map<string, DocumentPhase>();
      let tally = emptyTally;
      return events.pipe(
        map((event) => {
          tally = reduceTally(tally, event, move(phases, event), clock.now());
          return { event, tally };
        }),
      );
    });
}

/** The phase that the event's document was in; remembers the one that it is in now. */
function move(phases: Map<string, DocumentPhase>, event: PipelineEvent): DocumentPhase | null {
  const next = moveOf(event);
  if (next === null) return null;

  const from = phases.get(next.id) ?? null;
  if (isFinal(next.to)) phases.delete(next.id);
  else phases.set(next.id, next.to);

  return from;
}
