import type { Limit } from '../../domain/attempt.ts';

/**
 * What is done about it. `retry`: this document waits. `retry slowly`: all of the model waits. A `Limit`: it says nothing
 * of the document, and all of the model waits; for `concurrency` this document alone, as fewer calls are the cure.
 * `at once`: the request goes again as the API wants it.
 * `suspect`: the document fails, unless the first attempts of a model all do. `pause until reset`: the account is paused,
 * and the cause ends by itself.
 */
export type Remedy =
  | 'retry'
  | 'retry slowly'
  | 'at once'
  | Limit
  | 'fail'
  | 'suspect'
  | 'pause account'
  | 'pause until reset'
  | 'pause model';

/** What went wrong: our stable word for it, the same for people with what to do about it, and the remedy. */
export interface Meaning {
  readonly code: string;
  readonly words: string;
  readonly remedy: Remedy;
}

export function createMeaning(code: string, remedy: Remedy, words: string): Meaning {
  return { code, words, remedy };
}

/** What a 429 means as long as nothing says which limit was reached: fewer calls help against each. */
export const tooManyAtOnce = createMeaning('too-many-at-once', 'concurrency', 'Too many calls at once');

export const upstreamBusy = createMeaning(
  'upstream-busy',
  'upstream',
  'The provider of the model takes no more calls for now, from anybody',
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

/** What each HTTP status means that is not a success. */
const STATUSES: Readonly<Record<number, Meaning>> = {
  400: createMeaning('bad-request', 'suspect', 'The API does not accept the request'),
  401: createMeaning('key-refused', 'pause account', 'The API refused the key: check that it is right and active'),
  402: creditExhausted,
  403: createMeaning('key-forbidden', 'pause account', 'The key may not do this: check its permissions and limits'),
  404: createMeaning(
    'model-not-found',
    'pause model',
    'The API has no such model, or no provider for it: check --model',
  ),
  405: wrongAddress,
  406: wrongAddress,
  407: createMeaning(
    'proxy-refused',
    'pause model',
    'A proxy on the way wants a login: give it as --proxy http://USER:PASSWORD@HOST:PORT',
  ),
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
  // Which limit was reached: `status-429.ts`.
  429: tooManyAtOnce,
  431: wrongAddress,
  // Groq: its cheaper tier has nothing left over.
  498: upstreamBusy,
  500: createMeaning('server-error', 'retry', 'The API had an error of its own'),
  502: createMeaning('provider-unavailable', 'retry', 'The provider of the model is down or gave no valid answer'),
  503: createMeaning('overloaded', 'retry', 'The model has no capacity free'),
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

/** Under these a gateway in front of the API sends pages of its own; an API sends an error object. */
const GATEWAY_PAGES: Readonly<Record<number, Meaning>> = {
  502: edgeFailure,
  503: createMeaning('gateway-busy', 'concurrency', 'The network in front of the API takes no more calls for now'),
  504: createMeaning('gateway-timeout', 'retry', 'The network in front of the API waited for it in vain'),
  511: createMeaning('login-wanted', 'retry', 'The network wants a login before it lets anything through'),
};

/** The meaning of a status that comes without an error object, if a gateway in front of the API says it; else undefined. */
export function gatewayMeaning(status: number): Meaning | undefined {
  return GATEWAY_PAGES[status] ?? (status >= 520 && status !== 529 ? STATUSES[status] : undefined);
}

/** Gateways say these when they did not pass the request on: the origin refused, was not found, or there is none. */
const NOT_PASSED_ON: ReadonlySet<number> = new Set([503, 511, 521, 523, 525, 526, 530]);

/** Whether a request that a gateway answered with this status may have come to the API. */
export function mayHavePassedOn(status: number): boolean {
  return !NOT_PASSED_ON.has(status);
}

const redirected = createMeaning(
  'redirected',
  'pause model',
  'The API, or a login page of the network, answers from another address, and redirects are not followed: set --api to ' +
    'the final one, or log in to the network',
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
