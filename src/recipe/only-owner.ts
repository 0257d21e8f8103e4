/** The problem with what the owner of the workspace alone may do. */
export function onlyOwner(why: string): string {
  return `${why}: a recipe in the inbox may not do that, one in recipes/ may`;
}
