import { EXTRACT } from '../cli/init/starter-recipes.ts';
import { CLASSIFY } from './recipes/classify.ts';
import { SUMMARIZE } from './recipes/summarize.ts';
import { TRANSLATE } from './recipes/translate.ts';

/** Recipes to begin with, by what they do: each works as it is, and tells in comments what can be changed. */
export const STARTER_RECIPES = { summarize: SUMMARIZE, extract: EXTRACT, classify: CLASSIFY, translate: TRANSLATE };

export type StarterKind = keyof typeof STARTER_RECIPES;
