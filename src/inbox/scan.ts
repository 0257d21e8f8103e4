import { concat, defer, type Observable, of, tap } from 'rxjs';
import type { InboxEvent } from '../domain/events.ts';
import type { Sighting } from './entry.ts';
import { inSlices } from './in-slices.ts';
import type { SettlingFiles } from './settle.ts';
import { sift } from './sift.ts';
import { walk } from './walk.ts';

/** What a scan is about. */
export interface ScanSettings {
  readonly root: string;
  readonly byName: boolean;
  readonly settling: SettlingFiles;
  /** Whether this is the first scan. */
  readonly initial: boolean;
  /** Called with each folder before it is listed; may return something to wait for. */
  readonly enter: (folder: string) => Promise<void> | undefined;
}

/** Lists the whole inbox once, telling of each file that stands still as it is found, and ends with `scan-finished`. */
export function scanInbox({ root, byName, settling, initial, enter }: ScanSettings): Observable<InboxEvent> {
  return defer(() => {
    const startedAt = performance.now();
    const tally = new Tally();
    const sightings = inSlices(
      () => walk(root, '', byName),
      (sighting) => (sighting.kind === 'folder' ? enter(sighting.id) : undefined),
    );
    const seen = sightings.pipe(
      tap((sighting) => tally.ignore(sighting)),
      sift(settling, () => initial),
      tap(() => tally.documents++),
    );
    const finished = defer(() =>
      of<InboxEvent>({
        type: 'scan-finished',
        initial,
        documents: tally.documents,
        settling: settling.size,
        ignored: tally.ignored,
        seconds: Math.round(performance.now() - startedAt) / 1000,
      }),
    );
    return concat(seen, finished);
  });
}

class Tally {
  documents = 0;
  readonly ignored: Record<string, number> = {};

  ignore(sighting: Sighting): void {
    if (sighting.kind === 'ignored') this.ignored[sighting.reason] = (this.ignored[sighting.reason] ?? 0) + 1;
  }
}
