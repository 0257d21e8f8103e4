import type { RecipeIdentity } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import type { Database } from './sqlite.ts';

/** The recipes that versions and attempts refer to by their id. */
export interface Recipes {
  write(recipe: RecipeIdentity): WrittenRecipe;
}

interface WrittenRecipe {
  readonly id: number;
  readonly effect: Effect;
}

interface Known {
  readonly id: number;
  readonly name: string;
}

const RECIPE = `
  INSERT INTO recipes (hash, name, model, api) VALUES (?, ?, ?, ?)
  ON CONFLICT (hash) DO UPDATE SET name = excluded.name
  RETURNING recipe_id AS id
`;

/** Few recipes serve very many documents: what is known to be written is not written again. */
export function createRecipes(database: Database): Recipes {
  const insert = database.prepare<{ readonly id: number }>(RECIPE);
  const known = new Map<string, Known>();

  return {
    write: ({ hash, name, model, api }) => {
      const written = known.get(hash);
      if (written?.name === name) return { id: written.id, effect: () => undefined };
      const { id } = insert.only([hash, name, model, api]);
      return { id, effect: () => void known.set(hash, { id, name }) };
    },
  };
}
