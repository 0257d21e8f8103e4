import { map, type Observable, of } from 'rxjs';
import type { Models } from '../domain/models.ts';
import type { Handling } from '../domain/recipe.ts';
import type { Prompt } from '../domain/request.ts';
import { SMALL_BYTES } from '../llm/conversation/fit.ts';
import { textBytes } from '../llm/conversation/prompt.ts';
import { NotNow } from './not-now.ts';
import { inputsOf } from './require-inputs.ts';

/**
 * The prompt, where it is sent alike whatever can be learned of its model, or that was learned. Errors with NotNow where
 * the API could not be asked: on a guess, a document would be sent that is too long, or another way than after a look.
 */
export function requireFacts(prompt: Prompt, handling: Handling, models: Models): Observable<Prompt> {
  if (!models.routes || !dependsOnFacts(prompt, handling)) return of(prompt);
  return models.reached().pipe(
    map((reached) => {
      if (reached) return prompt;
      throw new NotNow(`what ${prompt.model} takes, or costs, cannot be learned now: the API does not list its models`);
    }),
  );
}

/** Where its recipe limits what is spent, on the price. */
function dependsOnFacts(prompt: Prompt, { output, maxCostUsd }: Handling): boolean {
  const isBound = maxCostUsd !== null || output.schema !== null;
  return isBound || textBytes(prompt) > SMALL_BYTES || inputsOf(prompt).length > 0;
}
