import type { Recipes } from '../domain/ports.ts';
import type { Api } from '../llm/api.ts';
import type { Options } from '../options/options.ts';
import { loadRecipe } from '../recipe/load-recipe.ts';

/**
 * The recipes that a run with these options uses.
 *
 * @throws UsageError
 */
export function loadRecipes(
  { recipe, model, maxTokens, reasoning, truncateCharacters }: Options,
  api: Pick<Api, 'identity' | 'sendsReasoning'>,
): Promise<Recipes> {
  return loadRecipe({
    file: recipe,
    model,
    api: api.identity,
    parameters: { maxTokens, reasoning: api.sendsReasoning ? reasoning : null },
    truncate: truncateCharacters,
  });
}
