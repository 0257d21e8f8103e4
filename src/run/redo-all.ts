import { markRedo, unfinishedRedo, unmarkRedo } from '../ledger/files.ts';
import type { OpenLedger } from '../ledger/ledger.ts';
import { RedoAll } from '../pipeline/redo-all.ts';
import type { Prepared } from './prepare.ts';

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
  { options: { redo }, memory: folder }: Pick<Prepared, 'options' | 'memory'>,
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
