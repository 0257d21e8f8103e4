import { lstatSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { NEVER, type Subscription } from 'rxjs';
import type { InboxEvent } from '../../src/domain/events.ts';
import { createInbox, type InboxSettings } from '../../src/inbox/inbox.ts';
import { until } from '../support/until.ts';

const folders: string[] = [];
const subscriptions: Subscription[] = [];

afterEach(async () => {
  for (const subscription of subscriptions.splice(0)) subscription.unsubscribe();
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new folder, removed after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sluice-inbox-')));
  await chmod(folder, 0o755);
  folders.push(folder);
  return folder;
}

/** Writes a file that stood still for long. */
export async function writeOld(path: string, content: string | Uint8Array = 'text'): Promise<void> {
  await writeFile(path, content);
  await utimes(path, 1_000_000_000, 1_000_000_000);
}

/** Settings of a quick inbox: settle and rescan times that a test can wait for. */
export function settingsOf(root: string, settings: Partial<InboxSettings> = {}): InboxSettings {
  return {
    root,
    once: false,
    settleSeconds: 0.2,
    rescanSeconds: 3600,
    maxBytes: 10_000_000,
    byName: false,
    rescanNow: NEVER,
    closing: NEVER,
    archive: '/nowhere',
    ...settings,
  };
}

/** What an inbox told so far, and a way to wait for what it will tell. */
export class Heard {
  readonly events: InboxEvent[] = [];
  completed = false;
  subscription: Subscription | undefined;
  #waiting: (() => void) | undefined;

  ids(): string[] {
    return this.events.flatMap((event) => (event.type === 'document-seen' ? [event.document.id] : []));
  }

  types(): string[] {
    return this.events.map((event) => event.type);
  }

  heard(): void {
    this.#waiting?.();
  }

  /** Resolves when the condition holds, which is looked at after each event. The test's own time limit ends the wait. */
  async until(condition: (record: Heard) => boolean): Promise<void> {
    while (!condition(this)) {
      // oxlint-disable-next-line no-await-in-loop -- one event after the other
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }

  async untilSeen(...ids: string[]): Promise<void> {
    await this.until((record) => ids.every((id) => record.ids().includes(id)));
  }

  async untilScanned(): Promise<void> {
    await this.until((record) => record.types().includes('scan-finished'));
  }
}

/** Subscribes to an inbox until the end of the test. */
export function open(root: string, settings: Partial<InboxSettings> = {}): Heard {
  const record = new Heard();
  record.subscription = createInbox(settingsOf(root, settings)).events.subscribe({
    next: (event) => {
      record.events.push(event);
      record.heard();
    },
    complete: () => {
      record.completed = true;
      record.heard();
    },
  });
  subscriptions.push(record.subscription);
  return record;
}

/** Lists an inbox to its end. */
export async function listed(root: string, settings: Partial<InboxSettings> = {}): Promise<Heard> {
  const record = open(root, { once: true, ...settings });
  await record.until(({ completed }) => completed);
  return record;
}

/** Runs something as a user who may not read everything: root gives up its rights for the moment. */
export async function asOrdinaryUser<T>(work: () => Promise<T> | T): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Resolves when what is changed from now on has another ctime: the clock of file systems ticks every few milliseconds. */
export async function clockMovesOn(folder: string): Promise<void> {
  const tick = (): number => {
    writeFileSync(join(folder, '.tick'), '');
    return lstatSync(join(folder, '.tick')).ctimeMs;
  };
  const now = tick();
  await until('the clock of the file system moves on', () => tick() > now);
  rmSync(join(folder, '.tick'));
}
