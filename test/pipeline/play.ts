import type { PipelineEvent } from '../../src/domain/events.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { promiseTime } from '../support/virtual-time.ts';
import { type Running, runningPipeline, type Scenario } from './in-memory.ts';

/** What was reported, and when. */
export type Told = readonly [atMs: number, event: string];

/** `type id` of an event, with what tells it from others of its type. */
function told(event: PipelineEvent): string {
  if (event.type === 'attempt-finished') return `${event.type} ${event.id} ${event.retryInSeconds}`;
  if (event.type === 'gate-paused' || event.type === 'gate-resumed') return `${event.type} ${event.scope}`;
  if (event.type === 'document-failed') return `${event.type} ${event.id} ${event.code}`;
  return 'id' in event ? `${event.type} ${event.id}` : event.type;
}

export interface Played {
  readonly log: readonly Told[];
  readonly running: Running;
  /** Whether the run came to its end by itself. */
  readonly ended: boolean;
}

/** Runs a scenario in virtual time and gives what was told, with the moment of each. */
export async function play(
  scenario: (clock: Clock) => Scenario,
  during: (running: Running, at: (ms: number, act: () => void) => void) => void = () => undefined,
): Promise<Played> {
  const time = promiseTime();
  const log: Told[] = [];
  const running = runningPipeline(time.clock, scenario(time.clock));
  let ended = false;
  during(running, (ms, act) => time.schedule(act, ms));
  running.events.subscribe({
    next: (event) => void log.push([time.clock.now(), told(event)]),
    complete: () => {
      ended = true;
    },
  });
  await time.play();
  return { log, running, ended };
}

/** Sorted within each moment: promises decide what comes first there, and no one depends on it. */
export function perMoment(log: readonly Told[]): readonly Told[] {
  return log.toSorted(([at, one], [then, other]) => at - then || (one < other ? -1 : 1));
}

export const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `d${index + 1}`);
