import type { Limit } from '../../domain/attempt.ts';

/**
 * What a refusal asks for. `retry`: this document waits. `retry slowly`: so it does, and all of the model with it.
 * A `Limit`: it says nothing of the document; all of the model wait, but if there were too many at once this
 * document alone, for then fewer calls are the cure. `suspect`: the document fails, unless the first attempts of a model
 * all do.
 */
export type Remedy = 'retry' | 'retry slowly' | Limit | 'fail' | 'suspect' | Pausing;

/** `pause until reset`: the account is paused, and its cause ends by itself. */
type Pausing = 'pause account' | 'pause until reset' | 'pause model';

/** What went wrong: our stable word for it, the same for people with what to do about it, and the remedy. */
export interface Meaning {
  readonly code: string;
  readonly words: string;
  readonly remedy: Remedy;
}

export function createMeaning(code: string, remedy: Remedy, words: string): Meaning {
  return { code, words, remedy };
}

export const rateLimited = createMeaning('rate-limited', 'rate', 'Too many calls or tokens for the time');
export const tooManyAtOnce = createMeaning('too-many-at-once', 'concurrency', 'Too many calls at once');
export const upstreamBusy = createMeaning(
  'upstream-busy',
  'upstream',
  'The provider of the model takes no more calls for now, from anybody',
);

export const spendingHeld = createMeaning(
  'spending-held',
  'spending',
  'The calls in flight hold all of the credit: lower --concurrency or --max-tokens, or add credit',
);

export const tooExpensive = createMeaning(
  'too-dear',
  'fail',
  'This request alone may cost more than the credit: lower --max-tokens or add credit',
);

export const largerThanRate = createMeaning(
  'larger-than-rate',
  'suspect',
  'This request alone exceeds the tokens per minute: lower --max-tokens or split the document',
);

export const dailyQuota = createMeaning(
  'daily-quota',
  'pause until reset',
  'The requests of the day are used up: wait for the next one, choose another model, or add credit',
);

export const quotaUsedUp = createMeaning(
  'quota-used-up',
  'pause account',
  'The quota or credit of the account is used up: add credit or raise its limit',
);

export const budgetSpent = createMeaning(
  'budget-spent',
  'pause account',
  'The spending limit of the key or workspace is reached: raise it or wait for its reset',
);

/** It concerns the account, not the document: with one `--max-tokens` for all, every other one would be refused, too. */
export const creditTooLow = createMeaning(
  'credit-exhausted',
  'pause account',
  'The credit left does not cover an answer of --max-tokens: add credit, or lower --max-tokens',
);

export const creditExhausted = createMeaning(
  'credit-exhausted',
  'pause account',
  'The account or key has no credit left: add credit or raise its limit',
);

const wrongAddress = createMeaning(
  'wrong-address',
  'pause model',
  'Nothing at this address takes chat completions: check --api',
);

const edgeFailure = createMeaning('api-unavailable', 'retry', 'The network in front of the API did not reach it');

/** What each HTTP status means that is not a success. The only place that says so. */
const STATUSES: Readonly<Record<number, Meaning>> = {
  400: createMeaning('bad-request', 'suspect', 'The API does not accept the request'),
  401: createMeaning('key-refused', 'pause account', 'The API refused the key: check that it is right and active'),
  402: creditExhausted,
  403: createMeaning('key-forbidden', 'pause account', 'The key may not do this: check its permissions and limits'),
  404: createMeaning(
    'model-not-found',
    'pause model',
    'The API has no such model or nobody to serve it: check --model',
  ),
  405: wrongAddress,
  406: wrongAddress,
  407: createMeaning('proxy-refused', 'pause model', 'A proxy on the way wants a login'),
  408: createMeaning('timed-out', 'retry', 'The API gave up waiting'),
  409: createMeaning('conflict', 'retry', 'The API was busy with something that conflicts'),
  410: wrongAddress,
  411: wrongAddress,
  412: createMeaning('precondition-failed', 'fail', 'The API does not accept the request under its conditions'),
  413: createMeaning('too-large', 'fail', 'The request is too large for the API: split the document'),
  414: wrongAddress,
  415: wrongAddress,
  421: wrongAddress,
  422: createMeaning('unprocessable', 'suspect', 'The API understands the request but cannot work on it'),
  425: createMeaning('too-early', 'retry', 'The API wants the request again later'),
  426: wrongAddress,
  // Which limit was reached is decided in `refusal.ts`.
  429: tooManyAtOnce,
  431: wrongAddress,
  500: createMeaning('server-error', 'retry', 'The API failed inside'),
  502: createMeaning('provider-unavailable', 'retry', 'The provider of the model is down or gave no valid answer'),
  503: createMeaning('overloaded', 'retry', 'Nobody is free to serve the model'),
  504: createMeaning('provider-timeout', 'retry', 'The provider of the model took too long'),
  520: edgeFailure,
  521: edgeFailure,
  522: edgeFailure,
  523: edgeFailure,
  524: createMeaning('provider-timeout', 'retry', 'The API took too long for the network in front of it'),
  525: edgeFailure,
  526: edgeFailure,
  527: edgeFailure,
  529: createMeaning('overloaded', 'retry', 'The provider of the model is overloaded'),
  530: edgeFailure,
};

const redirected = createMeaning(
  'redirected',
  'pause model',
  'The API answers from another address, and redirects are not followed: set --api to the final one',
);

const otherRefusal = createMeaning('refused', 'suspect', 'The API refused the request');
const otherFailure = createMeaning('server-error', 'retry', 'The API failed');
const notFinal = createMeaning('malformed-reply', 'retry', 'The API sent no final status');

/** The meaning of a status outside 200 to 299; what the table does not name goes by its class. */
export function statusMeaning(status: number): Meaning {
  const known = STATUSES[status];
  if (known !== undefined) return known;
  if (status >= 500) return otherFailure;
  if (status >= 400) return otherRefusal;
  return status >= 300 ? redirected : notFinal;
}
