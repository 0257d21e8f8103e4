import { LONGEST_HINT_SECONDS } from '../../domain/attempt.ts';
import type { Hints } from './hints.ts';
import type { ReportedError } from './reported-error.ts';
import { createMeaning, type Meaning, tooManyAtOnce, upstreamBusy } from './statuses.ts';

const rateLimited = createMeaning('rate-limited', 'rate', 'Too many calls or tokens for the time');

const largerThanRate = createMeaning(
  'larger-than-rate',
  'suspect',
  'This request alone exceeds the tokens per minute: lower --max-tokens or split the document',
);

export const dailyQuota = createMeaning(
  'daily-quota',
  'pause until reset',
  'The requests of the day are used up: wait for the next one, choose another model, or add credit',
);

/** Which limit a 429 ran into. The message goes before hints and headers, which come with limits of every kind. */
export function limitReached(error: ReportedError, hints: Hints): Meaning {
  const message = error.message ?? '';
  if (/\brequest too large\b|\btokens must be reduced\b/i.test(message)) return largerThanRate;
  const isPassedOn =
    error.limitSource === 'upstream_provider_shared_pool' ||
    error.provider !== null ||
    /\brate-limited upstream\b/i.test(message);
  // A provider's own day is no quota of the account: the next call may go to another.
  if (!isPassedOn && isOfTheDay(message, error, hints)) return dailyQuota;
  if (/\bconcurren|\bat once\b|\bparallel\b|\bsimultaneous|\bin[- ]flight\b/i.test(message)) return tooManyAtOnce;
  if (isPassedOn) return upstreamBusy;
  if (hints.retrySeconds !== null || hints.namesRate) return rateLimited;
  if (/\bper[- ](?:sec|min|hour)|\b[RT]P[SM]\b|\b(?:requests?|tokens?|call) rate\b|\btoo many tokens\b/i.test(message))
    return rateLimited;
  // OpenAI's `type` is what ran out; Amazon's has one for all rates.
  return error.types.some((type) => RATES.has(type)) ? rateLimited : tooManyAtOnce;
}

const RATES: ReadonlySet<string> = new Set(['requests', 'tokens', 'throttlingexception']);

function isOfTheDay(message: string, { waitHints }: ReportedError, { resetSeconds }: Hints): boolean {
  if (/\bper[- ]day\b|\bdaily\b|\b[RT]PD\b/i.test(message)) return true;
  return waitHints.resetsAt !== null && (resetSeconds ?? 0) > LONGEST_HINT_SECONDS;
}
