import type { Recipe } from '../domain/recipe.ts';
import type { BarredRecipe } from '../report/barred-recipe.ts';

/** Gathers the recipes that cannot be used, while documents are looked at. */
export class BarredRecipes {
  readonly #recipes = new Map<string, BarredRecipe>();

  /** `waits`: the document would be asked if its recipe could be used. */
  see({ name, barred }: Pick<Recipe, 'name' | 'barred'>, waits: boolean): void {
    if (barred === null) return;
    const documents = (this.#recipes.get(name)?.documents ?? 0) + (waits ? 1 : 0);
    this.#recipes.set(name, { name, reason: barred, documents });
  }

  list(): readonly BarredRecipe[] {
    return [...this.#recipes.values()];
  }
}
