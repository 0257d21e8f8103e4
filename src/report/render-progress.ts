import stringWidth from 'string-width';
import { numeral } from '../lib/text.ts';
import { stoppingInWords } from './describe-event.ts';
import type { Paint } from './screen.ts';
import type { Tally } from './tally.ts';
import {
  coolingInWords,
  counted,
  durationInWords,
  limitedInWords,
  pacedInWords,
  pausedInWords,
  roughlyInWords,
  usd,
  visible,
  wrapped,
} from './words.ts';

/** What the live block shows beside the tally. */
export interface Frame {
  readonly tally: Tally;
  readonly nowMs: number;
  /** How long the run takes so far. */
  readonly seconds: number;
  /** Documents of the work at hand, and how many of them need nothing more; `total` is null until they are counted. */
  readonly total: number | null;
  readonly done: number;
  /** Null if it cannot be told. */
  readonly secondsLeft: number | null;
  /** In flight, and how many may be. */
  readonly calls: { readonly inFlight: number; readonly atMost: number };
  /** By the person at the screen. */
  readonly paused: boolean;
  /** What it comes to in all; null if that is unknown. */
  readonly projectedUsd: number | null;
  /** It ends by itself: what it waits for is not the next document. */
  readonly once: boolean;
  /** Keys are heard. */
  readonly keys: boolean;
}

/** A part of a line, and when it is left out of a line that is too wide: the highest first, 0 never. */
type LinePart = readonly [text: string, leftOut: number];

/** The live block: lines of at most `width` columns, broken between words. */
export function renderProgress(frame: Frame, width: number, paint: Paint): string[] {
  const held = activity(frame);
  return [
    fitted(work(frame, width, paint), width),
    fitted(documents(frame, paint), width),
    fitted(spending(frame), width),
    ...(held === null ? [] : wrapped(visible(held), width).map((line) => paint(line, 'warning'))),
    ...(frame.keys ? [paint(fitted(keys(frame), width), 'aside')] : []),
  ].flatMap((line) => (line === '' ? [] : wrapped(line, width)));
}

/** The parts side by side, without those that find no room. */
function fitted(parts: readonly LinePart[], width: number): string {
  let kept = parts.filter(([text]) => text !== '');
  const line = (): string => kept.map(([text]) => text).join('  ');
  while (stringWidth(line()) > width) {
    const last = Math.max(...kept.map(([, leftOut]) => leftOut));
    if (last === 0) break;
    kept = kept.filter(([, leftOut]) => leftOut !== last);
  }
  return line();
}

const BAR = { widest: 30, narrowest: 10, leaves: 54 };

/** How far it is: a bar, per cent, elapsed, time left. */
function work(frame: Frame, width: number, paint: Paint): readonly LinePart[] {
  const { tally, seconds, total, done, secondsLeft } = frame;
  const elapsed = durationInWords(Math.floor(seconds));
  if (openDocuments(tally) === 0 && tally.listed && tally.stopping === null) {
    return [
      [frame.once ? 'done' : 'waiting for documents', 0],
      [elapsed, 1],
    ];
  }
  if (total === null) {
    return [
      ['looking through the inbox', 0],
      [elapsed, 1],
    ];
  }

  const share = total === 0 ? 0 : done / total;
  const columns = Math.min(BAR.widest, width - BAR.leaves);
  const full = Math.floor(share * columns);
  const bar = `[${paint('#'.repeat(Math.max(0, full)), 'success')}${'-'.repeat(Math.max(0, columns - full))}]`;
  return [
    [columns < BAR.narrowest ? '' : bar, 3],
    [`${Math.floor(share * 100)} %`, 0],
    [`${numeral(done)} of ${numeral(total)}`, 1],
    [elapsed, 2],
    [tally.listed ? '' : 'still looking through the inbox', 2],
    [secondsLeft === null || tally.stopping !== null ? '' : `about ${roughlyInWords(secondsLeft)} left`, 0],
  ];
}

function count(value: number, what: string): string {
  return value === 0 ? '' : `${numeral(value)} ${what}`;
}

/** What is going on, and what was not simply answered; what is 0 is left out. */
function documents({ tally, calls }: Frame, paint: Paint): readonly LinePart[] {
  const { queued, waiting, failed, held, skipped, stale, reused, retries, succeeded } = tally;
  const pending = tally.pending + tally.overBudget + tally.awaitingRecipe;
  const isIdle = calls.inFlight === 0 && openDocuments(tally) === 0;
  return [
    [isIdle ? '' : `${numeral(calls.inFlight)} of ${counted(calls.atMost, 'call')}`, 0],
    [count(queued, 'in line'), 4],
    [count(waiting, 'waiting'), 2],
    [count(succeeded, 'answered'), 3],
    [paint(count(failed, 'failed'), 'failure'), 0],
    [paint(count(held, 'held'), 'warning'), 1],
    [count(pending, 'pending'), 2],
    [count(retries, retries === 1 ? 'retry' : 'retries'), 6],
    [count(reused, 'reused'), 7],
    [count(skipped, `done before${stale === 0 ? '' : ` (${numeral(stale)} stale)`}`), 5],
  ];
}

function spending({ tally, projectedUsd }: Frame): readonly LinePart[] {
  const { attempts, costUsd, costUnknownAttempts, promptTokens, completionTokens, budgetUsd, simulated } = tally;
  if (attempts === 0) return [];
  const cost = `${simulated ? 'would cost ' : ''}${usd(costUsd)}${budgetUsd === null ? '' : ` of ${usd(budgetUsd)}`}`;
  return [
    [cost, 0],
    [projectedUsd === null ? '' : `about ${usd(projectedUsd)} in all`, 2],
    [costUnknownAttempts === 0 ? '' : `unknown for ${counted(costUnknownAttempts, 'call')}`, 1],
    [`${numeral(promptTokens)} tokens in, ${numeral(completionTokens)} out`, 3],
  ];
}

function keys({ tally, paused }: Frame): readonly LinePart[] {
  return [
    [paused ? 'p goes on' : 'p pauses', 0],
    ['s shows the state', 1],
    [tally.stopping === null ? 'q stops' : 'q ends at once', 0],
  ];
}

/** Whether calls can be made and there is work for them. */
export function isActive(tally: Tally, nowMs: number): boolean {
  const { paused, probing } = tally;
  const isHeld = isCooling(tally, nowMs) || [paused, probing].some((reasons) => Object.keys(reasons).length > 0);
  return openDocuments(tally) > 0 && !isHeld;
}

/** What holds calls back, or makes them fewer: of each kind, what matters most first. */
export function holdsOf({ tally, nowMs, paused }: Frame): readonly (readonly string[])[] {
  const { stopping, inboxLost, cooling } = tally;
  const pauses = Object.entries(tally.paused).filter(([scope]) => scope !== 'person' || !paused);
  const probes = Object.values(tally.probing);
  return [
    stopping === null ? [] : [stoppingInWords(stopping)],
    paused ? ['paused: no new call, until you press p'] : [],
    pauses.map(([, pause]) => pausedInWords(pause)),
    inboxLost === null ? [] : [`the inbox cannot be read: ${inboxLost}`],
    cooling !== null && isCooling(tally, nowMs)
      ? [coolingInWords((cooling.untilMs - nowMs) / 1000, cooling.reason, cooling.limit)]
      : [],
    probes.length === 0 ? [] : [`one call at a time: ${probes.join('; ')}`],
    openDocuments(tally) === 0 ? [] : limits(tally),
  ];
}

/** Why calls wait, or are fewer than they may be; null while nothing holds them back. */
function activity(frame: Frame): string | null {
  const { running, filing, queued, waiting, awaitingRecipe } = frame.tally;
  const held = holdsOf(frame).find((holds) => holds.length > 0);
  if (held !== undefined) return held.join('; ');
  if (waiting > 0 && running + filing + queued === 0) return 'waiting before the next attempt';
  if (awaitingRecipe === 0 || frame.once) return null;
  return `${numeral(awaitingRecipe)} ${awaitingRecipe === 1 ? 'waits for its recipe' : 'wait for their recipes'}`;
}

/** The limits that the gate found by itself, all models together. */
function limits({ limited, paced }: Tally): readonly string[] {
  const [calls, callsPerMinute] = [limited, paced].map((byModel) =>
    Object.values(byModel).reduce((sum, one) => sum + one, 0),
  );
  const found = [calls ? limitedInWords(calls) : '', callsPerMinute ? pacedInWords(callsPerMinute) : ''];
  const words = found.filter((one) => one !== '').join(', ');
  return words === '' ? [] : [words];
}

function isCooling({ cooling }: Tally, nowMs: number): boolean {
  return cooling !== null && cooling.untilMs > nowMs;
}

export function openDocuments({ queued, running, filing, waiting }: Tally): number {
  return queued + running + filing + waiting;
}
