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
  repeat,
  take,
  tap,
  timer,
} from 'rxjs';
import type { InboxEvent } from '../domain/events.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';
import { isRecipeName, type Sighting } from './entry.ts';
import { documentAt, isFolderDocument, lookAgain } from './folder-document.ts';
import type { FolderWatches } from './folder-watches.ts';
import { Presence } from './presence.ts';
import { scanInbox, walk } from './scan.ts';
import { inSlices, lookAtSettling, SettlingFiles, sift } from './settle.ts';

/** What a watched inbox is told. */
interface WatchSettings {
  readonly root: string;
  readonly byName: boolean;
  readonly settleSeconds: number;
  readonly rescanSeconds: number;
  /** Each value asks for a scan at once. */
  readonly rescanNow: Observable<unknown>;
  /** For file systems that send no events. */
  readonly usePolling: boolean;
}

/** Milliseconds between two looks at whether the inbox is still the same folder. */
const PRESENCE_PERIOD = 2000;
/** Seconds between two scans while some folder has no watch. */
const BLIND_RESCAN_SECONDS = 5;
/** Milliseconds for which events of recipes are gathered: an editor that saves one gives several. */
const GATHER_RECIPES = 100;
/** Milliseconds; a longer timer of Node fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The inbox for as long as it is subscribed to: scans are the truth, file events the hints. Never completes nor errors. */
export function watchInbox(settings: WatchSettings): Observable<InboxEvent> {
  // Loaded late, so that a run without a watcher does not pay for loading chokidar.
  return defer(() => import('./folder-watches.ts')).pipe(
    mergeMap((module) => watching(settings, new module.FolderWatches(settings.root, settings.usePolling))),
  );
}

function watching(settings: WatchSettings, watches: FolderWatches): Observable<InboxEvent> {
  const { root, byName, settleSeconds } = settings;
  const presence = new Presence(root);
  const settling = new SettlingFiles(settleSeconds);
  // A request that comes during a scan may be of what that scan has passed already: it asks for another one.
  const asked = new BehaviorSubject(false);
  const requests = merge(settings.rescanNow, recipeChanges(watches)).pipe(
    tap(() => asked.next(true)),
    ignoreElements(),
  );
  let initial = true;

  const scan = defer(() => {
    asked.next(false);
    const news = from(presence.look());
    if (!presence.found) return news;
    return concat(news, scanInbox({ root, byName, settling, initial, enter: (folder) => watches.enter(folder) }));
  });
  const scans = scan.pipe(
    tap((event) => (initial &&= event.type !== 'scan-finished')),
    tap({ complete: () => watches.prune() }),
    repeat({ delay: () => nextScan(settings.rescanSeconds, asked, watches, presence) }),
  );
  const hinted = hintedSightings(root, watches).pipe(sift(settling, () => false));
  const settled = lookAtSettling(root, settling, settleSeconds).pipe(sift(settling, () => initial));
  const degraded = watches.troubles.pipe(
    take(1),
    map((error): InboxEvent => ({ type: 'watcher-degraded', reason: degradedReason(error) })),
  );
  return merge(requests, degraded, hinted, settled, scans).pipe(finalize(() => watches.close()));
}

/** Emits when a recipe came, changed or went: documents may stand otherwise by it. */
function recipeChanges(watches: FolderWatches): Observable<unknown> {
  return watches.hints.pipe(
    filter((id) => documentAt(id) === id && isRecipeName(posix.basename(id))),
    auditTime(GATHER_RECIPES),
  );
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
    watches.troubles.pipe(delay(blindMs)),
    asked.pipe(filter(Boolean)),
    interval(PRESENCE_PERIOD).pipe(filter(() => presence.changed())),
  );
}

/** Milliseconds for which hints are gathered: a file that is created, written and closed gives several. */
const GATHER_HINTS = 10;

/** What is found where file events hinted at something. */
function hintedSightings(root: string, watches: FolderWatches): Observable<Sighting> {
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

const MEANWHILE = 'New files are found by looking again every few seconds instead.';

/** Says for people why file events cannot be relied on, and what helps. */
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
