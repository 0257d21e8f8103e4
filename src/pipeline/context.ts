import type { Ledger } from '../domain/ledger.ts';
import type { Models } from '../domain/models.ts';
import type { Converter, Dialogue, Gate, Inbox, Llm, Outbox, Prices } from '../domain/ports.ts';
import type { Recipes } from '../domain/recipe.ts';
import type { Clock } from '../lib/clock.ts';
import type { DiskGuard } from './disk-retry.ts';
import type { Bulk } from './memory-limit.ts';
import type { FirstAttempts } from './model-check.ts';
import type { BackoffSettings, GiveUpSettings } from './retry-policy.ts';
import type { Flights } from './single-flight.ts';

/** What working a document off needs. */
export interface AskPorts {
  readonly inbox: Pick<Inbox, 'read' | 'release'>;
  readonly recipes: Recipes;
  readonly gate: Gate;
  readonly converter: Converter;
  readonly dialogue: Dialogue;
  readonly llm: Llm;
  readonly prices: Prices;
  readonly models: Pick<Models, 'facts'>;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly firstAttempts: FirstAttempts;
  readonly flights: Flights;
  readonly disk: DiskGuard;
  readonly bulk: Bulk;
}

export interface AskSettings extends BackoffSettings, GiveUpSettings {
  /** What the ledger remembers results by, and the gate's lanes are named after. */
  readonly api: string;
  /** Which documents that have a result are asked again. */
  readonly redo: 'never' | 'changed' | 'stale' | 'all';
  /** Whether a document that has to wait very long comes back to this run; else it stays pending. */
  readonly waitsForParked: boolean;
  /** What becomes of an input that is done with. */
  readonly after: 'keep' | 'archive' | 'delete';
  /** Whether a receipt is filed beside each result. */
  readonly receipts: boolean;
  /** When the run began, ISO 8601: with `--redo all` only younger answers are used. */
  readonly startedAt: string;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
}
