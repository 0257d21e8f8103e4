import { describe, expect, test } from '@jest/globals';
import { concat, concatMap, delay, from, merge, type Observable, of, tap, throwError, timer } from 'rxjs';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { type ProgressSettings, progress } from '../../src/report/progress.ts';
import { RunningTally } from '../../src/report/running-tally.ts';
import { eventOf, virtualClock } from './support.ts';

const source = {
  live: true,
  once: true,
  controls: null,
  names: () => null,
};

const plain = (text: string): string => text;

/** Everything that is drawn of what `story` tells, in virtual time. */
function drawn(
  story: (clock: ReturnType<typeof virtualClock>) => Observable<PipelineEvent>,
  changes: Partial<ProgressSettings> = {},
  onError: ((error: unknown) => void) | null = null,
) {
  const clock = virtualClock();
  const frames: { atMs: number; lines: readonly string[]; block: readonly string[] }[] = [];
  let closed = 0;
  const screen = {
    width: 60,
    draw: (lines: readonly string[], block: readonly string[]) => frames.push({ atMs: clock.now(), lines, block }),
    clear: () => undefined,
    leave: () => {
      closed += 1;
    },
  };
  const settings = { screen, clock, logLevel: 'info', paint: plain, safe: plain, source, keyboard: null, textOf: null };
  const tally = new RunningTally(clock);
  progress(story(clock).pipe(tap((event) => tally.count(event))), tally, { ...settings, ...changes }).subscribe({
    ...(onError && { error: onError }),
  });
  clock.scheduler.flush();
  return { frames, closed: () => closed, lines: frames.flatMap(({ lines }) => lines) };
}

const failing = (...ids: string[]): Observable<PipelineEvent> =>
  of(...ids).pipe(concatMap((id) => of(eventOf.queued(id), eventOf.failed(id))));

test('draws at most eight times a second, also when nothing happens, and takes the block away at the end', () => {
  const { frames, closed } = drawn((clock) => failing('a').pipe(delay(1_050, clock.scheduler)));
  expect(frames.map(({ atMs }) => atMs)).toEqual([125, 250, 375, 500, 625, 750, 875, 1_000, 1_050]);
  expect(closed()).toBe(1);
});

test('an error takes the block away, too; what was said before it stays', () => {
  const errors: unknown[] = [];
  const error = new Error('no price');
  const ends = (clock: ReturnType<typeof virtualClock>) =>
    concat(
      failing('a').pipe(delay(130, clock.scheduler)),
      throwError(() => error),
    );
  const { frames, closed } = drawn(ends, {}, (told) => errors.push(told));
  expect(frames.map(({ lines, block }) => [lines, block.length > 0])).toEqual([
    [[], true],
    [['a: failed: it was refused'], false],
  ]);
  expect(errors).toEqual([error]);
  expect(closed()).toBe(1);
});

test('a burst is one frame, with every line in its order', () => {
  const { frames } = drawn((clock) =>
    merge(failing('a', 'b', 'c'), timer(130, clock.scheduler).pipe(concatMap(() => failing('d')))),
  );
  expect(frames.map(({ lines }) => lines)).toEqual([
    ['a: failed: it was refused', 'b: failed: it was refused', 'c: failed: it was refused'],
    ['d: failed: it was refused'],
  ]);
  expect(frames.map(({ block }) => block[1])).toEqual(['3 failed', undefined]);
});

test('a stream that ends at once is drawn once', () => {
  expect(drawn(() => concat(failing('a'), failing('b'))).frames).toHaveLength(1);
});

test('answers are folded where there are many, failures never; how many were left out is said', () => {
  const many = Array.from({ length: 220 }, (_, number) => eventOf.succeeded(`${number}`));
  const { lines } = drawn(() => concat(from(many), failing('x', 'y')));
  expect(lines).toEqual([
    ...[0, 1, 2, 3, 4].map((number) => `answered ${number}.md, 3.0 s, $0.5000`),
    'x: failed: it was refused',
    'y: failed: it was refused',
    'and 215 more',
  ]);
});

test('a single answer that was left out is named after all', () => {
  const six = Array.from({ length: 6 }, (_, number) => eventOf.succeeded(`${number}`));
  expect(drawn(() => from(six)).lines).toEqual(six.map((_, number) => `answered ${number}.md, 3.0 s, $0.5000`));
});

const textOf = (result: string) => [`This is ${result}.`, 'It is longer than one line of a terminal of sixty columns.'];

test('in a trial each answer is shown, on lines of its own', () => {
  expect(drawn(() => of(eventOf.succeeded('a')), { textOf }).lines).toEqual([
    'answered a.md, 3.0 s, $0.5000',
    '  This is a.md.',
    '  It is longer than one line of a terminal of sixty columns.',
  ]);
});

/** A run with one call in flight, during which keys are pressed, one a frame. */
function pressing(keys: string) {
  const pressed = keys.split('');
  const done: string[] = [];
  const keyboard = {
    isHeard: true,
    isAway: false,
    turn: 0,
    pressed: () => pressed.shift() ?? '',
    stop: () => done.push('stopped'),
    close: () => done.push('closed'),
  };
  let paused = false;
  const controls = {
    calls: { inFlight: 1, atMost: 5 },
    get paused() {
      return paused;
    },
    togglePause: () => {
      paused = !paused;
      done.push(paused ? 'paused' : 'resumed');
    },
  };
  const events = [eventOf.queued('a'), eventOf.started('a'), eventOf.queued('b'), eventOf.waiting('b')];
  const result = drawn((clock) => merge(from(events), timer(1000, clock.scheduler).pipe(concatMap(() => of()))), {
    keyboard,
    source: { ...source, controls },
  });
  return { ...result, done };
}

describe('keys', () => {
  test('p pauses and resumes, q stops, others do nothing; the keyboard is given back', () => {
    const { done, frames } = pressing('xppq');
    expect(done).toEqual(['paused', 'resumed', 'stopped', 'closed']);
    expect(frames.map(({ block }) => block.find((line) => line.startsWith('paused')))).toContain(
      'paused: no new call, until you press p',
    );
    expect(frames[0]?.block.at(-1)).toBe('p pauses  s shows the state  q stops');
  });

  test('s shows what is in flight, and what waits and why', () => {
    expect(pressing('.......s').lines).toEqual([
      expect.stringMatching(/^State at \d\d:\d\d, after 1 s:$/),
      'In flight: 1 of 5 calls: a (1 s)',
      'In line: 0',
      'Waiting: 1, the same bytes are being asked: b',
    ]);
  });
});
