import pino from 'pino';
import type { PipelineEvent } from '../domain/events.ts';
import { levelOf, messageOf } from './describe-event.ts';
import { redact } from './words.ts';

interface LogSettings {
  /** A file descriptor: 2 is stderr. */
  readonly fd: number;
  /** One of pino's levels, or `silent`. */
  readonly level: string;
  /** Values that no line may contain: see `redact`. */
  readonly secrets: Iterable<string>;
}

/** How many characters wait while the destination takes none; lines beyond that are dropped. */
const KEPT_CHARACTERS = 1_000_000;

/**
 * JSON lines, one per event that the level lets through, written at once so that none is lost at exit. A log that cannot be
 * written is no error.
 */
export function createLog({ fd, level, secrets }: LogSettings) {
  const destination = pino.destination({ fd, sync: true, maxLength: KEPT_CHARACTERS });
  destination.on('error', () => {});
  const safe = redact(secrets);
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => destination.write(safe(line)) },
  );

  return {
    write: (event: PipelineEvent): void => {
      const eventLevel = levelOf(event);
      if (logger.isLevelEnabled(eventLevel)) logger[eventLevel](record(event), messageOf(event));
    },
  };
}

/** The event's own fields, with the document's id under the name `document`. */
function record(event: PipelineEvent): Record<string, unknown> {
  // Its level and message are those of the line.
  if (event.type === 'run-noted') return { event: event.type };

  const { type, ...facts } = event;
  if (!('id' in facts)) return { event: type, ...facts };

  const { id, ...others } = facts;
  return { event: type, document: id, ...others };
}
