import { leftOutInWords } from '../domain/document.ts';
import type { DocumentEvent, PipelineEvent, RunEvent, Stop } from '../domain/events.ts';
import { numeral } from '../lib/text.ts';
import type { Stopping } from './tally.ts';
import {
  coolingInWords,
  counted,
  durationInWords,
  elapsedInWords,
  limitedInWords,
  pacedInWords,
  pausedInWords,
  usd,
  visible,
} from './words.ts';

export type EventLevel = 'error' | 'warn' | 'info' | 'debug';

/** How much an event matters. A function of its own, as most events are never put into words. */
export function levelOf(event: PipelineEvent): EventLevel {
  switch (event.type) {
    case 'document-queued':
    case 'document-skipped':
    case 'document-waiting':
    case 'document-departed':
    case 'document-pending':
    case 'attempt-started':
    case 'attempt-finished':
      return 'debug';
    case 'document-held':
    case 'document-failed':
      return event.earlier ? 'debug' : 'warn';
    case 'scan-finished':
      return event.initial ? 'info' : 'debug';
    case 'run-started':
    case 'document-succeeded':
    case 'document-reused':
    case 'document-noted':
    case 'document-gone':
    case 'inbox-found':
    case 'gate-cooling':
    case 'gate-limited':
    case 'gate-paced':
    case 'gate-resumed':
      return 'info';
    case 'attempt-interrupted':
    case 'document-read-in-part':
    case 'document-reopened':
    case 'watcher-degraded':
    case 'gate-probing':
    case 'gate-recovered':
    case 'recipe-barred':
    case 'run-stopping':
      return 'warn';
    case 'gate-paused':
      if (event.scope === 'person') return 'info';
      return event.scope === 'budget' ? 'warn' : 'error';
    case 'inbox-lost':
      return 'error';
    case 'run-noted':
      return event.level;
  }
}

/** What log and terminal say of an event: a sentence without the document's name. */
export function messageOf(event: PipelineEvent): string {
  return 'id' in event ? documentMessage(event) : runMessage(event);
}

function documentMessage(event: DocumentEvent): string {
  switch (event.type) {
    case 'document-queued':
      return 'queued';
    case 'document-skipped':
      return `skipped: ${event.reason}`;
    case 'document-waiting':
      return `waiting: ${event.reason}`;
    case 'attempt-started':
      return `attempt ${event.number} started`;
    case 'attempt-finished':
      return `attempt ${event.attempt.number}: ${event.attempt.message}${nextInWords(event.retryInSeconds)}`;
    case 'attempt-interrupted':
      return `attempt ${event.attempt.number} was in flight when the program last died; it may have been billed`;
    case 'document-succeeded':
      return `answered in ${elapsedInWords(event.seconds)}: ${event.result}`;
    case 'document-reused':
      return `reused, at no cost: ${event.result}${event.from === event.id ? '' : ` (the answer to ${event.from})`}`;
    case 'document-departed':
      return event.to === null ? 'deleted from the inbox' : `moved to the archive: ${event.to}`;
    case 'document-held':
      return `${event.earlier ? 'held earlier' : 'held for a person'}: ${event.reason}`;
    case 'document-failed':
      return `${event.earlier ? 'failed earlier' : 'failed'}: ${event.reason}`;
    case 'document-reopened':
      return `its failure is taken back, as other documents fail alike: ${event.reason}`;
    case 'document-pending':
      return `pending: ${event.reason}`;
    case 'document-read-in-part':
      return `read in part; the model was told that this was left out: ${visible(leftOutInWords(event.leftOut))}`;
    case 'document-noted':
      return event.message;
    case 'document-gone':
      return 'gone from the inbox before it was sent';
  }
}

function runMessage(event: Exclude<PipelineEvent, DocumentEvent>): string {
  switch (event.type) {
    case 'run-started':
      return startedInWords(event);
    case 'scan-finished': {
      const { documents, settling } = event;
      const young = settling === 0 ? '' : `, ${settling} of them too young to be read yet`;
      return `${counted(documents + settling, 'document')} found${young}`;
    }
    case 'watcher-degraded':
      return `file events cannot be relied on, scans go on: ${event.reason}`;
    case 'inbox-lost':
      return `the inbox cannot be read: ${event.reason}`;
    case 'inbox-found':
      return 'the inbox can be read again';
    case 'gate-cooling':
      return coolingInWords(event.seconds, event.reason, event.limit);
    case 'gate-limited':
      return `${limitedInWords(event.calls)}: ${event.reason}`;
    case 'gate-paced':
      return event.callsPerMinute === null
        ? 'no longer paced'
        : `${pacedInWords(event.callsPerMinute)}, as the API takes them`;
    case 'gate-probing':
      return `one call at a time to ${event.model}: ${event.reason}`;
    case 'gate-recovered':
      return `${event.model} answers again: no longer one call at a time`;
    case 'gate-paused':
      return pausedInWords(event);
    case 'gate-resumed':
      return `no longer paused: ${event.scope}`;
    case 'recipe-barred':
      return event.name === ''
        ? `${event.document} is not sent. ${event.reason}`
        : `${event.reason} Its documents are pending.`;
    case 'run-stopping':
      return stoppingInWords(event);
    case 'run-noted':
      return event.message;
  }
}

function nextInWords(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds === 0 ? ', next at once' : `, next in ${durationInWords(seconds)}`;
}

/** Why a run ends, and what it waits for. */
export function stoppingInWords({ reason, signal, graceSeconds }: Stopping): string {
  const ending = `stopping, as ${WHY_STOPPING[signal ?? reason]}: no new call, those in flight finish`;
  if (reason !== 'signal' && reason !== 'duration') return ending;
  const again = signal === null ? 'Ctrl-C' : 'once more';
  return `${ending}, at most ${durationInWords(graceSeconds)} (${again} ends it at once)`;
}

const WHY_STOPPING = {
  account: 'the account was refused',
  model: 'the model takes no request',
  budget: 'too little of the budget is left',
  disk: 'the disk or the ledger refused',
  duration: 'the time of --max-duration is over',
  request: 'its answers are no longer wanted',
  reload: 'the configuration changed',
  signal: 'a signal came',
  SIGINT: 'you asked',
  SIGTERM: 'the signal SIGTERM came',
} as const satisfies Record<Stop | 'SIGINT' | 'SIGTERM', string>;

type Started = Extract<RunEvent, { type: 'run-started' }>;

/** What a run is about to do: by which recipe, by whom, how fast, and the most that one call can cost. */
function startedInWords(started: Started): string {
  const { once, inbox, outbox, recipe, model, api } = started;
  const asked = `${recipe}: ${model} at ${api === 'simulator' ? 'the simulator' : api}, ${calls(started)}, ${costs(started)}.`;
  const results = outbox === null ? '' : ` Results go to ${outbox}.`;
  if (inbox === null) return `Asking ${asked}${results}`;
  return `${once ? 'Working off' : 'Watching'} ${inbox} with ${asked}${results}`;
}

function costs({ answerUsd, promptUsd, maxTokens, inboxRecipes, fees }: Started): string {
  if (answerUsd === null || promptUsd === null) return 'each at a price that is not known before the API tells it';
  const notes = [
    fees ? ['fees of plugins come on top'] : [],
    inboxRecipes ? ['recipes in the inbox may differ'] : [],
  ].flat();
  const but = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  if (answerUsd === 0 && promptUsd === 0) return `each free of charge${but}`;
  const prompt = promptUsd === 0 ? '' : ` and its prompt (${usd(promptUsd)} a million tokens)`;
  return `each at most ${usd(answerUsd)}${but} for an answer of ${counted(maxTokens, 'token')}${prompt}`;
}

function calls({ concurrency, concurrencyMax, rpm, tpm }: Started): string {
  const atOnce =
    concurrency === 'auto'
      ? `as many calls at once as bring more answers, at most ${numeral(concurrencyMax)}`
      : `${counted(concurrency, 'call')} at once`;
  const rates = [rpm === null ? [] : [counted(rpm, 'call')], tpm === null ? [] : [counted(tpm, 'token')]].flat();
  return rates.length === 0 ? atOnce : `${atOnce}, at most ${rates.join(' and ')} a minute`;
}
