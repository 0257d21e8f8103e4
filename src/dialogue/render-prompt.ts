import { catchError, type Observable, throwError } from 'rxjs';
import { errorMessage } from '../domain/errors.ts';
import type { Inquiry } from '../domain/ports.ts';
import type { Part, Prompt } from '../domain/request.ts';
import { Unaskable } from '../llm/conversation/errors.ts';

/** The first prompt of some parts of a document. Errors with Unaskable. */
export function renderPrompt({ recipe, document }: Inquiry, parts: readonly Part[]): Observable<Prompt> {
  return recipe
    .render(document, parts)
    .pipe(catchError((error: unknown) => throwError(() => new Unaskable('not-rendered', errorMessage(error)))));
}
