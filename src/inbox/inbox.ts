import { resolve } from 'node:path';
import { NEVER, type Observable } from 'rxjs';
import type { Inbox } from '../domain/ports.ts';
import { type Disk, realDisk } from '../lib/durable-files.ts';
import { listInbox } from './list.ts';
import { readDocument } from './read.ts';
import { releaseDocument } from './release.ts';
import { returnClaims } from './return-claims.ts';
import { watchInbox } from './watch.ts';

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
  /**
   * Emits, also to late subscribers, when the run takes no new documents: `events` then completes, once the first scan has
   * come by all of them. What does not stand still by then is reported as unsettled.
   *
   * @default never
   */
  readonly closing?: Observable<unknown>;
  /** For file systems that send no events, like network shares. @default false */
  readonly usePolling?: boolean;
  /** Where documents go that are archived; absolute. */
  readonly archive: string;
  /** By which they leave. @default the real one */
  readonly disk?: Disk;
}

export interface FolderInbox extends Inbox {
  /**
   * Puts documents back that a killed process was releasing, whatever was to become of them. Resolves to how many there
   * were; rejects with `DiskError`. Only for the start, before anything is released.
   */
  mend(): Promise<number>;
}

/** Opens the inbox. Each subscription to `events` is a listing or a watch of its own. */
export function createInbox(settings: InboxSettings): FolderInbox {
  const { once, settleSeconds, maxBytes, archive, usePolling = false, closing = NEVER, disk = realDisk } = settings;
  const root = resolve(settings.root);
  const reading = { root, maxBytes };
  const releasing = { root, archive, disk };
  const patienceSeconds = Math.max(10, 3 * settleSeconds);
  return {
    events: once
      ? listInbox({ ...settings, root, patienceSeconds, closing })
      : watchInbox({ ...settings, root, usePolling, closing }),
    read: (document) => readDocument(reading, document),
    release: (document, sha256, after) => releaseDocument(releasing, { document, sha256, after }),
    mend: () => returnClaims(releasing),
  };
}
