import type { DocumentEvent, GateEvent, PipelineEvent } from '../domain/events.ts';
import type { Stopping } from './tally.ts';
import {
  coolingInWords,
  counted,
  type Description,
  durationInWords,
  elapsedInWords,
  limitedInWords,
  pacedInWords,
  pausedInWords,
} from './words.ts';

/** What log and terminal say of an event. */
export function describeEvent(event: PipelineEvent): Description {
  return 'id' in event ? describeDocument(event) : describeRun(event);
}

function describeDocument(event: DocumentEvent): Description {
  switch (event.type) {
    case 'document-queued':
      return debug('queued');
    case 'document-skipped':
      return debug(`skipped: ${event.reason}`);
    case 'document-waiting':
      return debug(`waiting: ${event.reason}`);
    case 'attempt-started':
      return debug(`attempt ${event.number} started`);
    case 'attempt-finished':
      return debug(attemptInWords(event));
    case 'attempt-interrupted':
      return { level: 'warn', message: interruptedInWords(event) };
    case 'document-succeeded':
      return { level: 'info', message: `answered in ${elapsedInWords(event.seconds)}: ${event.result}` };
    case 'document-reused':
      return { level: 'info', message: reusedInWords(event) };
    case 'document-departed':
      return debug(event.to === null ? 'deleted from the inbox' : `moved to the archive: ${event.to}`);
    case 'document-held':
      return event.earlier
        ? debug(`held earlier: ${event.reason}`)
        : { level: 'warn', message: `held for a person: ${event.reason}; \`sluice retry\` sends it again` };
    case 'document-failed':
      return event.earlier
        ? debug(`failed earlier: ${event.reason}`)
        : { level: 'warn', message: `failed: ${event.reason}` };
    case 'document-reopened':
      return { level: 'warn', message: `not failed after all: ${event.reason}` };
    case 'document-pending':
      return debug(`pending: ${event.reason}`);
    case 'document-noted':
      return { level: 'info', message: event.message };
    case 'document-gone':
      return { level: 'info', message: 'gone from the inbox before it was sent' };
  }
}

function describeRun(event: Exclude<PipelineEvent, DocumentEvent>): Description {
  switch (event.type) {
    case 'scan-finished':
      return { level: event.initial ? 'info' : 'debug', message: scanInWords(event) };
    case 'watcher-degraded':
      return { level: 'warn', message: `file events cannot be relied on, scans go on: ${event.reason}` };
    case 'inbox-lost':
      return { level: 'error', message: `the inbox cannot be read: ${event.reason}` };
    case 'inbox-found':
      return { level: 'info', message: 'the inbox can be read again' };
    case 'gate-cooling':
    case 'gate-limited':
    case 'gate-paced':
    case 'gate-probing':
    case 'gate-recovered':
    case 'gate-paused':
    case 'gate-resumed':
      return describeGate(event);
    case 'recipe-barred':
      return { level: 'warn', message: `${event.reason} Its documents are pending.` };
    case 'run-stopping':
      return { level: 'warn', message: stoppingInWords(event) };
    case 'run-noted':
      return { level: event.level, message: event.message };
  }
}

function attemptInWords({ attempt, retryInSeconds }: Extract<PipelineEvent, { type: 'attempt-finished' }>): string {
  return `attempt ${attempt.number}: ${attempt.message}${nextInWords(retryInSeconds)}`;
}

function nextInWords(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds === 0 ? ', next at once' : `, next in ${durationInWords(seconds)}`;
}

function interruptedInWords({ attempt }: Extract<PipelineEvent, { type: 'attempt-interrupted' }>): string {
  return `attempt ${attempt.number} was in flight when the program last died; it may have been billed`;
}

function reusedInWords({ id, result, from }: Extract<PipelineEvent, { type: 'document-reused' }>): string {
  return `reused, at no cost: ${result}${from === id ? '' : ` (the answer to ${from})`}`;
}

function scanInWords({ documents, settling }: Extract<PipelineEvent, { type: 'scan-finished' }>): string {
  const young = settling === 0 ? '' : `, ${settling} of them too young to be read`;
  return `${counted(documents, 'document')} in the inbox${young}`;
}

/** Why a run ends, and what it waits for. */
export function stoppingInWords({ reason, signal, graceSeconds }: Stopping): string {
  const wait = reason === 'signal' ? `, at most ${durationInWords(graceSeconds)} (once more ends it at once)` : '';
  return `stopping (${signal ?? reason}): no new call, those in flight finish${wait}`;
}

function debug(message: string): Description {
  return { level: 'debug', message };
}

/** What log and terminal say of the gate. */
export function describeGate(event: GateEvent): Description {
  switch (event.type) {
    case 'gate-cooling':
      return info(coolingInWords(event));
    case 'gate-limited':
      return info(`${limitedInWords(event.calls)}: ${event.reason}`);
    case 'gate-paced':
      return info(
        event.callsPerMinute === null
          ? 'no longer paced'
          : `${pacedInWords(event.callsPerMinute)}, as the API takes them`,
      );
    case 'gate-probing':
      return { level: 'warn', message: `one call at a time to ${event.model}: ${event.reason}` };
    case 'gate-recovered':
      return { level: 'warn', message: `${event.model} answers again: no longer one call at a time` };
    case 'gate-paused':
      return { level: event.scope === 'budget' ? 'warn' : 'error', message: pausedInWords(event) };
    case 'gate-resumed':
      return info(`no longer paused: ${event.scope}`);
  }
}

function info(message: string): Description {
  return { level: 'info', message };
}
