import { nearestOf } from '../lib/text.ts';

/** As many as a message has room for. */
const MOST_MEANT = 3;

/** Gemini lists `models/x`, and is asked for that or for `x`. */
export function plainId(id: string): string {
  return id.replace(/^models\//, '');
}

/** Without `:nitro`, `:online`, and the tags of Ollama. */
export function withoutVariant(id: string): string {
  return id.replace(/:[^:/]*$/, '');
}

/** Those of the `ids` of a list that a model which is not on it was likely meant to be, the likeliest first. */
export function namesLike(model: string, ids: readonly string[]): readonly string[] {
  const asked = withoutVariant(plainId(model));
  if (asked.includes('/')) return nearestOf(asked, ids.map(plainId), MOST_MEANT);
  // Who makes the model may have been left out, and the tag.
  const names = new Map(ids.map(plainId).map((id) => [withoutVariant(id.slice(id.indexOf('/') + 1)), id]));
  return nearestOf(asked, [...names.keys()], MOST_MEANT).flatMap((name) => names.get(name) ?? []);
}
