import type { Handling } from '../domain/recipe.ts';
import type { JsonRecord } from '../lib/json.ts';

/** What a recipe file says, checked. */
export interface RecipeDefinition {
  /** How people and receipts call it: `_recipe.prompt` of `q1/` is `inbox/q1/_recipe.prompt`. */
  readonly name: string;
  /** `plain`: the system message, as it is. `dotprompt`: the Handlebars body, without its front matter. */
  readonly template: { readonly kind: 'plain' | 'dotprompt'; readonly text: string };
  /** Null: the run's. */
  readonly model: string | null;
  /** Fields of the chat-completions body, without the longest answer. */
  readonly fields: JsonRecord;
  /** The longest answer, in tokens; null: the run's. */
  readonly maxTokens: number | null;
  readonly handling: Handling;
  /** A template of the result's name, without its ending; null: the document's id. */
  readonly resultName: string | null;
  /** With the dot; null: `.md`, or `.json` for JSON. */
  readonly resultEnding: string | null;
  /** The only APIs that documents of it may go to: names (`ollama`), hosts (`localhost`) or base URLs; null: any. */
  readonly apis: readonly string[] | null;
}

/** What a template may print and compare: `size` in bytes, `modified` in ISO 8601, UTC. */
export const VARIABLES = ['document', 'name', 'path', 'size', 'modified'] as const;

export type TemplateVariables = Readonly<Record<(typeof VARIABLES)[number], string | number>>;

/** The problem with what the owner of the workspace alone may do. */
export function onlyOwner(why: string): string {
  return `${why}: a recipe in the inbox may not do that, one in recipes/ may`;
}
