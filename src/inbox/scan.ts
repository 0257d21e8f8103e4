import { concat, defer, type Observable, of, tap } from 'rxjs';
import { type InboxEvent, UNREADABLE } from '../domain/events.ts';
import { listNames, lookAt, type Sighting } from './entry.ts';
import { gather, isFolderDocument } from './folder-document.ts';
import { inSlices, type SettlingFiles, sift } from './settle.ts';

/** What a scan is about. */
interface ScanSettings {
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

/**
 * Everything below a folder of the inbox, lazily: a folder is told before it is listed, so that whoever pulls may set a
 * watch on it first. Holds the names of one folder at a time (and of those above it), never their stats. A folder that
 * cannot be listed is told as an ignored entry, and the walk goes on. A folder that is one document is told as `gather`
 * tells it.
 *
 * `byName` sorts the names of each folder.
 */
export function* walk(root: string, folder: string, byName: boolean): Generator<Sighting> {
  yield { kind: 'folder', id: folder };
  const names = listNames(root, folder);
  if (names === null) {
    yield { kind: 'ignored', reason: UNREADABLE };
    return;
  }
  for (const name of byName ? names.toSorted() : names) {
    const sighting = lookAt(root, folder, name);
    if (sighting.kind !== 'folder') yield sighting;
    else yield* isFolderDocument(name) ? gather(root, sighting.id) : walk(root, sighting.id, byName);
  }
}
