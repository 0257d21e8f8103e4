import type { AttemptRecord } from '../domain/attempt.ts';
import type { Pause, PipelineEvent } from '../domain/events.ts';
import { type DocumentPhase, moveOf } from './document-phase.ts';
import type { Stopping, Tally } from './tally.ts';

/** Pure. `from` is the phase that the event's document was in; null where it was not known. */
export function reduceTally(tally: Tally, event: PipelineEvent, from: DocumentPhase | null, nowMs: number): Tally {
  // One copy, changed in place: events come by the hundred thousand.
  const next = { ...tally };
  const to = moveOf(event)?.to;
  if (to !== undefined) {
    next[to] += 1;
    if (from !== null) next[from] -= 1;
  }
  count(next, event, nowMs);
  return next;
}

type Draft = { -readonly [Field in keyof Tally]: Tally[Field] };

function count(tally: Draft, event: PipelineEvent, nowMs: number): void {
  switch (event.type) {
    case 'attempt-started':
      tally.attempts += 1;
      tally.retries += event.repeated ? 1 : 0;
      break;
    case 'attempt-finished':
      countAttempt(tally, event.attempt);
      break;
    case 'attempt-interrupted':
      tally.inDoubtBefore += 1;
      break;
    case 'document-skipped':
      tally.stale += event.stale ? 1 : 0;
      break;
    case 'document-succeeded':
    case 'document-reused':
      tally.worked += 1;
      break;
    case 'document-held':
    case 'document-failed':
      tally.worked += event.earlier ? 0 : 1;
      break;
    case 'scan-finished':
      tally.listed = true;
      tally.ignored = event.ignored;
      // What follows a reload begins with a scan.
      tally.stopping = tally.stopping?.reason === 'reload' ? null : tally.stopping;
      break;
    case 'inbox-lost':
      tally.inboxLost = event.reason;
      break;
    case 'inbox-found':
      tally.inboxLost = null;
      break;
    case 'gate-cooling':
      tally.cooling = later(tally.cooling, { untilMs: nowMs + event.seconds * 1000, reason: event.reason });
      break;
    case 'gate-paused':
      tally.paused = { ...tally.paused, [pauseName(event)]: event.reason };
      break;
    case 'gate-resumed': {
      const { [pauseName(event)]: _, ...paused } = tally.paused;
      tally.paused = paused;
      break;
    }
    case 'run-stopping':
      stop(tally, event);
      break;
    case 'document-queued':
    case 'document-waiting':
    case 'document-departed':
    case 'document-reopened':
    case 'document-pending':
    case 'document-gone':
    case 'watcher-degraded':
    case 'run-noted':
      break;
  }
}

function countAttempt(tally: Draft, { billing, costUsd, promptTokens, completionTokens }: AttemptRecord): void {
  tally.inDoubt += billing === 'in doubt' ? 1 : 0;
  tally.promptTokens += promptTokens ?? 0;
  tally.completionTokens += completionTokens ?? 0;
  tally.costUsd += costUsd ?? 0;
  tally.costUnknownAttempts += billing !== 'none' && costUsd === null ? 1 : 0;
}

function later(one: Tally['cooling'], other: NonNullable<Tally['cooling']>): NonNullable<Tally['cooling']> {
  return one !== null && one.untilMs > other.untilMs ? one : other;
}

/** The first reason stands, but for a reload: it ends nothing for good, and what follows it has a gate of its own. */
function stop(tally: Draft, event: Stopping): void {
  if (tally.stopping === null || tally.stopping.reason === 'reload') tally.stopping = event;

  if (event.reason === 'reload') {
    tally.paused = {};
    tally.cooling = null;
  }
}

function pauseName(pause: Pause): string {
  return pause.scope === 'model' ? `model ${pause.model}` : pause.scope;
}
