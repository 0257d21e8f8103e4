import type { Gate, Inbox, Ledger, Llm, Outbox, Recipes } from '../domain/ports.ts';
import type { Clock } from '../stream/clock.ts';
import type { BackoffSettings } from './backoff.ts';
import type { DiskGuard } from './disk-guard.ts';
import type { FirstAttempts } from './first-attempts.ts';

/** What working a document off needs. */
export interface AskPorts {
  readonly inbox: Pick<Inbox, 'read'>;
  readonly recipes: Recipes;
  readonly gate: Gate;
  readonly llm: Llm;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly firstAttempts: FirstAttempts;
  readonly disk: DiskGuard;
}

export interface AskSettings extends BackoffSettings {
  /** What the ledger remembers results by, and the gate's lanes are named after. */
  readonly api: string;
  /** Whether a document that has to wait very long comes back to this run; else it stays pending. */
  readonly waitsForParked: boolean;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
}
