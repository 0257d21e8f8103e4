import type { DroppedField, Limit } from '../domain/attempt.ts';
import { type LeftOutTotals, NOTHING_LEFT_OUT } from '../domain/document.ts';
import type { RunEvent } from '../domain/events.ts';

export type Stopping = Extract<RunEvent, { type: 'run-stopping' }>;

/** All that is counted from the events of a run. Progress and summary count nothing themselves. */
export interface Tally extends Readonly<Record<DocumentPhase, number>> {
  /** Documents that this run, not an earlier one, answered, reused, failed or held. */
  readonly worked: number;
  /** Documents of those that were asked, and their bytes together. */
  readonly asked: number;
  readonly askedBytes: number;
  /** Of documents that are queued, running, filing or waiting. */
  readonly openBytes: number;
  /** Documents among `failed` that an earlier run failed, and that were not tried again. */
  readonly failedEarlier: number;
  /** Documents among `skipped` that a run would ask something else now. */
  readonly stale: number;
  /** Calls that were sent. */
  readonly attempts: number;
  /** Attempts that repeat a failed one; further requests of a conversation are not among them. */
  readonly retries: number;
  /** Attempts whose billing is in doubt. */
  readonly inDoubt: number;
  /** Calls that were in flight when the process before this one died. They do not count as attempts of this run. */
  readonly inDoubtBefore: number;
  readonly promptTokens: number;
  /** Those of them that came from providers' caches. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** USD; the sum of the known costs. */
  readonly costUsd: number;
  /** Attempts that cost an unknown amount, or may have. */
  readonly costUnknownAttempts: number;
  /** Attempts that cost something, or may have, by who says how much: `told`, `list 2026-09-23`, `unknown` and others. */
  readonly costFrom: Readonly<Record<string, number>>;
  /** Documents whose results were filed, and of which the model was not given all; and what that was, by kind. */
  readonly leftOut: LeftOutTotals;
  /** What may be spent, by the run or in a UTC day; null if no limit is set. A daemon may get another one. */
  readonly budgetUsd: number | null;
  /** The answers come from the simulator: nothing is paid. */
  readonly simulated: boolean;
  /** True once the inbox was listed. */
  readonly listed: boolean;
  /** How many entries of the inbox are never read, by kind in words, as of the last scan. */
  readonly ignored: Readonly<Record<string, number>>;
  /** Attempts that ran into a limit of the API, by their code. */
  readonly limits: Readonly<Record<string, number>>;
  /** Why no call may start, by what is paused; `until` (ms since the epoch): when it ends by itself. */
  readonly paused: Readonly<Record<string, { readonly reason: string; readonly until?: number | undefined }>>;
  /** The cooldown that ends last; `untilMs` by the run's clock. */
  readonly cooling: { readonly untilMs: number; readonly reason: string; readonly limit?: Limit | undefined } | null;
  /** Calls that may be in flight, by model, if the gate found that limit by itself. */
  readonly limited: Readonly<Record<string, number>>;
  /** Calls a minute that the API takes, by model, if the gate found that rate by itself. */
  readonly paced: Readonly<Record<string, number>>;
  /** Why calls are made one at a time, by model. */
  readonly probing: Readonly<Record<string, string>>;
  /** Fields of ours that an API does not take, as they were found. */
  readonly dropped: readonly DroppedField[];
  /** Why the inbox cannot be listed; null if it can. */
  readonly inboxLost: string | null;
  /** Why nothing is asked with a recipe, by its name. */
  readonly barredRecipes: Readonly<Record<string, string>>;
  /** Why documents stay in the inbox: the first reasons that were told. */
  readonly pendingReasons: readonly string[];
  /** What ends the run before its work is done; null if nothing does. */
  readonly stopping: Stopping | null;
}

export const emptyTally: Tally = {
  queued: 0,
  running: 0,
  filing: 0,
  waiting: 0,
  pending: 0,
  overBudget: 0,
  awaitingRecipe: 0,
  leftByLimit: 0,
  held: 0,
  failed: 0,
  succeeded: 0,
  reused: 0,
  skipped: 0,
  gone: 0,
  worked: 0,
  asked: 0,
  askedBytes: 0,
  openBytes: 0,
  stale: 0,
  failedEarlier: 0,
  attempts: 0,
  retries: 0,
  inDoubt: 0,
  inDoubtBefore: 0,
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  costUsd: 0,
  costUnknownAttempts: 0,
  costFrom: {},
  leftOut: NOTHING_LEFT_OUT,
  budgetUsd: null,
  simulated: false,
  listed: false,
  ignored: {},
  limits: {},
  paused: {},
  cooling: null,
  limited: {},
  paced: {},
  probing: {},
  dropped: [],
  inboxLost: null,
  barredRecipes: {},
  pendingReasons: [],
  stopping: null,
};

/**
 * Where a document is. Each phase is also the name of the count of documents in it. `overBudget` is pending because what
 * may be spent with the recipe is spent, `awaitingRecipe` because it has none that can be used, `leftByLimit` because `--limit`
 * leaves it to another run.
 */
export type DocumentPhase =
  | 'queued'
  | 'running'
  | 'filing'
  | 'waiting'
  | 'pending'
  | 'overBudget'
  | 'awaitingRecipe'
  | 'leftByLimit'
  | 'held'
  | 'failed'
  | 'succeeded'
  | 'reused'
  | 'skipped'
  | 'gone';
