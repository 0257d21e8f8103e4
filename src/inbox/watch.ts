import { posix } from 'node:path';
import {
  auditTime,
  BehaviorSubject,
  buffer,
  concat,
  concatMap,
  defer,
  delay,
  filter,
  finalize,
  from,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  repeat,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import type { InboxEvent } from '../domain/events.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { cooperatively } from './cooperative.ts';
import { type InboxEntry, isRecipeName } from './entry.ts';
import { documentAt, isFolderDocument, lookAgain } from './folder-document.ts';
import type { FolderWatches } from './folder-watches.ts';
import { Presence } from './presence.ts';
import { type ScanSettings, scanInbox, walk } from './scan.ts';
import { Selection, type SelectionOptions } from './selection.ts';
import { lookAtSettling, SettlingFiles, settledOnly, unsettled } from './settle.ts';

export interface InboxWatchSettings extends Pick<ScanSettings, 'root' | 'byName'>, SelectionOptions {
  readonly settleSeconds: number;
  /** Between two scans. */
  readonly rescanSeconds: number;
  /** Each value asks for a scan at once. */
  readonly rescanNow: Observable<unknown>;
  /**
   * Emits, also to late subscribers, when the run takes no new documents: the inbox then completes, but not before
   * the first scan has ended. What does not stand still by then is reported as unsettled.
   */
  readonly closing: Observable<unknown>;
}

/** Milliseconds between two looks at whether the inbox is still the same folder. */
const PRESENCE_PERIOD = 2000;
/** Seconds between two scans while some folder has no watch. */
const BLIND_RESCAN_SECONDS = 5;
/** Milliseconds for which events of recipes are collected: an editor that saves one gives several. */
const COLLECT_RECIPES_MS = 100;
/** Milliseconds; a longer timer of Node fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The inbox until `closing`: scans are the truth, file events are hints. The first scan is always finished, so that
 * each document is counted; those that do not stand still are reported as unsettled. Never errors.
 */
export function watchInbox(settings: InboxWatchSettings): Observable<InboxEvent> {
  // Loaded late, so that a run without a watcher does not pay for loading chokidar.
  return defer(() => import('./folder-watches.ts')).pipe(
    mergeMap((module) => watching(settings, new module.FolderWatches(settings.root))),
  );
}

function watching(settings: InboxWatchSettings, watches: FolderWatches): Observable<InboxEvent> {
  const { root, settleSeconds } = settings;
  const presence = new Presence(root);
  const settling = new SettlingFiles(settleSeconds);
  // The status of documents may depend on recipes. A request during a scan may concern what that scan has passed
  // already, so it asks for another one.
  const asked = new BehaviorSubject(false);
  const recipeChanges = watches.hints.pipe(
    filter((id) => documentAt(id) === id && isRecipeName(posix.basename(id))),
    auditTime(COLLECT_RECIPES_MS),
  );
  const requests = merge(settings.rescanNow, recipeChanges).pipe(
    tap(() => asked.next(true)),
    ignoreElements(),
  );
  let initial = true;
  /** The first scan is under way, or to come. */
  let isFirstScan = true;
  const firstScanEnded = new Subject<void>();

  const scan = defer(() => {
    asked.next(false);
    isFirstScan = initial;
    const changes = from(presence.look());
    if (!presence.found) return changes;
    return concat(changes, scanInbox({ ...settings, settling, initial, enter: (folder) => watches.enter(folder) }));
  });
  const scans = scan.pipe(
    tap({
      next: (event) => (initial &&= event.type !== 'scan-finished'),
      complete: () => {
        watches.prune();
        isFirstScan = false;
        firstScanEnded.next();
      },
    }),
    repeat({ delay: () => nextScan(settings.rescanSeconds, asked, watches, presence) }),
  );
  const selection = new Selection(settings);
  const hinted = hintedEntries(root, watches).pipe(
    map((entry) => selection.entry(entry)),
    settledOnly(settling, () => false),
  );
  const settled = lookAtSettling(root, settling, settleSeconds).pipe(settledOnly(settling, () => initial));
  const degraded = watches.errors.pipe(
    take(1),
    map((error): InboxEvent => ({ type: 'watcher-degraded', reason: degradedReason(error) })),
  );
  const closed = settings.closing.pipe(switchMap(() => (isFirstScan ? firstScanEnded : of(undefined))));
  return concat(
    merge(requests, degraded, hinted, settled, scans).pipe(takeUntil(closed)),
    defer(() => unsettled(settling)),
  ).pipe(finalize(() => watches.close()));
}

/** Emits when it is time for the next scan, so that there are never two at once. */
function nextScan(
  rescanSeconds: number,
  asked: Observable<boolean>,
  watches: FolderWatches,
  presence: Presence,
): Observable<unknown> {
  const blindMs = Math.min(rescanSeconds, BLIND_RESCAN_SECONDS) * 1000;
  const rescanMs = Math.min(rescanSeconds * 1000, LONGEST_TIMER);
  return merge(
    timer(watches.blind ? blindMs : rescanMs),
    watches.errors.pipe(delay(blindMs)),
    asked.pipe(filter(Boolean)),
    interval(PRESENCE_PERIOD).pipe(filter(() => presence.changed())),
  );
}

/** Milliseconds for which hints are collected: a file that is created, written and closed gives several. */
const COLLECT_HINTS_MS = 10;

/** What is found where file events hinted at something. */
function hintedEntries(root: string, watches: FolderWatches): Observable<InboxEntry> {
  return watches.hints.pipe(
    buffer(watches.hints.pipe(auditTime(COLLECT_HINTS_MS))),
    concatMap((ids) =>
      cooperatively(
        () => lookAtHinted(root, new Set(ids.map(documentAt))),
        (entry) => (entry.kind === 'folder' ? watches.enter(entry.id) : undefined),
      ),
    ),
  );
}

/** A folder is walked: it may have come with files inside. */
function* lookAtHinted(root: string, ids: Iterable<string>): Generator<InboxEntry> {
  for (const id of ids) {
    for (const entry of lookAgain(root, id)) {
      if (entry.kind === 'folder' && !isFolderDocument(id)) yield* walk(root, id, false);
      else yield entry;
    }
  }
}

const MEANWHILE = 'New files are found by looking again every few seconds instead.';

/** Why file events cannot be relied on, and what helps, in sentences. */
export function degradedReason(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOSPC':
      return `The system allows no more file watches (this is not about disk space). ${MEANWHILE} Raising fs.inotify.max_user_watches helps.`;
    case 'EMFILE':
    case 'ENFILE':
      return `The system allows no more open files or watchers. ${MEANWHILE} Raising "ulimit -n" or fs.inotify.max_user_instances helps.`;
    default:
      return `The system sends no file events: ${errorMessage(error)}. ${MEANWHILE}`;
  }
}
