import { catchError, from, map, type Observable, of, switchMap, tap } from 'rxjs';
import type { Dialogue, Inquiry, Move } from '../../domain/ports.ts';
import type { Prompt, Reply } from '../../domain/request.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { CountTokens } from '../tokens.ts';
import { NotNow, Unaskable } from './errors.ts';
import { type FitSettings, requireFacts } from './fit.ts';
import { nextRequest } from './next-request.ts';
import { type Course, planCourse, Recent } from './plan.ts';
import { type ChainRules, type Progress, progressOf } from './progress.ts';
import { renderPrompt } from './prompt.ts';
import { createReaders } from './read-answer.ts';
import type { Division } from './split.ts';

interface DialogueSettings extends Pick<FitSettings, 'models' | 'maxTokens' | 'roomyModel'> {
  /** Loads the tokenizer. Called once, when a text may be too long for its model. */
  readonly countTokens: () => Promise<CountTokens>;
}

/** A dialogue that also tells how a document is asked. */
interface PlanningDialogue extends Dialogue {
  /** Emits once; errors with Unaskable or NotNow. */
  course(inquiry: Inquiry): Observable<Course>;
}

/** Documents that are between two of their requests. */
const DIVIDED_LATELY = 300;

/** What was worked out for an inquiry. */
interface Standing {
  readonly whole: Prompt;
  readonly course: Course;
  /** How far these replies have led. */
  reached?: { readonly replies: readonly Reply[]; readonly progress: Progress };
}

/**
 * A document is asked in its parts, one after the other, and at last to combine the answers where the recipe says so.
 * Each of these is a chain of requests: the first; others while the answer is cut; one to mend it.
 */
export function createDialogue({ countTokens, ...limits }: DialogueSettings): PlanningDialogue {
  const readerOf = createReaders();
  const settings: FitSettings = { ...limits, countTokens: loadedOnce(countTokens) };
  const standings = new WeakMap<Inquiry, Standing>();
  const divided = new Recent<Division>(DIVIDED_LATELY);
  return {
    next: (inquiry, replies) =>
      standingOf(inquiry).pipe(
        switchMap((standing) => follow(inquiry, replies, standing)),
        catchError((error: unknown) => of(notAsked(error, replies))),
      ),
    course: (inquiry) => standingOf(inquiry).pipe(map(({ course }) => course)),
  };

  function standingOf(inquiry: Inquiry): Observable<Standing> {
    const known = standings.get(inquiry);
    if (known !== undefined) return of(known);
    return renderPrompt(inquiry, inquiry.parts).pipe(
      switchMap((whole) => requireFacts(whole, inquiry.recipe.handling, settings.models)),
      switchMap((whole) =>
        planCourse(inquiry, whole, settings, divided).pipe(map((course): Standing => ({ whole, course }))),
      ),
      tap((standing) => standings.set(inquiry, standing)),
    );
  }

  function follow(inquiry: Inquiry, replies: readonly Reply[], standing: Standing): Observable<Move> {
    const { onLength, output } = inquiry.recipe.handling;
    const { whole, course } = standing;
    return readerOf(output).pipe(
      switchMap((read) => {
        const rules: ChainRules = { onLength, read };
        const progress = progressIn(standing, replies, rules);
        return nextRequest({ inquiry, whole, course, rules, settings }, progress);
      }),
    );
  }
}

/** Each reply is read once, as long as the replies of an inquiry only become more. */
function progressIn(standing: Standing, replies: readonly Reply[], rules: ChainRules): Progress {
  const { reached } = standing;
  const goesOn = reached?.replies.every((reply, index) => reply === replies[index]) ?? false;
  const progress =
    reached !== undefined && goesOn
      ? progressOf(replies.slice(reached.replies.length), rules, reached.progress)
      : progressOf(replies, rules);
  standing.reached = { replies, progress };
  return progress;
}

/** What was paid for so far is not lost. */
function notAsked(error: unknown, replies: readonly Reply[]): Move {
  if (error instanceof NotNow) return { kind: 'later', reason: error.message };
  const code = error instanceof Unaskable ? error.code : 'unexpected';
  const partial = replies.map(({ text }) => text).join('\n\n');
  return { kind: 'refused', code, reason: errorMessage(error), partial: partial === '' ? null : partial };
}

function loadedOnce(load: () => Promise<CountTokens>): () => Observable<CountTokens> {
  let loaded: Promise<CountTokens> | undefined;
  return () => {
    loaded ??= load();
    return from(loaded);
  };
}
