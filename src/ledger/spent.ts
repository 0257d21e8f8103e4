import type { Database } from './sqlite.ts';

/** A call as far as limits of rate are concerned. */
interface RecentCall {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Of prompt and answer together; 0 where nobody told. */
  readonly tokens: number;
}

/** What calls took of money and rates, also those of earlier runs. Throws `DiskTrouble`. */
export interface Spent {
  /**
   * What attempts through an API that ended at or after a time (ISO 8601, UTC), or have not ended, cost together, USD:
   * where nobody told what one cost, and it may have been billed, what was reserved for it. A call counts for the day on
   * which it ends, as in the budget of a run: it is not billed before. With the name of a recipe: what went by that, also
   * as it was before it was edited.
   */
  spentSince(iso: string, api: string, recipeName?: string): number;
  /** Calls begun at or after a time (ISO 8601, UTC), oldest first; not those that never left. */
  recentCalls(sinceIso: string): readonly RecentCall[];
}

const USD = `
  SELECT coalesce(sum(coalesce(cost_usd, iif(billing = 'none', 0.0, reserved_usd))), 0.0) AS usd
  FROM attempts JOIN recipes USING (recipe_id)
  WHERE api = :api AND (ended_at >= :iso OR ended_at IS NULL) AND (:recipeName IS NULL OR name = :recipeName)
`;
const CALLS = `
  SELECT sending_at AS startedAt, coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0) AS tokens
  FROM attempts WHERE sending_at >= ? AND code IS NOT 'not-sent' ORDER BY sending_at
`;

export function createSpent(database: Database): Spent {
  const usd = database.prepare<{ readonly usd: number }>(USD);
  const calls = database.prepare<RecentCall>(CALLS);

  return {
    spentSince: (iso, api, recipeName) => usd.only({ api, iso, recipeName: recipeName ?? null }).usd,
    recentCalls: (sinceIso) => calls.all([sinceIso]),
  };
}
