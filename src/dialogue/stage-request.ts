import { map, type Observable, of, switchMap, throwError } from 'rxjs';
import type { Models } from '../domain/models.ts';
import type { Inquiry } from '../domain/ports.ts';
import type { Prompt } from '../domain/request.ts';
import { Unaskable } from '../llm/conversation/errors.ts';
import { withPdfEngine } from '../llm/conversation/pdf-engine.ts';
import { withResponseFormat } from '../llm/conversation/response-format.ts';
import type { Piece } from './chain.ts';
import { combinePrompt } from './combine-prompt.ts';
import type { Course } from './course.ts';
import { renderPrompt } from './render-prompt.ts';
import { inputsOf, requireInputs } from './require-inputs.ts';

export interface Asking {
  readonly inquiry: Inquiry;
  /** The prompt of the document as one. */
  readonly whole: Prompt;
  readonly course: Course;
  readonly models: Models;
}

export interface Stage {
  /** From 0: the pieces of the course, and what combines the answers to them. */
  readonly index: number;
  /** What the pieces were answered. */
  readonly answered: readonly Piece[];
  /** Whether its answer is to go on with one that was cut. */
  readonly goesOn: boolean;
}

/**
 * What is asked at a stage of a course, with what the API must know of PDFs and of the form of the answer. Nothing is
 * looked up for texts. Errors with Unaskable.
 */
export function stageRequest(asking: Asking, stage: Stage): Observable<Prompt> {
  return stagePrompt(asking, stage).pipe(switchMap((prompt) => equipped(prompt, asking, !stage.goesOn)));
}

function stagePrompt({ inquiry, whole, course }: Asking, { index, answered }: Stage): Observable<Prompt> {
  const parts = course.pieces[index];
  if (parts === inquiry.parts) return of(whole);
  if (parts !== undefined) return renderPrompt(inquiry, parts);
  if (course.combine !== null && index === course.pieces.length)
    return of(combinePrompt(whole, course.combine, answered));
  return throwError(askedOtherwise);
}

/** What a model takes was told otherwise in the meantime. */
function askedOtherwise(): Unaskable {
  return new Unaskable('asked-otherwise', 'It was asked in more parts before than it has now, by what its model takes');
}

function equipped(prompt: Prompt, { inquiry, models }: Asking, held: boolean): Observable<Prompt> {
  const { pdf, output } = inquiry.recipe.handling;
  const { routes } = models;
  const bound = output.format === 'json' && output.schema !== null;
  if (!bound && inputsOf(prompt).length === 0)
    return of(withResponseFormat(prompt, output, { routes, held, facts: null }));
  return models.facts(prompt.model).pipe(
    switchMap((facts) =>
      requireInputs(models, prompt, facts).pipe(
        map((taken) => withPdfEngine(taken, pdf, { routes, facts })),
        map((readable) => withResponseFormat(readable, output, { routes, held, facts })),
      ),
    ),
  );
}
