import type { PipelineEvent } from '../domain/events.ts';

/**
 * Where a document is. Each phase is also the name of the count of documents in it. `overBudget`: it is pending, as what
 * its recipe may cost is used up.
 */
export type DocumentPhase =
  | 'queued'
  | 'running'
  | 'filing'
  | 'waiting'
  | 'pending'
  | 'overBudget'
  | 'held'
  | 'failed'
  | 'succeeded'
  | 'reused'
  | 'skipped'
  | 'gone';

/** The document that an event moves, and to where; null where it moves none. */
export function moveOf(event: PipelineEvent): { readonly id: string; readonly to: DocumentPhase } | null {
  if (!('id' in event)) return null;

  switch (event.type) {
    case 'document-queued':
      return { id: event.id, to: 'queued' };
    case 'document-waiting':
      return { id: event.id, to: 'waiting' };
    case 'attempt-started':
      return { id: event.id, to: 'running' };
    case 'attempt-finished':
      return { id: event.id, to: event.retryInSeconds === null ? 'filing' : 'waiting' };
    case 'document-succeeded':
      return { id: event.id, to: 'succeeded' };
    case 'document-reused':
      return { id: event.id, to: 'reused' };
    case 'document-held':
      return { id: event.id, to: 'held' };
    case 'document-failed':
      return { id: event.id, to: 'failed' };
    case 'document-skipped':
      return { id: event.id, to: 'skipped' };
    case 'document-pending':
      return { id: event.id, to: event.cause === 'budget' ? 'overBudget' : 'pending' };
    case 'document-reopened':
      return { id: event.id, to: 'pending' };
    case 'document-gone':
      return { id: event.id, to: 'gone' };
    case 'attempt-interrupted':
    case 'document-departed':
    case 'document-noted':
      return null;
  }
}

/** True where nothing more is to come of a document, so that it need not be remembered. */
export function isFinal(phase: DocumentPhase): boolean {
  return phase === 'succeeded' || phase === 'reused' || phase === 'skipped' || phase === 'gone';
}
