import { LONGEST_HINT_SECONDS } from '../../domain/attempt.ts';
import { errorTypeMeaning, moderated } from './error-types.ts';
import type { Hints } from './hints.ts';
import { NO_ERROR, type ReportedError } from './reported-error.ts';
import {
  budgetSpent,
  createMeaning,
  creditExhausted,
  dailyQuota,
  largerThanRate,
  type Meaning,
  rateLimited,
  spendingHeld,
  statusMeaning,
  tooExpensive,
  tooManyAtOnce,
  upstreamBusy,
} from './statuses.ts';

/** A refusal: a status that is no success, or an error under one. */
interface RefusedCall {
  /** Of the HTTP reply, or the one that the error says it would have had. */
  readonly status: number;
  readonly error: ReportedError | null;
  readonly hints: Hints;
}

interface Rule {
  readonly applies: (error: ReportedError, refusal: RefusedCall) => boolean;
  readonly meaning: Meaning;
}

const BUDGETS = new Set(['openrouter_guardrail_budget', 'openrouter_workspace_budget', 'openrouter_key_limit']);

/** What the status alone gets wrong. The first rule that applies decides. */
const RULES: readonly Rule[] = [
  { applies: (error) => error.reason === 'weight_exceeds_budget', meaning: tooExpensive },
  {
    applies: (error) =>
      error.limitSource === 'openrouter_in_flight_budget' || error.reason === 'in_flight_budget_exhausted',
    meaning: spendingHeld,
  },
  { applies: (error) => BUDGETS.has(error.limitSource ?? ''), meaning: budgetSpent },
  { applies: (error) => error.moderated, meaning: moderated },
  {
    // A provider's refusal, passed on without a reason: it says nothing against the key.
    applies: (error, { status }) => status === 403 && error.provider !== null && error.types.length === 0,
    meaning: createMeaning('provider-refused', 'suspect', 'The provider of the model refused the request'),
  },
  {
    // A page instead of an error object: something in front of the API spoke, often about what the document says.
    applies: (_, { status, error }) => status === 403 && error === null,
    meaning: createMeaning('blocked', 'suspect', 'Something in front of the API blocked the request'),
  },
];

/** What a refusal means: special findings first, then the error's own word, then the status. */
export function refusalMeaning(refusal: RefusedCall): Meaning {
  const error = refusal.error ?? NO_ERROR;
  const found =
    decided(RULES, error, refusal) ??
    narrowed(errorTypeMeaning(error.types) ?? statusMeaning(refusal.status), error, refusal);
  return obeying(error.retryable, found);
}

function decided(rules: readonly Rule[], error: ReportedError, refusal: RefusedCall): Meaning | undefined {
  return rules.find(({ applies }) => applies(error, refusal))?.meaning;
}

/** Which limit it was, if word and status alone leave that open. What comes with a hint ends by itself. */
function narrowed(open: Meaning, error: ReportedError, refusal: RefusedCall): Meaning {
  // A 429 that gives no sign is taken for too many at once: fewer calls help against either.
  if (open.code === tooManyAtOnce.code) return decided(SIGNS, error, refusal) ?? tooManyAtOnce;
  if (refusal.hints.retrySeconds === null) return open;
  if (open.code === 'overloaded') return upstreamBusy;
  return open.code === creditExhausted.code ? spendingHeld : open;
}

/** The API's own word on whether asking again helps goes before our reading of the status. */
function obeying(retryable: boolean | null, found: Meaning): Meaning {
  if (retryable === null || retryable === REPEATING.has(found.remedy)) return found;
  return { ...found, remedy: retryable ? 'retry' : 'fail' };
}

const REPEATING: ReadonlySet<Meaning['remedy']> = new Set([
  'retry',
  'retry slowly',
  'rate',
  'concurrency',
  'upstream',
  'spending',
]);

/**
 * By what a 429 shows which limit was reached. The first sign decides, so that what the message names goes before hints
 * and headers, which come with limits of every kind.
 */
const SIGNS: readonly Rule[] = [
  { applies: says(/\brequest too large\b|\btokens must be reduced\b/i), meaning: largerThanRate },
  // A provider's own day is no quota of the account: the next call may go to another.
  { applies: (error, { hints }) => !isPassedOn(error) && isOfTheDay(error, hints), meaning: dailyQuota },
  { applies: says(/\bconcurren|\bat once\b|\bparallel\b|\bsimultaneous|\bin[- ]flight\b/i), meaning: tooManyAtOnce },
  { applies: isPassedOn, meaning: upstreamBusy },
  { applies: (_, { hints }) => hints.retrySeconds !== null || hints.namesRate, meaning: rateLimited },
  { applies: says(/\bper[- ](?:sec|min|hour)|\b[RT]P[SM]\b|\b(?:requests?|tokens?) rate\b/i), meaning: rateLimited },
  // OpenAI's `type` is what ran out.
  { applies: ({ types }) => types.includes('requests') || types.includes('tokens'), meaning: rateLimited },
];

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
