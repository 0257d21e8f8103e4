import type { RecipeIdentity } from '../domain/ledger.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import type { Receipt } from '../domain/receipt.ts';

/** One answer that was made by a call. */
export interface PastAnswer {
  readonly completionTokens: number;
  /** Of the attempt that brought it. */
  readonly seconds: number;
}

/** What the ledger tells of earlier answers. */
export interface PlanHistory {
  /** SHA-256 of documents whose answers by this very recipe it holds, by their sizes. */
  readonly known: ReadonlyMap<number, ReadonlySet<string>>;
  /** By a recipe of this name from this model, also as it was before it changed. */
  readonly answers: readonly PastAnswer[];
}

/** @throws DiskTrouble */
export function readPlanHistory(reader: LedgerReader | null, recipe: RecipeIdentity): PlanHistory {
  const known = new Map<number, Set<string>>();
  const answers: PastAnswer[] = [];
  for (const { receipt } of reader?.results() ?? []) {
    if (receipt.recipeHash === recipe.hash) remember(known, receipt);
    const { completionTokens, seconds } = receipt;
    if (isMadeBy(receipt, recipe) && completionTokens !== null) answers.push({ completionTokens, seconds });
  }
  return { known, answers };
}

function remember(known: Map<number, Set<string>>, { size, sha256 }: Receipt): void {
  const hashes = known.get(size);
  if (hashes === undefined) known.set(size, new Set([sha256]));
  else hashes.add(sha256);
}

function isMadeBy({ recipe, requestedModel, api, reusedFrom }: Receipt, by: RecipeIdentity): boolean {
  return recipe === by.name && requestedModel === by.model && api === by.api && reusedFrom === null;
}
