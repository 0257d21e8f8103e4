import { type Dir, opendirSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { concat, defer, map, type Observable, of, tap } from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import { type InboxEvent, UNREADABLE } from '../domain/events.ts';
import { errorCode } from '../lib/errors.ts';
import { cooperatively } from './cooperative.ts';
import { type InboxEntry, ignoredName, lookAt } from './entry.ts';
import { folderDocument, isFolderDocument } from './folder-document.ts';
import { Selection, type SelectionOptions } from './selection.ts';
import { type SettlingFiles, settledOnly } from './settle.ts';

export interface ScanSettings extends SelectionOptions {
  /** The inbox folder. */
  readonly root: string;
  /** Lists each folder in the order of its names, and tells also the files that do not stand still yet: for a trial. */
  readonly byName: boolean;
  readonly settling: SettlingFiles;
  /** Whether this is the first scan. */
  readonly initial: boolean;
  /** Called with each folder before it is listed; may return something to wait for. */
  readonly enter: (folder: string) => Promise<void> | undefined;
}

/** Lists the whole inbox once: emits each file that stands still as it is found, and ends with `scan-finished`. */
export function scanInbox(settings: ScanSettings): Observable<InboxEvent> {
  const { root, byName, settling, initial, enter } = settings;
  return defer(() => {
    const startedAt = performance.now();
    const ignored: Record<string, number> = {};
    let documents = 0;
    const selection = new Selection(settings);
    const seen = cooperatively(
      () => walk(root, '', byName),
      (entry) => (entry.kind === 'folder' ? enter(entry.id) : undefined),
    ).pipe(
      map((entry) => selection.entry(entry)),
      tap((entry) => {
        if (entry.kind === 'ignored') ignored[entry.reason] = (ignored[entry.reason] ?? 0) + 1;
      }),
      settledOnly(settling, () => initial, byName),
      tap(({ type }) => (documents += type === 'document-seen' ? 1 : 0)),
    );
    const finished = defer(() => {
      const seconds = Math.round(performance.now() - startedAt) / 1000;
      const { unmatched } = selection;
      return of<InboxEvent>({
        type: 'scan-finished',
        initial,
        documents,
        settling: settling.size,
        ignored,
        ...(unmatched.length > 0 && { unmatched }),
        seconds,
      });
    });
    return concat(seen, finished);
  });
}

/**
 * Everything below a folder of the inbox, lazily: a folder is yielded before it is listed, so that a watch can be set
 * on it first. Holds the names of one folder at a time (and of those above it), never their stats. A folder that cannot
 * be listed is yielded as an ignored entry, and the walk goes on. `byName` sorts the names of each folder; one that
 * `isLeft` is not entered.
 */
export function* walk(
  root: string,
  folder: string,
  byName: boolean,
  isLeft: (folder: string) => boolean = () => false,
): Generator<InboxEntry> {
  yield { kind: 'folder', id: folder };
  for (const names of listings(root, folder, byName)) {
    if (names === null) {
      yield { kind: 'ignored', reason: UNREADABLE };
      return;
    }
    for (const name of names) {
      const entry = lookAt(root, folder, name);
      if (entry.kind !== 'folder') yield entry;
      else if (!isLeft(entry.id))
        yield* isFolderDocument(name) ? folderDocument(root, entry.id) : walk(root, entry.id, byName, isLeft);
    }
  }
}

/**
 * Names that are listed at once: 10,000 take 5 ms, and are looked at in 20 ms. To list 300,000 took 0.24 s in one
 * piece, during which no call could start.
 */
const NAMES_AT_ONCE = 10_000;

/**
 * The names in a folder, a part at a time; null if it cannot be listed, or not further. Sorted if there is one part;
 * `byName` asks for one. A name that is not valid UTF-8 comes mangled: this shows when it is looked at.
 */
function* listings(root: string, folder: string, byName: boolean): Generator<string[] | null> {
  const most = byName ? Number.POSITIVE_INFINITY : NAMES_AT_ONCE;
  try {
    const listing = opendirSync(`${root}/${folder}`, { bufferSize: 1024 });
    let isOpen = true;
    try {
      for (let isFirst = true; isOpen; isFirst = false) {
        const names = nextNames(listing, most);
        isOpen = names.length === most;
        // Before the folders in it are walked: however deep they go, no descriptors are held.
        if (!isOpen) listing.closeSync();
        yield isFirst && !isOpen ? names.toSorted() : names;
      }
    } finally {
      if (isOpen) listing.closeSync();
    }
  } catch (error) {
    // A folder that is gone is empty, but not the inbox itself.
    if (errorCode(error) !== 'ENOENT' || folder === '') yield null;
  }
}

function nextNames(listing: Dir, most: number): string[] {
  const names: string[] = [];
  while (names.length < most) {
    const entry = listing.readSync();
    if (entry === null) break;
    names.push(entry.name);
  }
  return names;
}

/** The documents of an inbox that count, by stat alone. */
export function* chosenDocuments(
  inbox: string,
  options: SelectionOptions,
  selection = new Selection(options),
): Generator<DocumentRef> {
  for (const entry of walk(inbox, '', false))
    if (entry.kind === 'document' && selection.counts(entry.document.id)) yield entry.document;
}

/**
 * How many documents an inbox holds by their names alone: 20,000 take some 50 ms, while a scan looks at each, and goes on
 * beside the calls. Null if a folder cannot be listed, or once it is `over`.
 */
export async function countNames(root: string, over: () => boolean): Promise<number | null> {
  let documents = 0;
  const folders = [root];
  // oxlint-disable no-await-in-loop -- one folder at a time is what this is for
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder, { bufferSize: 1024 })) {
        if (over()) return null;
        if (ignoredName(entry.name) !== null) continue;
        if (entry.isFile() || (entry.isDirectory() && isFolderDocument(entry.name))) documents += 1;
        else if (entry.isDirectory()) folders.push(`${folder}/${entry.name}`);
      }
    } catch {
      // The scan reports it.
      return null;
    }
  }
  return documents;
}
