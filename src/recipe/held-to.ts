import type { Handling } from '../domain/recipe.ts';
import { isRecord, type JsonRecord } from '../lib/json.ts';
import type { RecipeDefinition } from './recipe-definition.ts';

/** The most careful first. */
const AFTER = ['keep', 'archive', 'delete'] as const;

/**
 * A recipe of the inbox, with the limits of the owner's in whose place it stands: it may tighten these, and lift none.
 * Which APIs may be asked is not among them: one whose owner's recipe is barred is barred as a whole.
 */
export function heldTo(owner: RecipeDefinition, recipe: RecipeDefinition): RecipeDefinition {
  const handling = {
    ...recipe.handling,
    after: moreCareful(owner.handling.after, recipe.handling.after),
    concurrency: smaller(owner.handling.concurrency, recipe.handling.concurrency),
    maxCostUsd: smaller(owner.handling.maxCostUsd, recipe.handling.maxCostUsd),
  };
  const maxTokens = smaller(owner.maxTokens, recipe.maxTokens);
  const restrictions = restrictionsOf(owner.fields);
  if (Object.keys(restrictions).length === 0) return { ...recipe, handling, maxTokens };
  return {
    ...recipe,
    handling,
    maxTokens,
    fields: { ...recipe.fields, provider: { ...restrictionsOf(recipe.fields), ...restrictions } },
  };
}

function moreCareful(one: Handling['after'], other: Handling['after']): Handling['after'] {
  return AFTER.find((after) => after === one || after === other) ?? null;
}

function smaller(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** Which providers may have a document, and at what price. Null is as good as unsaid. */
function restrictionsOf({ provider }: JsonRecord): JsonRecord {
  if (!isRecord(provider)) return {};
  return Object.fromEntries(Object.entries(provider).filter(([, value]) => value !== null));
}
