import type { DocumentRef } from '../../src/domain/document.ts';
import type { Recipes } from '../../src/domain/ports.ts';
import { RECIPE } from '../support/filled-ledger.ts';

/** One recipe for all: the system message, where there is one, and the document. */
export function recipesOf(fields: Partial<typeof RECIPE> = {}, system: string | null = null): Recipes {
  const messages = system === null ? [] : [{ role: 'system' as const, content: system }];
  const recipe = {
    ...RECIPE,
    ...fields,
    render: ({ text }: { readonly text: string }) => ({
      model: RECIPE.model,
      messages: [...messages, { role: 'user' as const, content: text }],
    }),
  };
  return { choose: () => recipe };
}

export function idsOf(documents: readonly DocumentRef[]): readonly string[] {
  return documents.map(({ id }) => id).toSorted();
}
