import { UsageError } from '../../src/domain/errors.ts';
import type { RecipeDefinition } from '../../src/recipe/header.ts';
import { parseRecipe } from '../../src/recipe/parse-recipe.ts';

const ORIGIN = { name: 'recipes/it.prompt', kind: 'dotprompt', trusted: true, maxTokens: 64_000 } as const;

/** A recipe of the workspace's owner with this front matter. */
export function recipeOf(header: string): RecipeDefinition {
  return parseRecipe(promptOf(header), ORIGIN);
}

/** What is said to be wrong with a recipe with this front matter; an empty text where nothing is. */
export function problemsOf(header: string, trusted = true): string {
  return complaint(promptOf(header), trusted);
}

/** The message of the UsageError that a source ends in; an empty text where it is taken. */
export function complaint(source: string, trusted = true): string {
  try {
    parseRecipe(source, { ...ORIGIN, trusted });
    return '';
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

export function promptOf(header: string): string {
  return `---\n${header}\n---\nSum it up: {{document}}\n`;
}
