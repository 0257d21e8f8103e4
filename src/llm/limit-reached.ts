import { LONGEST_HINT_SECONDS } from '../domain/limits.ts';
import type { Meaning } from './meaning.ts';
import type { ApiError } from './verdict/api-error.ts';
import type { Hints } from './verdict/hints.ts';
import { dailyQuota, largerThanRate, rateLimited, tooManyAtOnce, upstreamBusy } from './verdict/meanings.ts';

interface Sign {
  readonly applies: (error: ApiError, hints: Hints) => boolean;
  readonly meaning: Meaning;
}

/**
 * By what a 429 tells which limit was reached. The first sign decides, so that what the message names goes before hints
 * and headers, which come with limits of every kind.
 */
const SIGNS: readonly Sign[] = [
  { applies: says(/\brequest too large\b|\btokens must be reduced\b/i), meaning: largerThanRate },
  // A provider's own day is no quota of the account: the next call may go to another.
  { applies: (error, hints) => !isPassedOn(error) && isOfTheDay(error, hints), meaning: dailyQuota },
  { applies: says(/\bconcurren|\bat once\b|\bparallel\b|\bsimultaneous|\bin[- ]flight\b/i), meaning: tooManyAtOnce },
  { applies: isPassedOn, meaning: upstreamBusy },
  { applies: (_, { retrySeconds, namesRate }) => retrySeconds !== null || namesRate, meaning: rateLimited },
  { applies: says(/\bper[- ](?:sec|min|hour)|\b[RT]P[SM]\b|\b(?:requests?|tokens?) rate\b/i), meaning: rateLimited },
  // OpenAI's `type` is what ran out.
  { applies: ({ types }) => types.includes('requests') || types.includes('tokens'), meaning: rateLimited },
];

/** What a 429 means. One that gives no sign is taken for too many at once: fewer calls help against either. */
export function limitReached(error: ApiError, hints: Hints): Meaning {
  return SIGNS.find(({ applies }) => applies(error, hints))?.meaning ?? tooManyAtOnce;
}

function says(pattern: RegExp): (error: ApiError) => boolean {
  return ({ message }) => pattern.test(message ?? '');
}

const saysUpstream = says(/\brate-limited upstream\b/i);
const saysDaily = says(/\bper[- ]day\b|\bdaily\b|\b[RT]PD\b/i);

function isPassedOn(error: ApiError): boolean {
  return error.limitSource === 'upstream_provider_shared_pool' || error.provider !== null || saysUpstream(error);
}

function isOfTheDay(error: ApiError, { resetSeconds }: Hints): boolean {
  return saysDaily(error) || (error.waitHints.resetsAt !== null && (resetSeconds ?? 0) > LONGEST_HINT_SECONDS);
}
