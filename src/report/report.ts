import { connect, last, map, merge, type Observable } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import { type Clock, monotonicClock } from '../lib/clock.ts';
import { createLog, permanentLine } from './log.ts';
import { createScreen, progress, type TerminalStream } from './progress.ts';
import { type Told, tell } from './reduce-tally.ts';
import { emptyTally, type Tally } from './tally.ts';
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
  /** Tells what happens, as it happens. Emits the tally once, when the events end. */
  follow(events: Observable<PipelineEvent>): Observable<Tally>;
  /** One line about the program itself, such as that a folder was made. */
  note(message: string): void;
}

/** Tells people or machines. `present` emits nothing and ends with what it is told. */
interface Teller {
  readonly present: (told: Observable<Told>) => Observable<never>;
  readonly note: (message: string) => void;
}

/** Everything that a run says on stderr, from one subscription to its events. */
export function createReport({ clock = monotonicClock, ...settings }: ReportSettings): Report {
  const teller = settings.stderr.isTTY === true ? forPeople(settings, clock) : forMachines(settings);
  return {
    note: (message) => teller.note(message),
    follow: (events) =>
      events.pipe(
        tell(clock),
        connect((told) =>
          merge(
            teller.present(told),
            told.pipe(
              map(({ tally }) => tally),
              last(undefined, emptyTally),
            ),
          ),
        ),
      ),
  };
}

function forPeople({ stderr, environment, logLevel, secrets }: Omit<ReportSettings, 'clock'>, clock: Clock): Teller {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== '';
  const screen = createScreen(stderr, !isSet('CI') && environment['TERM'] !== 'dumb');
  const color = !isSet('NO_COLOR') && environment['TERM'] !== 'dumb';
  const safe = redact(secrets);
  const line = ({ event }: Told): string | null => {
    const text = permanentLine(event, logLevel, color);
    return text === null ? null : safe(text);
  };
  return {
    present: progress({ screen, clock, line }),
    note: (message) => screen.draw([safe(visible(message))], []),
  };
}

function forMachines({ stderr, logLevel, secrets }: Omit<ReportSettings, 'clock'>): Teller {
  const log = createLog({ fd: stderr.fd, level: logLevel, secrets });
  return { present: log.follow, note: log.note };
}
