import { withoutNoise } from '../domain/attempt.ts';
import { type Stop, UNREADABLE } from '../domain/events.ts';
import type { Tally } from './tally.ts';

/** What the summary takes from the tally under the same name. */
type Counted = Pick<
  Tally,
  | (
      | 'succeeded'
      | 'failed'
      | 'skipped'
      | 'stale'
      | 'reused'
      | 'held'
      | 'pending'
      | 'overBudget'
      | 'awaitingRecipe'
      | 'leftByLimit'
      | 'failedEarlier'
    )
  | ('attempts' | 'retries' | 'inDoubt' | 'inDoubtBefore')
  | ('promptTokens' | 'cachedTokens' | 'completionTokens' | 'costUsd' | 'costUnknownAttempts' | 'costFrom')
  | ('leftOut' | 'limits' | 'dropped' | 'barredRecipes' | 'ignored')
>;

/** The result of a run: the object that `--json` prints. Fields may be added, never renamed. */
export interface Summary extends Counted {
  /** `succeeded` + `failed` + `skipped` + `reused` + `held` + `pending`. */
  readonly documents: number;
  /** Now or in an earlier run. */
  readonly failed: number;
  /** All that is left for another run, including those that are `overBudget`, `awaitingRecipe` or `leftByLimit`. */
  readonly pending: number;
  /** The most that could be spent (`--max-cost`), by a run or by the daemon in a UTC day; null if no limit was set. */
  readonly budgetUsd: number | null;
  readonly seconds: number;
  /** What ended the run before its work was done. */
  readonly stopped: Exclude<Stop, 'reload'> | null;
  /** What was wrong then, and what to do; null if nothing was. */
  readonly stopCause: string | null;
  /** Why documents are pending that were looked at: the first reasons that were told. */
  readonly pendingReasons: readonly string[];
}

/** Documents that were not done when the run ended are pending. `seconds`: how long it took. */
export function summarize(tally: Tally, seconds: number): Summary {
  const { succeeded, failed, skipped, stale, reused, held, overBudget, awaitingRecipe, leftByLimit, stopping } = tally;
  const { attempts, retries, inDoubt, inDoubtBefore, promptTokens, cachedTokens, completionTokens } = tally;
  const { queued, running, filing, waiting } = tally;
  const pending = tally.pending + overBudget + awaitingRecipe + leftByLimit + queued + running + filing + waiting;
  return {
    documents: succeeded + failed + skipped + reused + held + pending,
    succeeded,
    failed,
    failedEarlier: tally.failedEarlier,
    skipped,
    stale,
    reused,
    held,
    pending,
    overBudget,
    awaitingRecipe,
    leftByLimit,
    attempts,
    retries,
    inDoubt,
    inDoubtBefore,
    promptTokens,
    cachedTokens,
    completionTokens,
    costUsd: withoutNoise(tally.costUsd),
    costUnknownAttempts: tally.costUnknownAttempts,
    costFrom: tally.costFrom,
    leftOut: tally.leftOut,
    limits: tally.limits,
    dropped: tally.dropped,
    budgetUsd: tally.budgetUsd,
    seconds,
    stopped: stopping === null || stopping.reason === 'reload' ? null : stopping.reason,
    stopCause: stopping?.cause ?? null,
    pendingReasons: pending === leftByLimit ? [] : tally.pendingReasons,
    barredRecipes: tally.barredRecipes,
    ignored: tally.ignored,
  };
}

const SIGNALLED = { SIGINT: 130, SIGTERM: 143 } as const;

/** Causes come before what they left undone; the others stand where they do below. */
const STOPPED = { model: 2, disk: 6, account: 5, budget: 4 } as const;

interface ExitSettings {
  /** False for a daemon, which runs until a signal stops it. */
  readonly once: boolean;
  /** The one that stopped the run, if one did. */
  readonly signal: keyof typeof SIGNALLED;
}

/**
 * The exit code of a run: the first that applies of 2, 6, 5, 4, a signal's, 3 (some failed or are held), and 7 (some are
 * pending, or may lie in folders that could not be read, or the time was over). What `--limit` leaves is no fault. Errors that
 * end the program (1, 2, 8, 6) are for `endedBy`.
 */
export function exitCode(summary: Summary, { once, signal }: ExitSettings): number {
  const { stopped, failed, held, overBudget, awaitingRecipe, barredRecipes, ignored } = summary;
  const pending = summary.pending - summary.leftByLimit;
  // A daemon is stopped by its signal, or its time; whatever waits then is what the next start goes on with.
  if (stopped === 'signal' && !once) return SIGNALLED[signal];
  if (stopped === 'duration' && !once) return 7;
  // A recipe that was corrected meanwhile has no documents that wait for it.
  const barred = awaitingRecipe === 0 ? [] : Object.keys(barredRecipes);
  if (barred.some((name) => name !== '')) return 2;
  // Nothing says what to ask of any document that is left. Where others were asked, one without a recipe is just pending.
  const isNoneAsked = awaitingRecipe === pending && summary.attempts + summary.succeeded + summary.reused === 0;
  if (barred.length > 0 && isNoneAsked && stopped !== 'signal') return 2;
  if (stopped !== null && stopped !== 'signal' && stopped !== 'duration' && stopped !== 'request')
    return STOPPED[stopped];
  if (overBudget > 0) return STOPPED.budget;
  if (stopped === 'signal') return SIGNALLED[signal];
  if (failed + held > 0) return 3;
  return stopped === 'duration' || pending + (ignored[UNREADABLE] ?? 0) > 0 ? 7 : 0;
}
