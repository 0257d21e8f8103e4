import { join } from 'node:path';
import type { Options } from '../domain/options.ts';
import type { Recipes } from '../domain/recipe.ts';
import type { Api } from '../llm/api.ts';
import { namesOf } from '../llm/names-of.ts';
import { createRecipes } from '../recipe/recipes.ts';

type RecipeOptions = Pick<
  Options,
  'root' | 'inbox' | 'inboxRecipes' | 'recipe' | 'model' | 'maxTokens' | 'reasoning' | 'truncateCharacters'
>;

/**
 * The recipes that a run with these options uses, as they are while it uses them. `now` tells monotonic milliseconds.
 *
 * @throws UsageError
 */
export function loadRecipes(options: RecipeOptions, api: Api, now: () => number): Recipes {
  const { root, inbox, inboxRecipes, recipe, model, maxTokens, reasoning, truncateCharacters } = options;
  return createRecipes({
    file: recipe,
    inbox,
    recipes: join(root, 'recipes'),
    inboxRecipes,
    model,
    maxTokens,
    api: api.identity,
    apiNames: namesOf(api),
    parameters: { maxTokens, reasoning: api.sendsReasoning ? reasoning : null },
    truncate: truncateCharacters,
    now,
  });
}
