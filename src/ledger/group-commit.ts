import { setTimeout as sleep } from 'node:timers/promises';
import { DiskError } from '../domain/errors.ts';
import { type Database, isBusy } from './sqlite.ts';

/** Runs when a transaction was committed. */
export type Effect = () => void;

/** Runs within a transaction. */
type Transacted = () => Effect | void;

export interface GroupCommitSettings {
  /** Resolves when all that was committed before is durable. */
  readonly makeDurable: () => Promise<void>;
  /** From the start of one group to the start of the next. @default 8 */
  readonly gapMs?: number;
  /** How long another process may hold the file. @default 10000 */
  readonly busyPatienceMs?: number;
}

interface Waiting {
  readonly work: Transacted;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds. Another process writes for no longer than a transaction takes. */
const BUSY_PAUSE_MS = 10;

/** Writes of one group that are not urgent, at most: they hold the thread for some 20 ms. */
const GROUP = 1000;

/**
 * Writes what comes in one turn of the event loop, or while another group is written, in one transaction, and makes it durable
 * with one sync. A write that comes within the gap waits for its end; a later one waits for no other.
 */
export function createGroupCommit(database: Database, settings: GroupCommitSettings) {
  const { makeDurable, gapMs = 8, busyPatienceMs = 10_000 } = settings;
  let urgent: Waiting[] = [];
  const waiting: Waiting[] = [];
  let rounds: Promise<void> | null = null;

  async function writeAll(): Promise<void> {
    await Promise.resolve();
    while (urgent.length > 0 || waiting.length > 0) {
      const group = urgent.concat(waiting.splice(0, GROUP));
      urgent = [];
      // oxlint-disable-next-line no-await-in-loop -- one group after the other is what makes groups
      await Promise.all([writeGroup(group), sleep(gapMs)]);
    }
    rounds = null;
  }

  async function writeGroup(group: readonly Waiting[]): Promise<void> {
    const committed = await commitPatiently(database, group, busyPatienceMs);
    if (committed.length === 0) return;
    try {
      await makeDurable();
    } catch (error) {
      refuse(committed, error);
      return;
    }
    for (const { resolve } of committed) resolve();
  }

  return {
    /**
     * Resolves when it is durable; rejects with what barred it: then it may be written again. An `urgent` write goes first: a
     * call waits for it, or ended with it.
     */
    write: (work: Transacted, urgency?: 'urgent'): Promise<void> =>
      new Promise((resolve, reject) => {
        (urgency === 'urgent' ? urgent : waiting).push({ work, resolve, reject });
        rounds ??= writeAll();
      }),
    /** Resolves when nothing is being written. */
    idle: async (): Promise<void> => rounds ?? undefined,
  };
}

async function commitPatiently(
  database: Database,
  group: readonly Waiting[],
  patienceMs: number,
): Promise<readonly Waiting[]> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return commit(database, group);
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) return refuse(group, error);
    }
    // oxlint-disable-next-line no-await-in-loop -- it waits for another process
    await sleep(BUSY_PAUSE_MS);
  }
}

/** Those that were committed. If one is refused for what it says, each goes alone, so that the others get through. */
function commit(database: Database, group: readonly Waiting[]): readonly Waiting[] {
  try {
    const effects = database.transaction(() => group.map(({ work }) => work()));
    for (const effect of effects) effect?.();
    return group;
  } catch (error) {
    if (isBusy(error)) throw error;
    if (error instanceof DiskError || group.length === 1) return refuse(group, error);
    return group.flatMap((one) => commit(database, [one]));
  }
}

function refuse(group: readonly Waiting[], error: unknown): readonly [] {
  for (const { reject } of group) reject(error);
  return [];
}
