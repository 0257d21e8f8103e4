import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Recipes } from '../domain/ports.ts';
import type { ChatMessage } from '../domain/request.ts';
import { firstCharacters } from './first-characters.ts';
import { readRecipeText } from './read-recipe-text.ts';

export interface RecipeSettings {
  /** A plain `.md` or `.txt`; null: the document itself is the prompt. */
  readonly file: string | null;
  readonly model: string;
  /** The API base URL, or `simulator`. */
  readonly api: string;
  /** What else of a request shapes its answer: a change makes results stale. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Characters of a document that are sent, at most; null: all. */
  readonly truncate: number | null;
}

/**
 * One recipe for every document: the recipe's text is the system message, the document's text the user message, as it
 * is. Rejects with `UsageError` where the file is no recipe.
 */
export async function loadRecipe(settings: RecipeSettings): Promise<Recipes> {
  const { file, model, api, parameters, truncate } = settings;
  const system: readonly ChatMessage[] = file === null ? [] : [{ role: 'system', content: await readRecipeText(file) }];
  const recipe = {
    name: file === null ? '' : basename(file),
    model,
    api,
    hash: sha256(JSON.stringify({ system, model, api, parameters, truncate })),
    render: ({ text }: { readonly text: string }) => {
      const content = truncate === null ? text : firstCharacters(text, truncate);
      return { model, messages: [...system, { role: 'user' as const, content }] };
    },
  };
  return { choose: () => recipe };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
