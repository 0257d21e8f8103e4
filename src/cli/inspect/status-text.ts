import { type BarredRecipe, barredRecipeLine } from '../../report/barred-recipe.ts';
import { costInWords, counted, numberInWords, visible } from '../../report/words.ts';

/** What `sluice status` says to people. */
export function statusText({ documents, recipes, running, inDoubt, spent, models }: Status): string {
  const { done, failed, held, pending, stale } = documents;
  const total = done + failed + held + pending;
  return [
    `${counted(total, 'document')}: ${numberInWords(done)} done, ${numberInWords(failed)} failed, ` +
      `${numberInWords(held)} held, ${numberInWords(pending)} pending.`,
    stale === 0 ? null : `Stale: ${staleness(stale)}`,
    failed + held === 0 ? null : 'To have failed and held documents tried again: sluice retry',
    ...recipes.map(barredRecipeLine),
    `Running: ${runningInWords(running)}.`,
    inDoubt === 0 ? null : `In doubt: ${counted(inDoubt, 'call')} may have been billed without an answer.`,
    `Spent (UTC): today ${spentInWords(spent.today)}; this month ${spentInWords(spent.month)}; ` +
      `in all ${spentInWords(spent.total)}.`,
    ...models.map(modelLine),
  ]
    .filter((line) => line !== null)
    .join('\n');
}

function staleness(stale: number): string {
  const were = stale === 1 ? 'was' : 'were';
  return `${counted(stale, 'result')} ${were} made with another recipe, model or parameters (--redo stale asks them again).`;
}

function runningInWords({ calls, process }: Status['running']): string {
  if (process === null) return 'nothing';
  const { pid, host, since } = process;
  return `${counted(calls, 'call')} in flight, by process ${pid} on ${visible(host)} since ${visible(since)}`;
}

function spentInWords(spent: Spent): string {
  return `${costInWords(spent)} (${counted(spent.attempts, 'call')})`;
}

function modelLine({ model, api, inDoubt, ...spent }: ModelSpent): string {
  const doubt = inDoubt === 0 ? '' : `, ${numberInWords(inDoubt)} in doubt`;
  return `  ${visible(model)} at ${visible(api)}: ${spentInWords(spent)}${doubt}`;
}

/** What calls cost together. */
export interface Spent {
  /** USD; the sum of what is known. */
  readonly costUsd: number;
  /** Attempts that cost, or may have cost, and nobody said how much. */
  readonly costUnknownAttempts: number;
  readonly attempts: number;
}

export interface ModelSpent extends Spent {
  readonly model: string;
  readonly api: string;
  /** Attempts that may have been billed, and of which no whole reply came. */
  readonly inDoubt: number;
}

/** What `sluice status` tells; with `--json` it is printed as it is. */
export interface Status {
  /** `stale` of those that are done: made with another recipe, model or parameters than a run would use now. */
  readonly documents: Readonly<Record<'done' | 'failed' | 'held' | 'pending' | 'stale', number>>;
  /** Those of documents in the inbox that cannot be used as things are. */
  readonly recipes: readonly BarredRecipe[];
  readonly running: {
    /** In flight now. */
    readonly calls: number;
    /** Who works on the workspace; `since` is ISO 8601, UTC. */
    readonly process: { readonly pid: number; readonly host: string; readonly since: string } | null;
  };
  /** Calls that may have been billed, and of which no whole reply came; also those that a process left when it died. */
  readonly inDoubt: number;
  /** By UTC day and month. */
  readonly spent: Readonly<Record<'today' | 'month' | 'total', Spent>>;
  /** The dearest first. */
  readonly models: readonly ModelSpent[];
}
