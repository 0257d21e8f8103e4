import { createLogUpdate } from 'log-update';
import { defer, finalize, ignoreElements, interval, type Observable, tap } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import type { Clock } from '../lib/clock.ts';
import { accompaniedBy } from '../lib/operators.ts';
import { isActive, renderProgress } from './render-progress.ts';
import type { RunningTally } from './running-tally.ts';

/** Eight frames a second, even if nothing happens: a countdown moves on. */
const FRAME_MS = 125;

interface ProgressSettings {
  readonly screen: Screen;
  readonly clock: Clock;
  /** The line that an event leaves above the block; null if it leaves none. */
  readonly line: (event: PipelineEvent) => string | null;
}

/** Draws events and the tally on a terminal until the events end. Emits nothing. */
export function progress(
  events: Observable<PipelineEvent>,
  tally: Pick<RunningTally, 'snapshot'>,
  { screen, clock, line }: ProgressSettings,
): Observable<never> {
  return defer(() => {
    let window = newWindow(clock.now());
    let lines: string[] = [];
    const frame = (): void => {
      const [now, nowMs] = [tally.snapshot(), clock.now()];
      window = advance(window, { nowMs, worked: now.worked, active: isActive(now, nowMs) });
      screen.draw(lines, renderProgress(now, documentsPerMinute(window), nowMs, screen.width));
      lines = [];
    };
    return events.pipe(
      tap((event) => {
        const text = line(event);
        if (text !== null) lines.push(text);
      }),
      ignoreElements(),
      accompaniedBy<never>(interval(FRAME_MS, clock.scheduler).pipe(tap(frame), ignoreElements())),
      tap({ complete: frame }),
      finalize(() => screen.close()),
    );
  });
}

/** How many documents were done at a moment of active time. */
interface RateSample {
  readonly activeMs: number;
  readonly worked: number;
}

/** The last minute of active time, in samples about a second apart; newest last. */
export interface RateWindow {
  readonly samples: readonly RateSample[];
  /** When it last advanced. */
  readonly seenMs: number;
}

const WINDOW_MS = 60_000;
const BETWEEN_SAMPLES_MS = 1_000;
/** A shorter time gives no rate. */
const SHORTEST_MS = 2_000;

export function newWindow(nowMs: number): RateWindow {
  return { samples: [{ activeMs: 0, worked: 0 }], seenMs: nowMs };
}

/** The window as of now. The time since `seenMs` counts only if the run was `active`: calls could be made. */
export function advance(
  { samples, seenMs }: RateWindow,
  { nowMs, worked, active }: { readonly nowMs: number; readonly worked: number; readonly active: boolean },
): RateWindow {
  const newest = samples.at(-1)?.activeMs ?? 0;
  const activeMs = newest + (active ? nowMs - seenMs : 0);
  // The newest sample moves along until it is a second away from the one before it.
  const beforeIt = samples.at(-2)?.activeMs ?? -Infinity;
  const kept = newest - beforeIt < BETWEEN_SAMPLES_MS ? samples.slice(0, -1) : samples;
  const within = kept.filter((sample) => sample.activeMs >= activeMs - WINDOW_MS);
  return { samples: [...within, { activeMs, worked }], seenMs: nowMs };
}

/** Null as long as too little time has passed. */
export function documentsPerMinute({ samples }: RateWindow): number | null {
  const [oldest, newest] = [samples[0], samples.at(-1)];
  if (oldest === undefined || newest === undefined || newest.activeMs - oldest.activeMs < SHORTEST_MS) return null;

  return ((newest.worked - oldest.worked) / (newest.activeMs - oldest.activeMs)) * 60_000;
}

/** The part of `process.stderr` that is used. */
export type TerminalStream = NodeJS.WritableStream & { readonly columns?: number; readonly isTTY?: boolean };

/** A terminal: lines that stay, and below them a block that is drawn over. */
interface Screen {
  /** Columns. */
  readonly width: number;
  /** Prints `lines` for good and draws `block` below them. */
  draw(lines: readonly string[], block: readonly string[]): void;
  /** Leaves the block as it was drawn last. */
  close(): void;
}

/** Without `live` only the lines are drawn, no block. A terminal that went away is no error. */
export function createScreen(stream: TerminalStream, live: boolean): Screen {
  // Never removed: a write may fail after `close`.
  stream.on('error', () => {});
  // With the cursor hidden, log-update would install signal handlers of its own.
  const update = createLogUpdate(stream, { showCursor: true });

  return {
    get width() {
      // Some pseudo-terminals report 0.
      return stream.columns || 80;
    },
    draw(lines, block) {
      if (lines.length > 0) {
        // Not log-update's `persist`: it cuts what is higher than the terminal.
        update.clear();
        stream.write(lines.map((line) => `${line}\n`).join(''));
      }
      if (live && block.length > 0) update(block.join('\n'));
    },
    close() {
      update.done();
    },
  };
}
