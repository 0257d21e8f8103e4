import { resolve } from 'node:path';
import { defer, filter, type Observable } from 'rxjs';
import type { Inbox } from '../domain/ports.ts';
import { type Disk, realDisk } from '../lib/durable-files.ts';
import { listInbox } from './list.ts';
import { readDocument } from './read.ts';
import { releaseDocument } from './release.ts';
import { returnClaims } from './return-claims.ts';
import { watchInbox } from './watch.ts';

/** What an inbox is told. */
export interface InboxSettings {
  /** The inbox folder. */
  readonly root: string;
  /** Lists what is there and completes, instead of watching. */
  readonly once: boolean;
  readonly settleSeconds: number;
  /** Between two scans of a watched inbox. */
  readonly rescanSeconds: number;
  /** Larger documents are refused. */
  readonly maxBytes: number;
  /** Lists each folder in the order of its names. */
  readonly byName: boolean;
  /** Each value asks a watched inbox for a scan at once. */
  readonly rescanNow: Observable<unknown>;
  /** For file systems that send no events, like network shares. @default false */
  readonly usePolling?: boolean;
  /** Where documents go that are archived; absolute. */
  readonly archive: string;
  /** By which they leave. @default the real one */
  readonly disk?: Disk;
}

export interface FolderInbox extends Inbox {
  /**
   * Puts documents back that a killed process was releasing, whatever was to become of them. Emits how many there were;
   * errors with `DiskError`. For the start alone, before anything is released.
   */
  mend(): Observable<number>;
}

/** Opens the inbox. Each subscription to `events` is a listing or a watch of its own. */
export function createInbox({ usePolling = false, disk = realDisk, ...settings }: InboxSettings): FolderInbox {
  const root = resolve(settings.root);
  const releasing = { root, archive: settings.archive, disk };
  const patienceSeconds = Math.max(10, 3 * settings.settleSeconds);
  return {
    events: settings.once
      ? listInbox({ ...settings, root, patienceSeconds })
      : watchInbox({ ...settings, root, usePolling }),
    read: (document) => defer(() => readDocument({ root, maxBytes: settings.maxBytes }, document)),
    release: (document, sha256, after) =>
      defer(() => releaseDocument(releasing, { document, sha256, after })).pipe(filter((to) => to !== undefined)),
    mend: () => defer(() => returnClaims(releasing)),
  };
}
