import stringWidth from 'string-width';
import type { Limit } from '../domain/attempt.ts';
import { secretPattern } from '../lib/secrets.ts';
import { counted, numeral, timeInWords, usd } from '../lib/text.ts';
import type { Tally } from './tally.ts';

export { counted, numeral, timeInWords, usd } from '../lib/text.ts';

/** `12 s`, `2 min 29 s`, `2 h 5 min`, `3 days 4 h`. Seconds are rounded up, so that a countdown ends at 1 s. */
export function durationInWords(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [minutes, hours] = [Math.floor(whole / 60), Math.floor(whole / 3600)];
  if (minutes === 0) return `${whole} s`;
  if (hours === 0) return withRest(`${minutes} min`, whole % 60, 's');
  if (hours < 48) return withRest(`${hours} h`, minutes % 60, 'min');
  return withRest(`${numeral(Math.floor(hours / 24))} days`, hours % 24, 'h');
}

function withRest(words: string, rest: number, unit: string): string {
  return rest === 0 ? words : `${words} ${rest} ${unit}`;
}

/** What is a guess, without what it does not know: `20 s`, `5 min`, `2 h 20 min`. */
export function roughlyInWords(seconds: number): string {
  const step = [5, 10, 60, 600, 3600].find((unit) => seconds < unit * 12) ?? 7200;
  return durationInWords(Math.max(step, Math.round(seconds / step) * step));
}

/** How long something took: `under 0.1 s`, `0.4 s`, `7.2 s`, and from 10 s on like `durationInWords`. */
export function elapsedInWords(seconds: number): string {
  if (seconds < 0.1) return 'under 0.1 s';
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : durationInWords(Math.round(seconds));
}

/** A moment to come, as `timeInWords`; rounded up to the minute, so that it is never too early. */
export function momentInWords(ms: number, nowMs?: number): string {
  const minute = 60_000;
  return timeInWords(Math.ceil(ms / minute) * minute, nowMs);
}

/** The known cost, and how many attempts cost an unknown amount: unknown is never shown as 0. */
export function costInWords({ costUsd, costUnknownAttempts }: Pick<Tally, 'costUsd' | 'costUnknownAttempts'>): string {
  if (costUnknownAttempts === 0) return usd(costUsd);

  const known = costUsd === 0 ? '' : `${usd(costUsd)} and `;
  return `${known}unknown for ${counted(costUnknownAttempts, 'attempt')}`;
}

/** Controls, line and paragraph separators, marks that change the direction of text, halves of surrogate pairs. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` on one line and harmless to a terminal: what cannot be seen becomes an escape such as `\n`, `\u{1b}`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped);
}

function escaped(hidden: string): string {
  return NAMED[hidden] ?? `\\u{${hidden.codePointAt(0)?.toString(16)}}`;
}

/** What a terminal obeys: controls but for the tab, and characters that embed, override or isolate a direction. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const OBEYED = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;

/**
 * The lines of an answer for a terminal of so many columns, broken between words. Only what the terminal would obey becomes an
 * escape: tabs and the marks of right-to-left text stay.
 */
export function answerLines(text: string, width: number): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const safe = line.replace(OBEYED, escaped);
    // How wide a tab is depends on where it stands: lines of tables are for the terminal to break.
    return safe.includes('\t') ? [safe] : wrapped(safe, width);
  });
}

/** The same JSON, as harmless. */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN, (hidden) =>
    hidden === '\n' ? hidden : `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Lines of at most `width` columns, broken between words; a word that is wider stands on lines of its own, for the terminal to break. */
export function wrapped(text: string, width: number): string[] {
  if (text.length <= width && stringWidth(text) <= width) return [text];
  const lines: string[] = [];
  let [line, room] = ['', 0];
  for (const word of text.split(' ')) {
    const columns = stringWidth(word);
    if (lines.length > 0 && columns < room) {
      line += ` ${word}`;
      room -= columns + 1;
      lines[lines.length - 1] = line;
    } else {
      lines.push(word);
      [line, room] = [word, width - columns];
    }
  }
  return lines;
}

/**
 * The last net: replaces every secret, however it came into a text, but for those that are too short to be told from
 * words. `secrets` is read at each call, so that some may be added later.
 */
export function redact(secrets: Iterable<string>): (text: string) => string {
  const patterns = new Map<string, RegExp | null>();
  return (text) => {
    let safe = text;
    for (const secret of secrets) {
      if (!patterns.has(secret)) patterns.set(secret, secretPattern(secret));
      const pattern = patterns.get(secret) ?? null;
      if (pattern !== null) safe = safe.replace(pattern, '[redacted]');
    }
    return safe;
  };
}

const LIMITS: Readonly<Record<Limit, string>> = {
  rate: 'rate limit',
  concurrency: 'too many at once',
  upstream: "the provider's shared pool",
  spending: 'money held back for calls in flight',
};

/** `cooling down, 43 s (rate limit): the API asked to wait`. */
export function coolingInWords(seconds: number, reason: string, limit: Limit | undefined): string {
  const reached = limit === undefined ? '' : ` (${LIMITS[limit]})`;
  return `cooling down, ${durationInWords(seconds)}${reached}: ${reason}`;
}

/** `at most 12 calls at once`. */
export function limitedInWords(calls: number): string {
  return `at most ${counted(calls, 'call')} at once`;
}

/** `paced to 120 calls a minute`. */
export function pacedInWords(callsPerMinute: number): string {
  const rate = callsPerMinute < 10 ? callsPerMinute.toFixed(1) : numeral(callsPerMinute);
  return `paced to ${rate} calls a minute`;
}

/** `paused until 02:00: the budget of the day is spent`. */
export function pausedInWords({ reason, until }: Tally['paused'][string]): string {
  return until === undefined ? `paused: ${reason}` : `paused until ${momentInWords(until)}: ${reason}`;
}

/** A recipe that cannot be used as things are. */
export interface BarredRecipe {
  readonly name: string;
  /** A sentence that names it. */
  readonly reason: string;
  /** How many in the inbox wait until it can. */
  readonly documents: number;
}

/** The reason for people, with how many documents wait. */
export function barredRecipeLine({ reason, documents }: BarredRecipe): string {
  const wait = documents === 1 ? '1 document waits' : `${counted(documents, 'document')} wait`;
  return documents === 0 ? visible(reason) : `${visible(reason)} (${wait} for it)`;
}
