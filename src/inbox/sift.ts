import { filter, map, type OperatorFunction, pipe } from 'rxjs';
import type { InboxEvent } from '../domain/events.ts';
import type { DocumentSighting, Sighting } from './entry.ts';
import { currentTime, type SettlingFiles } from './settle.ts';

/** Lets through what stands still. What is too young goes to `settling`, everything else is dropped. */
export function sift(settling: SettlingFiles, initial: () => boolean): OperatorFunction<Sighting, InboxEvent> {
  return pipe(
    filter((sighting): sighting is DocumentSighting => {
      if (sighting.kind === 'gone') settling.forget(sighting.id);
      return sighting.kind === 'document' && settling.see(sighting, currentTime());
    }),
    map(({ document }) => ({ type: 'document-seen', document, initial: initial() })),
  );
}
