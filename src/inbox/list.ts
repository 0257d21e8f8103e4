import { concat, defer, from, merge, type Observable, takeUntil, takeWhile, timer } from 'rxjs';
import type { InboxEvent } from '../domain/events.ts';
import { Presence } from './presence.ts';
import { scanInbox } from './scan.ts';
import { lookAtSettling, SettlingFiles, settledOnly, unsettled } from './settle.ts';

interface ListSettings {
  readonly root: string;
  readonly byName: boolean;
  readonly settleSeconds: number;
  /** How long to wait, after the scan, for files that are too young. */
  readonly patienceSeconds: number;
  /** Emits, also to late subscribers, when nothing is to be waited for any longer. */
  readonly closing: Observable<unknown>;
}

/**
 * What is in the inbox now, without a watcher: one scan, then the files that were too young as each stands still, then
 * `document-unsettled` for those that did not in time, or not before `closing`. Completes; an inbox that cannot be listed
 * is reported as lost.
 */
export function listInbox(settings: ListSettings): Observable<InboxEvent> {
  const { root, byName, settleSeconds, patienceSeconds, closing } = settings;
  return defer(() => {
    const presence = new Presence(root);
    const changes = presence.look();
    if (!presence.found) return from(changes);

    const settling = new SettlingFiles(settleSeconds);
    const scan = scanInbox({ root, byName, settling, initial: true, enter: () => undefined });
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
