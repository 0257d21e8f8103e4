import { defer, finalize, ignoreElements, interval, type Observable, tap } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import type { Clock } from '../lib/clock.ts';
import { groupBy } from '../lib/collections.ts';
import { accompaniedBy } from '../lib/operators.ts';
import { listed } from '../lib/text.ts';
import { type FrameSource, Frames } from './frames.ts';
import type { Keyboard } from './keyboard.ts';
import { Folding, isAnswer, isKept, lineOf, meaningOf } from './lines.ts';
import { type Frame, holdsOf, renderProgress } from './render-progress.ts';
import type { RunningTally } from './running-tally.ts';
import type { Paint, Screen } from './screen.ts';
import { counted, durationInWords, numeral, timeInWords, visible, wrapped } from './words.ts';

/** Eight frames a second, even if nothing happens: a countdown moves on. */
const FRAME_MS = 125;

export interface ProgressSettings {
  readonly screen: Screen;
  readonly clock: Clock;
  readonly logLevel: string;
  readonly paint: Paint;
  readonly source: FrameSource;
  /** Null: no key is heard. */
  readonly keyboard: Keyboard | null;
  /** What an answer says, in lines; all answers are shown then. Null: answers are told by name alone. */
  readonly textOf: ((result: string) => readonly string[]) | null;
  /** Takes out what no line may contain. */
  readonly safe: (text: string) => string;
}

/** Draws events and the tally on a terminal until the events end. Emits nothing. */
export function progress(
  events: Observable<PipelineEvent>,
  tally: RunningTally,
  settings: ProgressSettings,
): Observable<never> {
  return defer(() => {
    const drawing = new Drawing(tally, settings);
    return events.pipe(
      tap((event) => drawing.keep(event)),
      ignoreElements(),
      accompaniedBy<never>(
        interval(FRAME_MS, settings.clock.scheduler).pipe(
          tap(() => drawing.frame()),
          ignoreElements(),
        ),
      ),
      // An error is told below the lines that stay.
      tap({ complete: () => drawing.frame(true), error: () => drawing.frame(true) }),
      finalize(() => {
        settings.keyboard?.close();
        settings.screen.leave();
      }),
    );
  });
}

/** What is drawn with the next frame. */
class Drawing {
  readonly #tally: RunningTally;
  readonly #settings: ProgressSettings;
  readonly #frames: Frames;
  readonly #folding = new Folding();
  #lastLeftOut: PipelineEvent | null = null;
  #lines: string[] = [];
  /** The keyboard's, as of the last frame. */
  #turn = 0;

  constructor(tally: RunningTally, settings: ProgressSettings) {
    this.#tally = tally;
    this.#settings = settings;
    this.#frames = new Frames(settings.source, settings.clock.now());
  }

  /** Most events leave no line: nothing is put into words for them. */
  keep(event: PipelineEvent): void {
    const { logLevel, clock, textOf } = this.#settings;
    if (!isKept(event, logLevel)) return;
    if (isAnswer(event) && textOf === null) {
      if (!this.#folding.admits(clock.now())) {
        this.#lastLeftOut = event;
        return;
      }
      this.#tellLeftOut(this.#folding.takeLeftOut());
    }
    this.#add(lineOf(event, this.#tally.simulated), meaningOf(event));
    if (isAnswer(event) && textOf !== null) for (const line of textOf(event.result)) this.#add(line, 'plain', '  ');
  }

  frame(isLast = false): void {
    const { screen, keyboard, clock, source, paint } = this.#settings;
    const nowMs = clock.now();
    for (const key of keyboard?.pressed() ?? '') this.#press(key, nowMs);
    // A shell wrote to the terminal meanwhile.
    if (keyboard !== null && keyboard.turn !== this.#turn) screen.leave();
    this.#turn = keyboard?.turn ?? 0;
    this.#tellLeftOut(isLast ? this.#folding.takeLeftOut() : this.#folding.takeIfQuiet(nowMs));
    const frame = this.#frames.of(this.#tally.snapshot(), nowMs, keyboard?.isHeard === true);
    const isDrawn = source.live && !isLast && keyboard?.isAway !== true;
    screen.draw(this.#lines, isDrawn ? renderProgress(frame, screen.width, paint) : []);
    this.#lines = [];
  }

  #press(key: string, nowMs: number): void {
    const { source, keyboard, clock } = this.#settings;
    if (key === 'p') source.controls?.togglePause();
    else if (key === 'q') keyboard?.stop();
    else if (key === 's') {
      const frame = this.#frames.of(this.#tally.snapshot(), nowMs, true);
      for (const line of stateLines(frame, this.#tally, clock.wall())) this.#add(line, 'aside');
    }
  }

  #tellLeftOut(answers: number): void {
    if (answers > 1) this.#add(`and ${numeral(answers)} more`, 'aside');
    else if (answers === 1 && this.#lastLeftOut !== null)
      this.#add(lineOf(this.#lastLeftOut, this.#tally.simulated), 'success');
  }

  #add(text: string, meaning: Parameters<Paint>[1], indent = ''): void {
    const { screen, paint, safe } = this.#settings;
    for (const line of wrapped(safe(text), screen.width - indent.length))
      this.#lines.push(indent + paint(line, meaning));
  }
}

/** Names, or reasons, of each kind; how many more there are is said. */
const MOST = 5;

/** What a person who presses `s` is told: what is in flight, what waits and why, and what limits the calls. */
function stateLines(frame: Frame, tally: Pick<RunningTally, 'documentsIn'>, wallMs: number): string[] {
  const { calls, nowMs, seconds, tally: counts } = frame;
  const running = [...tally.documentsIn('running')].toSorted((one, other) => one.sinceMs - other.sinceMs);
  const names = running
    .slice(0, calls.inFlight)
    .map(({ id, sinceMs }) => `${visible(id)} (${durationInWords(Math.floor((nowMs - sinceMs) / 1000))})`);
  const holds = visible(holdsOf(frame).flat().join('; '));
  return [
    `State at ${timeInWords(wallMs, wallMs)}, after ${durationInWords(Math.floor(seconds))}:`,
    `In flight: ${numeral(calls.inFlight)} of ${counted(calls.atMost, 'call')}${named(names)}`,
    `In line: ${numeral(counts.queued)}`,
    ...waiting([...tally.documentsIn('waiting')]),
    ...(counts.pending === 0
      ? []
      : [`Pending: ${numeral(counts.pending)}${named(counts.pendingReasons.map(visible))}`]),
    ...(holds === '' ? [] : [`Held back: ${holds}`]),
  ];
}

function named(all: readonly string[]): string {
  return all.length === 0 ? '' : `: ${listed(all, MOST)}`;
}

/** How many wait for what. */
function waiting(documents: readonly { readonly id: string; readonly reason: string }[]): string[] {
  const reasons = [...groupBy(documents, ({ reason }) => reason)]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .slice(0, MOST);
  return reasons.map(([reason, alike]) => {
    const ids = alike.map(({ id }) => visible(id));
    return `Waiting: ${numeral(ids.length)}, ${visible(reason)}${named(ids)}`;
  });
}
