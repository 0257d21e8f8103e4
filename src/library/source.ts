import { concat, defer, filter, map, type Observable, of } from 'rxjs';
import type { DocumentRef, ReadOutcome } from '../domain/document.ts';
import type { InboxEvent } from '../domain/events.ts';
import { cooperatively } from '../inbox/cooperative.ts';
import type { FolderInbox } from '../inbox/inbox.ts';

/** Where the documents of a run come from, if not from an inbox. */
export interface Source {
  /** Every document, once, and what is passed over. */
  documents(): Iterable<SourceEntry>;
  /** The globs that match no document, each with its flag, once all were given. @default none */
  readonly unmatched?: readonly string[];
  /** Reads a document whole. Never rejects. */
  read(document: DocumentRef): Promise<ReadOutcome>;
}

export type SourceEntry =
  /** Its id is a path with `/`, as below an inbox; its state shows whether it changed since an earlier run. */
  | { readonly kind: 'document'; readonly document: DocumentRef }
  /** It is never read. `reason`: what kind of thing it is, in the words that people see. */
  | { readonly kind: 'ignored'; readonly reason: string };

/** A source as the inbox of a run: it is listed once, and nothing ever leaves it. */
export function inboxOf(source: Source): FolderInbox {
  return {
    events: defer(() => listing(source)),
    read: (document) => source.read(document),
    release: () => Promise.resolve(null),
    mend: () => Promise.resolve(0),
  };
}

function listing(source: Source): Observable<InboxEvent> {
  const startedAt = performance.now();
  const ignored: Record<string, number> = {};
  let documents = 0;
  const seen = cooperatively(() => source.documents()).pipe(
    map((entry): InboxEvent | null => {
      if (entry.kind === 'ignored') {
        ignored[entry.reason] = (ignored[entry.reason] ?? 0) + 1;
        return null;
      }
      documents += 1;
      return { type: 'document-seen', document: entry.document, initial: true };
    }),
    filter((event) => event !== null),
  );
  const finished = defer(() => {
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    const { unmatched = [] } = source;
    return of<InboxEvent>({
      type: 'scan-finished',
      initial: true,
      documents,
      settling: 0,
      ignored,
      ...(unmatched.length > 0 && { unmatched }),
      seconds,
    });
  });
  return concat(seen, finished);
}
