import stringWidth from 'string-width';
import { numeral } from '../lib/text.ts';
import { stoppingInWords } from './describe-event.ts';
import type { Tally } from './tally.ts';
import {
  coolingInWords,
  costInWords,
  durationInWords,
  limitedInWords,
  pacedInWords,
  pausedInWords,
  visible,
} from './words.ts';

/** The live block, line by line, each at most `width` columns wide. `perMinute` is null while no rate is known. */
export function renderProgress(tally: Tally, perMinute: number | null, nowMs: number, width: number): string[] {
  const { retries, promptTokens, completionTokens } = tally;
  const lines = [
    documents(tally),
    `${count('retries', retries)}  tokens ${numeral(promptTokens)} in, ${numeral(completionTokens)} out  cost ${costInWords(tally)}`,
    activity(tally, nowMs) ?? [pace(tally, perMinute), ...limits(tally)].join(', '),
  ];
  return lines.map((line) => fitWidth(visible(line), width));
}

/** Rare counts are left out while they are 0. */
function documents(tally: Tally): string {
  const { succeeded, reused, failed, held, skipped, stale, running, waiting, queued } = tally;
  const rarely = (name: string, value: number): string[] => (value === 0 ? [] : [count(name, value)]);
  return [
    count('done', succeeded),
    ...rarely('reused', reused),
    count('failed', failed),
    ...rarely('held', held),
    `${count('skipped', skipped)}${stale === 0 ? '' : ` (${count('stale', stale)})`}`,
    count('running', running),
    count('waiting', waiting),
    count('queued', queued),
    ...rarely('pending', tally.pending + tally.overBudget + tally.awaitingRecipe),
  ].join('  ');
}

function count(name: string, value: number): string {
  return `${name} ${numeral(value)}`;
}

/** Whether calls can be made at full speed and there is work for them. */
export function isActive(tally: Tally, nowMs: number): boolean {
  const { paused, probing } = tally;
  const isHeld = isCooling(tally, nowMs) || [paused, probing].some((reasons) => Object.keys(reasons).length > 0);
  return openDocuments(tally) > 0 && !isHeld;
}

/** Why calls wait or go one at a time; null while they go on at full speed. */
function activity(tally: Tally, nowMs: number): string | null {
  if (tally.stopping !== null) return stoppingInWords(tally.stopping);

  const pauses = Object.values(tally.paused);
  if (pauses.length > 0) return pauses.map(pausedInWords).join('; ');

  if (tally.inboxLost !== null) return `the inbox cannot be read: ${tally.inboxLost}`;

  if (tally.cooling !== null && isCooling(tally, nowMs)) {
    const { untilMs, reason, limit } = tally.cooling;
    return coolingInWords((untilMs - nowMs) / 1000, reason, limit);
  }

  const probes = Object.values(tally.probing);
  if (probes.length > 0) return `one call at a time: ${probes.join('; ')}`;

  if (tally.running + tally.filing > 0) return null;

  if (tally.queued > 0) return 'about to send';

  if (tally.waiting > 0) return 'waiting before the next attempt';

  if (!tally.listed) return 'looking through the inbox';
  const { awaitingRecipe } = tally;
  const recipe = `${numeral(awaitingRecipe)} ${awaitingRecipe === 1 ? 'waits for its recipe' : 'wait for their recipes'}`;
  return awaitingRecipe === 0 ? 'waiting for documents' : `waiting for documents; ${recipe}`;
}

function pace(tally: Tally, perMinute: number | null): string {
  if (perMinute === null || perMinute <= 0) return 'asking';

  const left = durationInWords((openDocuments(tally) / perMinute) * 60);
  const rate = perMinute < 10 ? perMinute.toFixed(1) : numeral(perMinute);
  return `${rate} documents a minute, about ${left} left`;
}

/** The limits that the gate found by itself, all models together. */
function limits({ limited, paced }: Tally): string[] {
  const [calls = 0, callsPerMinute = 0] = [limited, paced].map((byModel) =>
    Object.values(byModel).reduce((sum, one) => sum + one, 0),
  );
  return [
    ...(calls === 0 ? [] : [limitedInWords(calls)]),
    ...(callsPerMinute === 0 ? [] : [pacedInWords(callsPerMinute)]),
  ];
}

function isCooling({ cooling }: Tally, nowMs: number): boolean {
  return cooling !== null && cooling.untilMs > nowMs;
}

function openDocuments({ queued, running, filing, waiting }: Tally): number {
  return queued + running + filing + waiting;
}

/** `text`, cut to `width` columns with an ellipsis if it is longer. It must have no controls: see `visible`. */
export function fitWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;

  // Not when the program starts: the first one loads tables, and most runs cut nothing.
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
  let kept = '';
  let room = width - 1;
  for (const { segment } of graphemes.segment(text)) {
    room -= stringWidth(segment);
    if (room < 0) break;

    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}
