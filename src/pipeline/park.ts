import type { AskSettings } from './context.ts';
import { pending, type Step, type Work } from './work-item.ts';

/** What could not be learned of a model is asked for again after a minute. */
const ANOTHER_LOOK_SECONDS = 90;

/** The document stays where it is, and comes back to a run that waits: outside the stream, where it holds no place. */
export function notNow({ waitsForParked, clock }: AskSettings, work: Work, reason: string): Step {
  if (!waitsForParked) return pending(work, reason);
  const after = ANOTHER_LOOK_SECONDS * 1000;
  return { ...pending(work, reason, Math.round(clock.wall() + after)), next: { item: work, after } };
}
