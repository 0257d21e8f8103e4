import { exhaustMap, filter, type MonoTypeOperatorFunction, type Observable, timer } from 'rxjs';
import { UNREADABLE } from '../domain/ignored.ts';
import type { Sighting } from './entry.ts';
import { inSlices } from './in-slices.ts';
import { lookAgain } from './look-again.ts';
import { currentTime, type SettlingFiles } from './settle.ts';

/** Milliseconds between two looks: near enough to the settle time, and cheap when nothing settles. */
const SHORTEST_PERIOD = 20;
const LONGEST_PERIOD = 250;

/**
 * Looks again at the files that are due, with one timer for all of them. Never ends by itself: `until` may end the
 * timer, and the look that is under way is finished.
 */
export function lookAtSettling(
  root: string,
  settling: SettlingFiles,
  settleSeconds: number,
  until: MonoTypeOperatorFunction<unknown> = (ticks) => ticks,
): Observable<Sighting> {
  const period = Math.min(Math.max((settleSeconds * 1000) / 4, SHORTEST_PERIOD), LONGEST_PERIOD);
  return timer(0, period).pipe(
    until,
    filter(() => settling.size > 0),
    exhaustMap(() => inSlices(() => lookAtDue(root, settling))),
  );
}

function* lookAtDue(root: string, settling: SettlingFiles): Generator<Sighting> {
  for (const id of settling.due(currentTime())) {
    let isDocument = false;
    for (const sighting of lookAgain(root, id)) {
      // What cannot be looked at may still be a document: it is looked at again, and told of in the end.
      const isUnknown = sighting.kind === 'ignored' && sighting.reason === UNREADABLE;
      isDocument ||= isUnknown || sighting.kind === 'document';
      yield sighting;
    }
    if (!isDocument) settling.forget(id);
  }
}
