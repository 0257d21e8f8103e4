import type { RecipeIdentity } from '../domain/ledger.ts';
import type { Effect } from './group-commit.ts';
import type { Database } from './sqlite.ts';

/** The recipes that versions and attempts refer to by their hash. */
export interface Recipes {
  write(recipe: RecipeIdentity): Effect;
}

const RECIPE = `
  INSERT INTO recipes (hash, name, model, api) VALUES (:hash, :name, :model, :api)
  ON CONFLICT (hash) DO UPDATE SET name = excluded.name
`;

/** Few recipes serve very many documents: what is known to be written is not written again. */
export function createRecipes(database: Database): Recipes {
  const insert = database.prepare(RECIPE);
  const names = new Map<string, string>();

  return {
    write: ({ hash, name, model, api }) => {
      if (names.get(hash) !== name) insert.run({ hash, name, model, api });
      return () => void names.set(hash, name);
    },
  };
}
