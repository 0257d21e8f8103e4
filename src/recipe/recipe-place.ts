/** A file that may hold a recipe. */
export interface RecipePlace {
  /** Absolute. */
  readonly path: string;
  /** How people and receipts call it. */
  readonly name: string;
  /** The owner of the workspace put it there; into the inbox anybody may. */
  readonly trusted: boolean;
}

/** The best first: where several are there, it is the one that counts. */
export const RECIPE_ENDINGS = ['.prompt', '.md', '.txt'] as const;

export interface RecipeFolders {
  /** Absolute. */
  readonly inbox: string;
  /** Absolute; also where partials are. */
  readonly recipes: string;
  /** Whether recipes in the inbox count. */
  readonly inboxRecipes: boolean;
}

/** Where the owner's recipe of a folder of the inbox may be. */
export function ownerPlaces(folder: string, { recipes }: Pick<RecipeFolders, 'recipes'>): readonly RecipePlace[] {
  return folder === '' ? [] : owned(recipes, folder);
}

/** Where the recipe may be that lies in a folder of the inbox itself. */
export function inboxPlaces(folder: string, { inbox, inboxRecipes }: RecipeFolders): readonly RecipePlace[] {
  if (!inboxRecipes) return [];
  const within = folder === '' ? '' : `${folder}/`;
  return RECIPE_ENDINGS.map((ending) => {
    const file = `${within}_recipe${ending}`;
    return { path: `${inbox}/${file}`, name: `inbox/${file}`, trusted: false };
  });
}

/** Where the recipe of all documents is that have none of their own. */
export function defaultPlaces({ recipes }: Pick<RecipeFolders, 'recipes'>): readonly RecipePlace[] {
  return owned(recipes, 'default');
}

function owned(recipes: string, stem: string): readonly RecipePlace[] {
  return RECIPE_ENDINGS.map((ending) => {
    const file = `${stem}${ending}`;
    return { path: `${recipes}/${file}`, name: `recipes/${file}`, trusted: true };
  });
}
