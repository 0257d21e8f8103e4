import { map, type Observable } from 'rxjs';
import type { Prompt } from '../domain/request.ts';
import type { FitSettings } from '../llm/conversation/fit.ts';

/** The prompt with twice the tokens for the answer, or as many as the model writes. */
export function withMoreTokens(prompt: Prompt, { models, maxTokens }: FitSettings): Observable<Prompt> {
  const asked = prompt.maxTokens ?? maxTokens;
  return models.facts(prompt.model).pipe(
    map((facts) => Math.min(asked * 2, facts?.maxCompletionTokens ?? Infinity)),
    map((most) => ({ ...prompt, maxTokens: Math.max(asked, most) })),
  );
}
