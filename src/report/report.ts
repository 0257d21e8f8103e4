import { ignoreElements, type Observable, tap } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import type { Clock } from '../lib/clock.ts';
import { createLog, permanentLine } from './log.ts';
import { createScreen, progress, type TerminalStream } from './progress.ts';
import type { RunningTally } from './running-tally.ts';
import { redact, visible } from './words.ts';

interface ReportSettings {
  /** A terminal gets progress for people, anything else JSON lines. */
  readonly stderr: TerminalStream & { readonly fd: number };
  /** `NO_COLOR`, `CI` and `TERM=dumb` are respected. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logLevel: string;
  /** Keys: nothing that is written contains one. */
  readonly secrets: Iterable<string>;
  readonly clock: Clock;
}

interface Report {
  /** Reports what happens, as it happens; `tally` has counted it. Emits nothing, and completes with the events. */
  present(events: Observable<PipelineEvent>, tally: Pick<RunningTally, 'snapshot'>): Observable<never>;
  /** Writes one line about the program itself, such as that a folder was made. */
  note(message: string): void;
}

/** Writes all that a run says to stderr, for people or for machines. */
export function createReport(settings: ReportSettings): Report {
  return settings.stderr.isTTY === true ? forPeople(settings) : forMachines(settings);
}

function forPeople({ stderr, environment, logLevel, secrets, clock }: ReportSettings): Report {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== '';
  const screen = createScreen(stderr, !isSet('CI') && environment['TERM'] !== 'dumb');
  const color = !isSet('NO_COLOR') && environment['TERM'] !== 'dumb';
  const safe = redact(secrets);
  const line = (event: PipelineEvent): string | null => {
    const text = permanentLine(event, logLevel, color);
    return text === null ? null : safe(text);
  };
  return {
    present: (events, tally) => progress(events, tally, { screen, clock, line }),
    note: (message) => screen.draw([safe(visible(message))], []),
  };
}

function forMachines({ stderr, logLevel, secrets }: ReportSettings): Report {
  const { write, note } = createLog({ fd: stderr.fd, level: logLevel, secrets });
  return { present: (events) => events.pipe(tap(write), ignoreElements()), note };
}
