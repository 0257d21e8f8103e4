import pino from 'pino';
import { ignoreElements, type Observable, tap } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import type { Clock } from '../lib/clock.ts';
import { levelOf, messageOf } from './describe-event.ts';
import type { FrameSource } from './frames.ts';
import type { Keyboard } from './keyboard.ts';
import { isAnswer, isEnabled, lineOf, meaningOf } from './lines.ts';
import { progress } from './progress.ts';
import type { RunningTally } from './running-tally.ts';
import { createScreen, paintFor, type TerminalStream } from './screen.ts';
import { redact } from './words.ts';

export interface ReportSettings extends Omit<FrameSource, 'live'> {
  readonly stderr: TerminalStream & { readonly fd: number };
  /** `NO_COLOR`, `FORCE_COLOR`, `CI` and `TERM=dumb` are respected. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logLevel: string;
  /** Lines for people or of JSON; null: for people where stderr is a terminal. */
  readonly logFormat: 'text' | 'json' | null;
  /** A file that gets lines of JSON, too. */
  readonly logFile: number | null;
  /** Only warnings and failures, and no progress. */
  readonly quiet: boolean;
  /** Keys: nothing that is written contains one. */
  readonly secrets: Iterable<string>;
  readonly clock: Clock;
  /** Opened where there is progress. */
  readonly openKeyboard: () => Keyboard | null;
  /** As in `progress`. */
  readonly textOf: ((result: string) => readonly string[]) | null;
}

interface Report {
  /** Reports what happens, as it happens; `tally` has counted it. Emits nothing, and completes with the events. */
  present(events: Observable<PipelineEvent>, tally: RunningTally): Observable<never>;
  /** Lets others write to the same terminal: takes away what is drawn there until the next frame. */
  makeRoom(): void;
}

/** Writes all that a run says to stderr, and to the log file. */
export function createReport(settings: ReportSettings): Report {
  const { stderr, logFile, logLevel, secrets } = settings;
  const isTerminal = stderr.isTTY === true;
  const isText = (settings.logFormat ?? (isTerminal ? 'text' : 'json')) === 'text';
  // With `--quiet`, nothing that is less than a warning.
  const shown = { ...settings, logLevel: settings.quiet && isEnabled('warn', logLevel) ? 'warn' : logLevel };
  const report = isText ? (isTerminal ? onTerminal(shown) : asText(shown)) : asJson(shown);
  if (logFile === null) return report;
  const file = createLog({ fd: logFile, level: logLevel, secrets });
  return { ...report, present: (events, tally) => report.present(events.pipe(tap(file)), tally) };
}

function onTerminal(settings: ReportSettings): Report {
  const { stderr, environment, quiet, secrets, openKeyboard, logLevel } = settings;
  const isSet = (name: string): boolean => (environment[name] ?? '') !== '';
  const live = !isSet('CI') && environment['TERM'] !== 'dumb' && !quiet && logLevel !== 'silent';
  const screen = createScreen(stderr, live);
  const paint = paintFor(true, environment);
  const safe = redact(secrets);
  return {
    present: (events, tally) =>
      progress(events, tally, {
        ...settings,
        screen,
        paint,
        safe,
        source: { ...settings, live },
        keyboard: live ? openKeyboard() : null,
      }),
    makeRoom: () => screen.clear(),
  };
}

/** Where people read later: a line for each event that the level lets through, with its time. */
function asText({ stderr, environment, secrets, clock, logLevel, textOf }: ReportSettings): Report {
  const paint = paintFor(false, environment);
  const safe = redact(secrets);
  const write = (text: string): void => {
    stderr.write(`${new Date(clock.wall()).toTimeString().slice(0, 8)}  ${text}\n`);
  };
  return {
    present: (events, tally) =>
      events.pipe(
        tap((event) => {
          if (!isEnabled(levelOf(event), logLevel)) return;
          write(paint(safe(lineOf(event, tally.simulated)), meaningOf(event)));
          if (isAnswer(event)) for (const line of textOf?.(event.result) ?? []) stderr.write(`  ${safe(line)}\n`);
        }),
        ignoreElements(),
      ),
    makeRoom: () => undefined,
  };
}

function asJson({ stderr: { fd }, logLevel: level, secrets }: ReportSettings): Report {
  const log = createLog({ fd, level, secrets });
  return { present: (events) => events.pipe(tap(log), ignoreElements()), makeRoom: () => undefined };
}

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
 * Writes an event as a line of JSON if the level lets it through; at once, so that none is lost at exit. A log that cannot be
 * written is no error.
 */
export function createLog({ fd, level, secrets }: LogSettings): (event: PipelineEvent) => void {
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
  return (event) => {
    const eventLevel = levelOf(event);
    if (logger.isLevelEnabled(eventLevel)) logger[eventLevel](record(event), messageOf(event));
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
