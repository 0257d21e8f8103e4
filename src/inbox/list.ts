import { concat, defer, from, type Observable, takeUntil, takeWhile, timer } from 'rxjs';
import type { InboxEvent } from '../domain/events.ts';
import { Presence } from './presence.ts';
import { scanInbox } from './scan.ts';
import { lookAtSettling, SettlingFiles, sift } from './settle.ts';

/** What a single listing is told. */
interface ListSettings {
  readonly root: string;
  readonly byName: boolean;
  readonly settleSeconds: number;
  /** How long to wait, after the scan, for files that are too young. */
  readonly patienceSeconds: number;
}

/**
 * What is in the inbox now, without a watcher: one scan, then the files that were too young as each stands still, then
 * `document-unsettled` for those that did not in time. Completes; an inbox that cannot be listed is told as lost.
 */
export function listInbox({ root, byName, settleSeconds, patienceSeconds }: ListSettings): Observable<InboxEvent> {
  return defer(() => {
    const presence = new Presence(root);
    const news = presence.look();
    if (!presence.found) return from(news);

    const settling = new SettlingFiles(settleSeconds);
    const scan = scanInbox({ root, byName, settling, initial: true, enter: () => undefined });
    const settled = defer(() =>
      lookAtSettling(root, settling, settleSeconds, (ticks) =>
        ticks.pipe(
          takeWhile(() => settling.size > 0),
          takeUntil(timer(patienceSeconds * 1000)),
        ),
      ).pipe(sift(settling, () => true)),
    );
    const unsettled = defer(() => from(settling.ids().map((id): InboxEvent => ({ type: 'document-unsettled', id }))));
    return concat(scan, settled, unsettled);
  });
}
