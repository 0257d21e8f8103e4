import { expect, test } from '@jest/globals';
import { concat, concatMap, delay, merge, type Observable, of, tap, timer } from 'rxjs';
import type { PipelineEvent } from '../../src/domain/events.ts';
import { progress } from '../../src/report/progress.ts';
import { RunningTally } from '../../src/report/running-tally.ts';
import { eventOf, virtualClock } from './support.ts';

const failure = (event: PipelineEvent): string | null =>
  event.type === 'document-failed' ? `${event.id} failed` : null;

/** Everything that is drawn of what `story` tells, in virtual time. */
function drawn(story: (clock: ReturnType<typeof virtualClock>) => Observable<string>) {
  const clock = virtualClock();
  const frames: { atMs: number; lines: readonly string[]; block: readonly string[] }[] = [];
  let closed = 0;
  const screen = {
    width: 200,
    draw: (lines: readonly string[], block: readonly string[]) => frames.push({ atMs: clock.now(), lines, block }),
    close: () => {
      closed += 1;
    },
  };
  const tally = new RunningTally(clock);
  const events = story(clock).pipe(
    concatMap((id) => of(eventOf.queued(id), eventOf.failed(id))),
    tap((event) => tally.count(event)),
  );
  progress(events, tally, { screen, clock, line: failure }).subscribe();
  clock.scheduler.flush();
  return { frames, closed: () => closed };
}

test('draws at most eight times a second, also when nothing happens, and once more at the end', () => {
  const { frames, closed } = drawn((clock) => of('a').pipe(delay(1_050, clock.scheduler)));
  expect(frames.map(({ atMs }) => atMs)).toEqual([125, 250, 375, 500, 625, 750, 875, 1_000, 1_050]);
  expect(closed()).toBe(1);
});

test('a burst is one frame, with every line in its order', () => {
  const { frames } = drawn((clock) =>
    merge(of('a', 'b', 'c'), timer(130, clock.scheduler).pipe(concatMap(() => of('d')))),
  );
  expect(frames.map(({ lines }) => lines)).toEqual([['a failed', 'b failed', 'c failed'], ['d failed']]);
  expect(frames.map(({ block }) => block[0])).toEqual([
    expect.stringContaining('failed 3 '),
    expect.stringContaining('failed 4 '),
  ]);
});

test('a stream that ends at once is drawn once', () => {
  expect(drawn(() => concat(of('a'), of('b'))).frames).toHaveLength(1);
});
