import { concatMap, forkJoin, map, type Observable } from 'rxjs';
import { stagesOf } from '../dialogue/course.ts';
import { renderPrompt } from '../dialogue/render-prompt.ts';
import { stageRequest } from '../dialogue/stage-request.ts';
import type { Inquiry } from '../domain/ports.ts';
import type { Prompt } from '../domain/request.ts';
import { type FitSettings, fitAnswer } from '../llm/conversation/fit.ts';
import { planCourse } from '../llm/conversation/plan.ts';

/** The requests of a document in which nothing goes wrong. */
export interface PlannedRequests {
  readonly prompts: readonly Prompt[];
  /** Answers that the last prompt holds beside its text: those to the parts of the document, where it combines them. */
  readonly answersRead: number;
}

/** What a document would be asked. Emits once; errors with Unaskable where a run would refuse it. */
export function planRequests(inquiry: Inquiry, settings: FitSettings): Observable<PlannedRequests> {
  const { models } = settings;
  return renderPrompt(inquiry, inquiry.parts).pipe(
    concatMap((whole) =>
      planCourse(inquiry, whole, settings).pipe(
        concatMap((course) => {
          const requestAt = (index: number) =>
            stageRequest({ inquiry, whole, course, models }, { index, answered: [], goesOn: false });
          const requests = Array.from({ length: stagesOf(course) }, (_, index) =>
            requestAt(index).pipe(concatMap((prompt) => fitAnswer(prompt, settings))),
          );
          const answersRead = course.combine === null ? 0 : course.pieces.length;
          return forkJoin(requests).pipe(map((prompts) => ({ prompts, answersRead })));
        }),
      ),
    ),
  );
}
