import { map, type Observable, of, switchMap, throwError } from 'rxjs';
import type { ModelFacts, Models } from '../domain/models.ts';
import type { Modality, Prompt } from '../domain/request.ts';
import { Unaskable } from '../llm/conversation/errors.ts';
import { contentsOf } from '../llm/conversation/prompt.ts';

/**
 * The prompt, where its model takes all that is in it, or nobody tells. PDFs are another matter: an API may read them for
 * its models. Of models that stand in for another nothing is asked. Errors with Unaskable.
 */
export function requireInputs(models: Models, prompt: Prompt, facts: ModelFacts | null): Observable<Prompt> {
  const needed = inputsOf(prompt);
  const taken = facts?.inputs ?? null;
  const missing = taken === null ? [] : needed.filter((input) => input !== 'file' && !taken.includes(input));
  if (missing.length === 0) return of(prompt);
  return models.taking(needed).pipe(
    map((able) => new Unaskable('unsupported-input', words(prompt.model, missing, able))),
    switchMap((refusal) => throwError(() => refusal)),
  );
}

/** What a prompt holds beside text, each once. */
export function inputsOf(prompt: Prompt): readonly Modality[] {
  const kinds = contentsOf(prompt).map(({ kind }): Modality => (kind === 'linked image' ? 'image' : kind));
  return [...new Set(kinds)].filter((kind) => kind !== 'text');
}

function words(model: string, missing: readonly Modality[], able: readonly string[]): string {
  const models = able.length === 0 ? '' : `: ${able.join(', ')}`;
  return `${model} takes no ${missing.join(' and no ')} input. Name a model in the recipe that does${models}`;
}
