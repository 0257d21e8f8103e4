import type { Recipe } from '../../src/domain/recipe.ts';
import type { ChatMessage, Part, Prompt } from '../../src/domain/request.ts';
import type { RecipeDefinition } from '../../src/recipe/header.ts';
import { NO_RECIPE } from '../../src/recipe/load-recipe.ts';
import { createRecipe, type RecipeSettings } from '../../src/recipe/recipe.ts';

export const RUN: RecipeSettings = {
  model: 'acme/one',
  api: 'https://openrouter.ai/api/v1',
  apiNames: ['openrouter.ai', 'openrouter', 'https://openrouter.ai/api/v1'],
  parameters: { maxTokens: 64_000 },
  truncate: null,
  trusted: true,
  readPartial: () => null,
};

export function definitionOf(text: string, changes: Partial<RecipeDefinition> = {}): RecipeDefinition {
  return { ...NO_RECIPE, name: 'recipes/test.prompt', template: { kind: 'dotprompt', text }, ...changes };
}

export function partialsOf(sources: Readonly<Record<string, string>>): Pick<RecipeSettings, 'readPartial'> {
  return { readPartial: (name) => sources[name] ?? null };
}

/** A dotprompt recipe with this template. */
export function recipeOf(template: string, settings: Partial<RecipeSettings> = {}): Recipe {
  return createRecipe(definitionOf(template), { ...RUN, ...settings });
}

export function textPart(text: string): Part {
  return { kind: 'text', text };
}

export function promptOf(recipe: Recipe, parts: readonly Part[], id = 'q1/a.txt'): Promise<Prompt> {
  return recipe.render({ id, size: 12, mtimeMs: Date.UTC(2026, 0, 2) }, parts);
}

/** What is asked of one text. */
export async function messagesOf(recipe: Recipe, text: string, id?: string): Promise<readonly ChatMessage[]> {
  return (await promptOf(recipe, [textPart(text)], id)).messages;
}
