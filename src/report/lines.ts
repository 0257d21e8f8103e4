import pino from 'pino';
import type { PipelineEvent } from '../domain/events.ts';
import { levelOf, messageOf } from './describe-event.ts';
import type { Tone } from './screen.ts';
import { elapsedInWords, usd, visible } from './words.ts';

/** What a person should know although nothing is wrong. */
const NOTES: ReadonlySet<PipelineEvent['type']> = new Set(['run-started', 'run-noted', 'document-noted']);

type AnswerEvent = Extract<PipelineEvent, { type: 'document-succeeded' | 'document-reused' }>;

export function isAnswer(event: PipelineEvent): event is AnswerEvent {
  return event.type === 'document-succeeded' || event.type === 'document-reused';
}

/**
 * Whether an event leaves a line on a terminal: failures, pauses, warnings, notes and answers; at the level `debug` also
 * what goes on between them.
 */
export function isKept(event: PipelineEvent, logLevel: string): boolean {
  const level = levelOf(event);
  if (!isEnabled(level, logLevel)) return false;
  return level !== 'info' || isAnswer(event) || NOTES.has(event.type) || isEnabled('debug', logLevel);
}

export function isEnabled(level: string, logLevel: string): boolean {
  const { values } = pino.levels;
  // `silent` is no level of pino's.
  return (values[level] ?? 0) >= (values[logLevel] ?? Infinity);
}

/** An event on one line. `simulated`: nothing was paid. */
export function lineOf(event: PipelineEvent, simulated: boolean): string {
  if (isAnswer(event)) return answerLine(event, simulated);
  const message = messageOf(event);
  return visible('id' in event ? `${event.id}: ${message}` : message);
}

function answerLine(event: AnswerEvent, simulated: boolean): string {
  const result = visible(event.result);
  if (event.type === 'document-reused') return `reused ${result}, at no cost`;
  const { seconds, costUsd } = event;
  const cost = costUsd === null ? 'cost unknown' : `${simulated ? 'would cost ' : ''}${usd(costUsd)}`;
  return `answered ${result}, ${elapsedInWords(seconds)}, ${cost}`;
}

export function meaningOf(event: PipelineEvent): Tone {
  if (isAnswer(event)) return 'success';
  const level = levelOf(event);
  if (level === 'error' || (event.type === 'document-failed' && !event.earlier)) return 'failure';
  if (level === 'warn') return 'warning';
  return level === 'debug' ? 'aside' : 'plain';
}

/** Lines at once, and a second after that: a person reads no more. */
const AT_ONCE = 5;
const PER_SECOND = 2;
/** Of quiet, after which is told how many were left out. */
const QUIET_MS = 1000;

/** Answers that come faster than one can read: how many are left out, and when that is said. */
export class Folding {
  #room = AT_ONCE;
  #filledMs = 0;
  #leftOutMs = 0;
  #leftOut = 0;

  /** Whether the next answer gets a line. If it does and others did not, `takeLeftOut` says how many. */
  admits(nowMs: number): boolean {
    this.#room = Math.min(AT_ONCE, this.#room + ((nowMs - this.#filledMs) / 1000) * PER_SECOND);
    this.#filledMs = nowMs;
    const lines = this.#leftOut > 0 ? 2 : 1;
    if (this.#room >= lines) {
      this.#room -= lines;
      return true;
    }
    this.#leftOut += 1;
    this.#leftOutMs = nowMs;
    return false;
  }

  /** How many got no line since the last time. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }

  /** The same, once no answer came for a while. */
  takeIfQuiet(nowMs: number): number {
    return nowMs - this.#leftOutMs >= QUIET_MS ? this.takeLeftOut() : 0;
  }
}
