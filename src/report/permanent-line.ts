import type { PipelineEvent } from '../domain/events.ts';
import { describeEvent } from './describe-event.ts';
import type { EventLevel } from './description.ts';
import { visible } from './visible.ts';

/** Log levels that silence a line of this level too. */
const SILENCED_BY: Readonly<Record<EventLevel, readonly string[]>> = {
  error: ['silent', 'fatal'],
  warn: ['silent', 'fatal', 'error'],
  info: ['silent', 'fatal', 'error', 'warn'],
  debug: ['silent', 'fatal', 'error', 'warn', 'info'],
};

/** What a person should know though nothing is wrong. */
const NOTES: ReadonlySet<PipelineEvent['type']> = new Set(['run-noted', 'document-noted']);

/**
 * What a terminal keeps of an event: failures, pauses, warnings and notes as one line, other events not at all (null).
 * `color` paints the line by how bad it is.
 */
export function permanentLine(event: PipelineEvent, logLevel: string, color: boolean): string | null {
  const { level, message } = describeEvent(event);
  const isKept = level === 'error' || level === 'warn' || NOTES.has(event.type);
  if (!isKept || SILENCED_BY[level].includes(logLevel)) return null;

  const line = visible('id' in event ? `${event.id}: ${message}` : message);
  return color ? painted(line, level) : line;
}

/** By hand: node's `styleText` judges by stdout, which is not where this goes. */
function painted(line: string, level: EventLevel): string {
  const code = { error: 31, warn: 33, info: 39, debug: 39 }[level];
  return `\u001B[${code}m${line}\u001B[39m`;
}
