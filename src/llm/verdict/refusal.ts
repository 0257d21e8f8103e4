import { LONGEST_HINT_SECONDS } from '../../domain/attempt.ts';
import { errorTypeMeaning, moderated } from './error-types.ts';
import type { Hints } from './hints.ts';
import {
  budgetSpent,
  dailyQuota,
  largerThanRate,
  type Meaning,
  rateLimited,
  spendingHeld,
  tooDear,
  tooManyAtOnce,
  upstreamBusy,
} from './meanings.ts';
import { NO_ERROR, type ReportedError } from './reported-error.ts';
import { statusMeaning } from './statuses.ts';

/** A refusal: a status that is no success, or an error under one. */
interface RefusedCall {
  /** Of the HTTP reply, or the one that the error says it would have had. */
  readonly status: number;
  readonly error: ReportedError | null;
  readonly hints: Hints;
}

interface Rule {
  readonly applies: (refusal: RefusedCall, error: ReportedError) => boolean;
  readonly meaning: Meaning;
}

const BUDGETS = new Set(['openrouter_guardrail_budget', 'openrouter_workspace_budget', 'openrouter_key_limit']);

/** What the status alone gets wrong. The first rule that applies decides. */
const RULES: readonly Rule[] = [
  { applies: (_, error) => error.reason === 'weight_exceeds_budget', meaning: tooDear },
  {
    applies: (_, error) =>
      error.limitSource === 'openrouter_in_flight_budget' || error.reason === 'in_flight_budget_exhausted',
    meaning: spendingHeld,
  },
  { applies: (_, error) => BUDGETS.has(error.limitSource ?? ''), meaning: budgetSpent },
  { applies: (_, error) => error.moderated, meaning: moderated },
  {
    // A provider's refusal, passed on without a reason: it says nothing against the key.
    applies: ({ status }, error) => status === 403 && error.provider !== null && error.types.length === 0,
    meaning: { code: 'provider-refused', words: 'The provider of the model refused the request', remedy: 'suspect' },
  },
  {
    // A page instead of an error object: something in front of the API spoke, often about what the document says.
    applies: ({ status, error }) => status === 403 && error === null,
    meaning: { code: 'blocked', words: 'Something in front of the API blocked the request', remedy: 'suspect' },
  },
];

/** What a refusal means: special findings first, then the error's own word, then the status. */
export function refusalMeaning(refusal: RefusedCall): Meaning {
  const error = refusal.error ?? NO_ERROR;
  const rule = RULES.find(({ applies }) => applies(refusal, error));
  if (rule !== undefined) return obeying(error.retryable, rule.meaning);
  const meaning = errorTypeMeaning(error.types) ?? statusMeaning(refusal.status);
  return obeying(error.retryable, narrowed(meaning, error, refusal.hints));
}

/** Which limit it was, if word and status alone leave that open. What comes with a hint ends by itself. */
function narrowed(meaning: Meaning, error: ReportedError, hints: Hints): Meaning {
  switch (meaning.code) {
    case 'too-many-at-once':
      return limitReached(error, hints);
    case 'overloaded':
      return hints.retrySeconds === null ? meaning : upstreamBusy;
    case 'credit-exhausted':
      return hints.retrySeconds === null ? meaning : spendingHeld;
    default:
      return meaning;
  }
}

/** The API's own word on whether asking again helps goes before our reading of the status. */
function obeying(retryable: boolean | null, meaning: Meaning): Meaning {
  if (retryable === null || retryable === REPEATING.has(meaning.remedy)) return meaning;
  return { ...meaning, remedy: retryable ? 'retry' : 'fail' };
}

const REPEATING: ReadonlySet<Meaning['remedy']> = new Set([
  'retry',
  'retry slowly',
  'rate',
  'concurrency',
  'upstream',
  'spending',
]);

interface Sign {
  readonly applies: (error: ReportedError, hints: Hints) => boolean;
  readonly meaning: Meaning;
}

/**
 * By what a 429 shows which limit was reached. The first sign decides, so that what the message names goes before hints
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
function limitReached(error: ReportedError, hints: Hints): Meaning {
  return SIGNS.find(({ applies }) => applies(error, hints))?.meaning ?? tooManyAtOnce;
}

function says(pattern: RegExp): (error: ReportedError) => boolean {
  return ({ message }) => pattern.test(message ?? '');
}

const saysUpstream = says(/\brate-limited upstream\b/i);
const saysDaily = says(/\bper[- ]day\b|\bdaily\b|\b[RT]PD\b/i);

function isPassedOn(error: ReportedError): boolean {
  return error.limitSource === 'upstream_provider_shared_pool' || error.provider !== null || saysUpstream(error);
}

function isOfTheDay(error: ReportedError, { resetSeconds }: Hints): boolean {
  return saysDaily(error) || (error.waitHints.resetsAt !== null && (resetSeconds ?? 0) > LONGEST_HINT_SECONDS);
}
