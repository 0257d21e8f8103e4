import { resolve } from 'node:path';
import { concat, defer, from, merge, type Observable, takeUntil, takeWhile, timer } from 'rxjs';
import type { InboxEvent } from '../domain/events.ts';
import type { Inbox } from '../domain/ports.ts';
import { type Disk, realDisk } from '../lib/durable-files.ts';
import { Presence } from './presence.ts';
import { readDocument } from './read.ts';
import { releaseDocument, returnClaims } from './release.ts';
import { scanInbox } from './scan.ts';
import type { SelectionOptions } from './selection.ts';
import { lookAtSettling, SettlingFiles, settledOnly, unsettled } from './settle.ts';
import { type InboxWatchSettings, watchInbox } from './watch.ts';

export interface InboxSettings extends InboxWatchSettings {
  /** Lists what is there and completes, instead of watching. */
  readonly once: boolean;
  /** Larger documents are refused. */
  readonly maxBytes: number;
  /** Where documents go that are archived; absolute. */
  readonly archive: string;
  /** By whose calls they leave. @default the real one */
  readonly disk?: Disk;
}

export interface FolderInbox extends Inbox {
  /** As `returnClaims`. Only for the start, before anything is released. */
  mend(): Promise<number>;
}

/** Opens the inbox. Each subscription to `events` is a listing or a watch of its own. */
export function createInbox(settings: InboxSettings): FolderInbox {
  const { once, settleSeconds, maxBytes, archive, disk = realDisk } = settings;
  const root = resolve(settings.root);
  const reading = { root, maxBytes };
  const releasing = { root, archive, disk };
  const patienceSeconds = Math.max(10, 3 * settleSeconds);
  return {
    events: once ? listInbox({ ...settings, root, patienceSeconds }) : watchInbox({ ...settings, root }),
    read: (document) => readDocument(reading, document),
    release: (document, sha256, after) => releaseDocument(releasing, { document, sha256, after }),
    mend: () => returnClaims(releasing),
  };
}

interface ListSettings
  extends Pick<InboxWatchSettings, keyof SelectionOptions | 'root' | 'byName' | 'settleSeconds' | 'closing'> {
  /** How long to wait, after the scan, for files that are too young. */
  readonly patienceSeconds: number;
}

/**
 * What is in the inbox now, without a watcher: one scan, then the files that were too young as each stands still, then
 * `document-unsettled` for those that did not in time, or not before `closing`. Completes; an inbox that cannot be
 * listed is reported as lost.
 */
export function listInbox(settings: ListSettings): Observable<InboxEvent> {
  const { root, settleSeconds, patienceSeconds, closing } = settings;
  return defer(() => {
    const presence = new Presence(root);
    const changes = presence.look();
    if (!presence.found) return from(changes);

    const settling = new SettlingFiles(settleSeconds);
    const scan = scanInbox({ ...settings, settling, initial: true, enter: () => undefined });
    const settled = defer(() =>
      lookAtSettling(root, settling, settleSeconds, (ticks) =>
        ticks.pipe(
          takeWhile(() => settling.size > 0),
          takeUntil(merge(timer(patienceSeconds * 1000), closing)),
        ),
      ).pipe(settledOnly(settling, () => true)),
    );
    return concat(
      scan,
      settled,
      defer(() => unsettled(settling)),
    );
  });
}
