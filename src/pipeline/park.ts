import { concat, ignoreElements, type Observable, of } from 'rxjs';
import type { Question } from './call-outcome.ts';
import type { AskPorts, AskSettings } from './context.ts';
import { isSameRecipe } from './document-status.ts';
import { pending, type Step, type Work } from './work-item.ts';

/** What could not be learned of a model is asked for again after a minute. */
const ANOTHER_LOOK_SECONDS = 90;

/** The document stays where it is, and comes back to a run that waits: outside the stream, where it holds no place. */
export function notNow({ waitsForParked, clock }: AskSettings, work: Work, reason: string): Step {
  if (!waitsForParked) return pending(work, reason);
  const after = ANOTHER_LOOK_SECONDS * 1000;
  return { ...pending(work, reason, Math.round(clock.wall() + after)), next: { item: work, after } };
}

/**
 * It stays where it is, and comes back when there is money again. Another run may have some before: the ledger is told
 * no time. Scans bring it meanwhile: it is not read again for that as long as its recipe stays as it is.
 */
export function ofSpentRecipe(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  refilledAt: number | null,
): Observable<Step> {
  const { document, recipe } = question;
  const reason = `what may be spent with ${recipe.name} (max_cost) is spent`;
  const event = { type: 'document-pending', id: document.id, reason, dueAt: refilledAt, cause: 'budget' } as const;
  if (refilledAt === null || !settings.waitsForParked) return of({ event });
  const stays = (): boolean => isSameRecipe(ports.recipes.choose(document), recipe, document);
  const next = { item: work, after: Math.max(0, refilledAt - settings.clock.wall()), stays };
  const noted = ports.ledger
    .settle({ ...question, api: recipe.api, state: 'pending', dueAt: null })
    .pipe(ports.disk.untilWell(), ignoreElements());
  return concat(noted, of({ event, next }));
}
