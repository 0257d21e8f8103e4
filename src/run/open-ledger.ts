import { dirname } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { markRedo, unfinishedRedo, unmarkRedo } from '../ledger/files.ts';
import type { OpenLedger } from '../ledger/ledger.ts';
import { type LockSettings, lockWorkspace, type WorkspaceLock } from '../ledger/lock.ts';
import { type FileLedger, openLedger, openMemoryLedger } from '../ledger/open.ts';
import { RedoAll } from '../pipeline/redo-all.ts';
import type { Closers } from './closing.ts';
import type { Prepared, RunContext } from './prepare.ts';

/** The lock on a workspace, over all sessions of a process: between two sessions on the same one, no other process gets it. */
export class WorkspaceHold {
  readonly #settings: LockSettings;
  #held: { readonly folder: string; readonly lock: WorkspaceLock } | null = null;

  constructor({ clock, commandLine }: Pick<RunContext, 'clock' | 'commandLine'>) {
    this.#settings = { now: () => new Date(clock.wall()), commandLine };
  }

  /**
   * Locks the workspace whose `.sluice/` is `folder`, unless it is held already, and releases another one.
   *
   * @throws WorkspaceTakenError that names the process that has it
   * @throws DiskError if the disk can neither lock nor be written to, or what was locked is gone
   */
  async take(folder: string): Promise<Omit<WorkspaceLock, 'release'>> {
    if (this.#held?.folder === folder) {
      const { lock } = this.#held;
      lock.requireHeld();
      return { ...lock, diedBefore: false };
    }
    await this.release();
    const lock = await lockWorkspace(folder, this.#settings);
    this.#held = { folder, lock };
    return lock;
  }

  /** Does nothing if none is held. */
  async release(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.lock.release();
  }
}

/** What remembers nothing, as a trial, takes the place of no other process. */
export async function openHeldLedger(
  { ledgerFolder, options, api }: Prepared,
  { clock, hold }: Pick<RunContext, 'clock'> & { readonly hold: WorkspaceHold },
  closers: Closers,
): Promise<{ readonly ledger: FileLedger; readonly diedBefore: boolean }> {
  if (ledgerFolder === null) return { ledger: openMemoryLedger(), diedBefore: false };
  const { diedBefore, requireHeld, tell } = await hold.take(ledgerFolder);
  await tell(options);
  const ledger = await openLedger(ledgerFolder, { now: () => new Date(clock.wall()), diedBefore, requireHeld });
  closers.push(() => ledger.close());
  if (api.name === 'simulator') refuseToOverwrite(ledger.answeredThrough(), dirname(ledgerFolder));
  return { ledger, diedBefore };
}

/** Made-up answers must not take the place of answers that were paid for. */
function refuseToOverwrite(apis: ReadonlySet<string>, root: string): void {
  const paid = [...apis].find((api) => api !== 'simulator');
  if (paid === undefined) return;
  throw new UsageError(
    `${root} holds answers of ${paid}, which those of the simulator would replace: ` +
      'name another folder for them, or try a workspace with --test.',
  );
}

/** What a run asks again, and since when answers count for that. */
export interface Redo {
  /** Null without `--redo all`. */
  readonly redoAll: RedoAll | null;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** It began in an earlier run, which was stopped. */
  readonly goesOn: boolean;
}

interface RedoStart {
  readonly ledger: Pick<OpenLedger, 'askedSince'>;
  /** ISO 8601, UTC. */
  readonly now: string;
  /** False if an earlier session of this process reported all documents already. */
  readonly firstLook: boolean;
}

/** Begins a `--redo all`, or goes on with the one that was stopped. Rejects with DiskError. */
export async function openRedo(
  { options: { redo }, ledgerFolder: folder }: Pick<Prepared, 'options' | 'ledgerFolder'>,
  { ledger, now, firstLook }: RedoStart,
): Promise<Redo> {
  const none = { redoAll: null, since: now, goesOn: false };
  if (redo !== 'all') return none;
  // A trial remembers nothing.
  if (folder === null) return { ...none, redoAll: new RedoAll({ asked: new Set(), onFinished: () => undefined }) };
  const since = unfinishedRedo(folder);
  const onFinished = (): void => unmarkRedo(folder);
  if (since !== null)
    return { redoAll: new RedoAll({ asked: ledger.askedSince(since), onFinished }), since, goesOn: true };
  if (!firstLook) return none;
  await markRedo(folder, now);
  return { ...none, redoAll: new RedoAll({ asked: new Set(), onFinished }) };
}
