import { groupBy } from '../lib/collections.ts';
import { listed } from '../lib/text.ts';
import { type Frame, holdsOf } from './render-progress.ts';
import type { RunningTally } from './running-tally.ts';
import { counted, durationInWords, numeral, timeInWords, visible } from './words.ts';

/** Names, or reasons, of each kind; how many more there are is said. */
const MOST = 5;

/** What a person who presses `s` is told: what is in flight, what waits and why, and what limits the calls. */
export function stateLines(frame: Frame, tally: Pick<RunningTally, 'documentsIn'>, wallMs: number): string[] {
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
