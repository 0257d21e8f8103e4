import { stoppingInWords } from './describe-event.ts';
import type { Frame } from './render-progress.ts';
import type { RunningTally } from './running-tally.ts';
import { counted, durationInWords, numberInWords, timeInWords, visible } from './words.ts';

/** Names, or reasons, of each kind; how many more there are is said. */
const MOST = 5;

/** What a person who presses `s` is told: what is in flight, what waits and why, and what limits the calls. */
export function stateLines(frame: Frame, tally: Pick<RunningTally, 'documentsIn'>, wallMs: number): string[] {
  const { calls, nowMs, seconds, paused, tally: counts } = frame;
  const running = [...tally.documentsIn('running')].toSorted((one, other) => one.sinceMs - other.sinceMs);
  const names = running
    .slice(0, calls.inFlight)
    .map(({ id, sinceMs }) => `${visible(id)} (${durationInWords(Math.floor((nowMs - sinceMs) / 1000))})`);
  return [
    `State at ${timeInWords(wallMs, wallMs)}, after ${durationInWords(Math.floor(seconds))}:`,
    `In flight: ${numberInWords(calls.inFlight)} of ${counted(calls.atMost, 'call')}${listed(names)}`,
    `In line: ${numberInWords(counts.queued)}`,
    ...waiting([...tally.documentsIn('waiting')]),
    ...(counts.pending === 0 ? [] : [`Pending: ${numberInWords(counts.pending)}${listed(counts.pendingReasons)}`]),
    `Held back: ${heldBack(frame, paused)}`,
  ];
}

function listed(all: readonly string[]): string {
  if (all.length === 0) return '';
  const more = all.length > MOST ? ` and ${numberInWords(all.length - MOST)} more` : '';
  return `: ${all.slice(0, MOST).map(visible).join(', ')}${more}`;
}

/** How many wait for what. */
function waiting(documents: readonly { readonly id: string; readonly reason: string }[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { id, reason } of documents) {
    const ids = byReason.get(reason);
    if (ids === undefined) byReason.set(reason, [id]);
    else ids.push(id);
  }
  const reasons = [...byReason].toSorted(([, one], [, other]) => other.length - one.length).slice(0, MOST);
  return reasons.map(([reason, ids]) => `Waiting: ${numberInWords(ids.length)}, ${visible(reason)}${listed(ids)}`);
}

function heldBack({ tally, nowMs }: Frame, paused: boolean): string {
  const { stopping, paused: pauses, cooling, limited, paced, probing } = tally;
  const held = [
    ...(stopping === null ? [] : [stoppingInWords(stopping)]),
    ...(paused ? ['paused by you'] : []),
    ...Object.entries(pauses).flatMap(([scope, { reason }]) => (scope === 'person' ? [] : [`paused: ${reason}`])),
    ...(cooling === null || cooling.untilMs <= nowMs
      ? []
      : [`cooling down, ${durationInWords((cooling.untilMs - nowMs) / 1000)}: ${cooling.reason}`]),
    ...Object.entries(limited).map(([model, calls]) => `${model} at most ${counted(calls, 'call')} at once`),
    ...Object.entries(paced).map(([model, calls]) => `${model} ${counted(Math.round(calls), 'call')} a minute`),
    ...Object.entries(probing).map(([model, reason]) => `${model} one call at a time: ${reason}`),
  ];
  return held.length === 0 ? 'by nothing' : visible(held.join('; '));
}
