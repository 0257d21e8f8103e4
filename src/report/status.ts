import type { BarredRecipe } from './barred-recipe.ts';

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
