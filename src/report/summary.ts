import { type Stop, UNREADABLE } from '../domain/events.ts';
import type { Tally } from './tally.ts';

/** What a run came to: the object that `--json` prints. Fields may be added, never renamed. */
export interface Summary {
  /** `succeeded` + `failed` + `skipped` + `reused` + `held` + `pending`. */
  readonly documents: number;
  readonly succeeded: number;
  /** Now or in an earlier run. */
  readonly failed: number;
  readonly skipped: number;
  /** Of those that were skipped: their results were made with another recipe, model or parameters. */
  readonly stale: number;
  /** Answered without a call. */
  readonly reused: number;
  /** Kept back for a person. */
  readonly held: number;
  /** Everything that is left for another run. */
  readonly pending: number;
  /** Of those that are pending: what their recipe may cost (its `max_cost`) is used up. */
  readonly overBudget: number;
  readonly attempts: number;
  readonly retries: number;
  readonly inDoubt: number;
  /** Calls that were in flight when the process before this one died; none of `attempts`. */
  readonly inDoubtBefore: number;
  readonly promptTokens: number;
  /** Of those, the ones that providers had in their caches. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** The sum of what is known. */
  readonly costUsd: number;
  readonly costUnknownAttempts: number;
  /** Attempts that ran into a limit of the API, by their code. */
  readonly limits: Readonly<Record<string, number>>;
  /** What might be spent (`--max-cost`): by a run, or by the daemon in a UTC day; null if no limit was set. */
  readonly budgetUsd: number | null;
  readonly seconds: number;
  /** What ended the run before its work was done. */
  readonly stopped: Exclude<Stop, 'reload'> | null;
  /** Why nothing was asked with a recipe, by its name. */
  readonly barredRecipes: Readonly<Record<string, string>>;
  /** Entries of the inbox that are never read, by kind in words. */
  readonly ignored: Readonly<Record<string, number>>;
}

/** Pure. Documents that were in flight when the run ended are pending. */
export function summarize(tally: Tally, seconds: number, budgetUsd: number | null = null): Summary {
  const { succeeded, failed, skipped, stale, reused, held, overBudget, stopping } = tally;
  const { attempts, retries, inDoubt, inDoubtBefore, promptTokens, cachedTokens, completionTokens } = tally;
  const pending = tally.pending + overBudget + tally.queued + tally.running + tally.filing + tally.waiting;
  return {
    documents: succeeded + failed + skipped + reused + held + pending,
    succeeded,
    failed,
    skipped,
    stale,
    reused,
    held,
    pending,
    overBudget,
    attempts,
    retries,
    inDoubt,
    inDoubtBefore,
    promptTokens,
    cachedTokens,
    completionTokens,
    costUsd: withoutNoise(tally.costUsd),
    costUnknownAttempts: tally.costUnknownAttempts,
    limits: tally.limits,
    budgetUsd,
    seconds,
    stopped: stopping === null || stopping.reason === 'reload' ? null : stopping.reason,
    barredRecipes: tally.barredRecipes,
    ignored: tally.ignored,
  };
}

/** Sums of binary fractions end in noise such as 0.30000000000000004; prices do not go below a billionth of a cent. */
function withoutNoise(usd: number): number {
  return Number(usd.toFixed(11));
}

const SIGNALLED = { SIGINT: 130, SIGTERM: 143 } as const;

const STOPPED = { model: 2, disk: 6, account: 5, budget: 4 } as const;

/**
 * The exit code of `--once`; an unexpected error (1) is the caller's. Causes come before what they left undone: 2, 6, 5,
 * 4 before 3 (some failed or are held) and 7 (some are pending, or may lie in folders that could not be read).
 */
export function exitCode(summary: Summary, signal: keyof typeof SIGNALLED = 'SIGINT'): number {
  const { stopped, failed, held, pending, overBudget, barredRecipes, ignored } = summary;
  if (stopped === 'signal') return SIGNALLED[signal];
  if (Object.keys(barredRecipes).length > 0) return 2;
  if (stopped !== null) return STOPPED[stopped];
  if (overBudget > 0) return STOPPED.budget;
  if (failed + held > 0) return 3;
  return pending + (ignored[UNREADABLE] ?? 0) > 0 ? 7 : 0;
}
