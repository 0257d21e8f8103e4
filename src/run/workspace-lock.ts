import { type LockSettings, lockWorkspace, type WorkspaceLock } from '../ledger/lock.ts';
import type { RunContext } from './prepare.ts';

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
