const RECIPE = /^_recipe\.(prompt|md|txt)$/;

/** Whether a file of this name says what to ask of the documents beside and below it: it is configuration. */
export function isRecipeName(name: string): boolean {
  return RECIPE.test(name);
}
