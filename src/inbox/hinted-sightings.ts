import { auditTime, buffer, concatMap, type Observable } from 'rxjs';
import type { Sighting } from './entry.ts';
import { documentAt, isFolderDocument } from './folder-document.ts';
import type { FolderWatches } from './folder-watches.ts';
import { inSlices } from './in-slices.ts';
import { lookAgain } from './look-again.ts';
import { walk } from './walk.ts';

/** Milliseconds for which hints are gathered: a file that is created, written and closed gives several. */
const GATHER_HINTS = 10;

/** What is found where file events hinted at something. */
export function hintedSightings(root: string, watches: FolderWatches): Observable<Sighting> {
  return watches.hints.pipe(
    buffer(watches.hints.pipe(auditTime(GATHER_HINTS))),
    concatMap((ids) =>
      inSlices(
        () => lookAtHinted(root, new Set(ids.map(documentAt))),
        (sighting) => (sighting.kind === 'folder' ? watches.enter(sighting.id) : undefined),
      ),
    ),
  );
}

/** A folder is walked: it may have come with files inside. */
function* lookAtHinted(root: string, ids: Iterable<string>): Generator<Sighting> {
  for (const id of ids) {
    for (const sighting of lookAgain(root, id)) {
      if (sighting.kind === 'folder' && !isFolderDocument(id)) yield* walk(root, id, false);
      else yield sighting;
    }
  }
}
