import { PLAIN_HANDLING } from '../domain/recipe.ts';
import type { RecipeDefinition } from './recipe-definition.ts';

/** The document itself is the prompt. */
export const NO_RECIPE: RecipeDefinition = {
  name: '',
  template: { kind: 'plain', text: '' },
  model: null,
  fields: {},
  maxTokens: null,
  handling: PLAIN_HANDLING,
  resultName: null,
  resultEnding: null,
  apis: null,
};
