import { concat, defer, ignoreElements, type Observable, of, tap } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import { type Clock, monotonicClock } from '../lib/clock.ts';
import { createLog, permanentLine } from './log.ts';
import { createScreen, progress, type TerminalStream } from './progress.ts';
import { RunningTally } from './running-tally.ts';
import type { Tally } from './tally.ts';
import { redact, visible } from './words.ts';

interface ReportSettings {
  /** A terminal gets progress for people, anything else JSON lines. */
  readonly stderr: TerminalStream & { readonly fd: number };
  /** `NO_COLOR`, `CI` and `TERM=dumb` are respected. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logLevel: string;
  /** Keys: they are kept out of whatever is written. */
  readonly secrets: Iterable<string>;
  /** @default monotonicClock */
  readonly clock?: Clock;
}

interface Report {
  /** Reports what happens, as it happens. Emits the tally once, when the events end. */
  follow(events: Observable<PipelineEvent>): Observable<Tally>;
  /** One line about the program itself, such as that a folder was made. */
  note(message: string): void;
}

/** Reports to people or to machines. */
interface Presenter extends Pick<Report, 'note'> {
  /** Presents the events, which `tally` counts. Emits nothing, and ends with them. */
  present(events: Observable<PipelineEvent>, tally: RunningTally): Observable<never>;
}

/** Everything that a run says on stderr, from one subscription to its events. */
export function createReport({ clock = monotonicClock, ...settings }: ReportSettings): Report {
  const presenter = settings.stderr.isTTY === true ? forPeople(settings, clock) : forMachines(settings);
  return {
    note: presenter.note,
    follow: (events) =>
      defer(() => {
        const tally = new RunningTally(clock);
        const counted = events.pipe(tap((event) => tally.count(event)));
        return concat(
          presenter.present(counted, tally),
          defer(() => of(tally.snapshot())),
        );
      }),
  };
}

function forPeople({ stderr, environment, logLevel, secrets }: Omit<ReportSettings, 'clock'>, clock: Clock): Presenter {
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

function forMachines({ stderr, logLevel, secrets }: Omit<ReportSettings, 'clock'>): Presenter {
  const { write, note } = createLog({ fd: stderr.fd, level: logLevel, secrets });
  return { present: (events) => events.pipe(tap(write), ignoreElements()), note };
}
