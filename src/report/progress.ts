import {
  bufferTime,
  connect,
  defer,
  filter,
  finalize,
  ignoreElements,
  map,
  type Observable,
  startWith,
  tap,
  withLatestFrom,
} from 'rxjs';
import type { Clock } from '../lib/clock.ts';
import { advance, documentsPerMinute, newWindow } from './rates.ts';
import { isActive, renderProgress } from './render-progress.ts';
import type { Screen } from './screen.ts';
import { emptyTally, type Tally } from './tally.ts';
import type { Told } from './tell.ts';

/** Eight frames a second, also when nothing happens: a countdown moves on. */
const FRAME_MS = 125;

export interface ProgressSettings {
  readonly screen: Screen;
  readonly clock: Clock;
  /** The line that an event leaves above the block; null where it leaves none. */
  readonly line: (told: Told) => string | null;
}

/** Draws what is told on a terminal, to the end. Emits nothing. */
export function progress({ screen, clock, line }: ProgressSettings): (told: Observable<Told>) => Observable<never> {
  return (told) =>
    defer(() => {
      const draw = painter(screen, clock);
      return told.pipe(
        connect((shared) =>
          shared.pipe(
            map(line),
            filter((text) => text !== null),
            bufferTime(FRAME_MS, clock.scheduler),
            withLatestFrom(
              shared.pipe(
                map(({ tally }) => tally),
                startWith(emptyTally),
              ),
            ),
          ),
        ),
        tap(([lines, tally]) => draw(lines, tally)),
        ignoreElements(),
        finalize(() => screen.close()),
      );
    });
}

function painter(screen: Screen, clock: Clock): (lines: readonly string[], tally: Tally) => void {
  let window = newWindow(clock.now());
  return (lines, tally) => {
    const nowMs = clock.now();
    window = advance(window, { nowMs, worked: tally.worked, active: isActive(tally, nowMs) });
    screen.draw(lines, renderProgress(tally, documentsPerMinute(window), nowMs, screen.width));
  };
}
