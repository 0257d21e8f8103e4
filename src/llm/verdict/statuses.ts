import { creditExhausted, type Meaning, tooManyAtOnce } from './meanings.ts';

const wrongAddress: Meaning = {
  code: 'wrong-address',
  words: 'Nothing at this address takes chat completions: check --api',
  remedy: 'pause model',
};

const edgeFailure: Meaning = {
  code: 'api-unavailable',
  words: 'The network in front of the API did not reach it',
  remedy: 'retry',
};

/** What each HTTP status means that is not a success. The only place that says so. */
const STATUSES: Readonly<Record<number, Meaning>> = {
  400: { code: 'bad-request', words: 'The API does not accept the request', remedy: 'suspect' },
  401: {
    code: 'key-refused',
    words: 'The API refused the key: check that it is right and active',
    remedy: 'pause account',
  },
  402: creditExhausted,
  403: {
    code: 'key-forbidden',
    words: 'The key may not do this: check its permissions and limits',
    remedy: 'pause account',
  },
  404: {
    code: 'model-not-found',
    words: 'The API has no such model or nobody to serve it: check --model',
    remedy: 'pause model',
  },
  405: wrongAddress,
  406: wrongAddress,
  407: { code: 'proxy-refused', words: 'A proxy on the way wants a login', remedy: 'pause model' },
  408: { code: 'timed-out', words: 'The API gave up waiting', remedy: 'retry' },
  409: { code: 'conflict', words: 'The API was busy with something that conflicts', remedy: 'retry' },
  410: wrongAddress,
  411: wrongAddress,
  412: {
    code: 'precondition-failed',
    words: 'The API does not accept the request under its conditions',
    remedy: 'fail',
  },
  413: { code: 'too-large', words: 'The request is too large for the API: split the document', remedy: 'fail' },
  414: wrongAddress,
  415: wrongAddress,
  421: wrongAddress,
  422: { code: 'unprocessable', words: 'The API understands the request but cannot work on it', remedy: 'suspect' },
  425: { code: 'too-early', words: 'The API wants the request again later', remedy: 'retry' },
  426: wrongAddress,
  429: tooManyAtOnce,
  431: wrongAddress,
  500: { code: 'server-error', words: 'The API failed inside', remedy: 'retry' },
  502: {
    code: 'provider-unavailable',
    words: 'The provider of the model is down or gave no valid answer',
    remedy: 'retry',
  },
  503: { code: 'overloaded', words: 'Nobody is free to serve the model', remedy: 'retry' },
  504: { code: 'provider-timeout', words: 'The provider of the model took too long', remedy: 'retry' },
  520: edgeFailure,
  521: edgeFailure,
  522: edgeFailure,
  523: edgeFailure,
  524: { code: 'provider-timeout', words: 'The API took too long for the network in front of it', remedy: 'retry' },
  525: edgeFailure,
  526: edgeFailure,
  527: edgeFailure,
  529: { code: 'overloaded', words: 'The provider of the model is overloaded', remedy: 'retry' },
  530: edgeFailure,
};

const redirected: Meaning = {
  code: 'redirected',
  words: 'The API answers from another address, and redirects are not followed: set --api to the final one',
  remedy: 'pause model',
};

const otherRefusal: Meaning = { code: 'refused', words: 'The API refused the request', remedy: 'suspect' };
const otherFailure: Meaning = { code: 'server-error', words: 'The API failed', remedy: 'retry' };
const notFinal: Meaning = { code: 'malformed-reply', words: 'The API sent no final status', remedy: 'retry' };

/** The meaning of a status outside 200 to 299; what the table does not name goes by its class. */
export function statusMeaning(status: number): Meaning {
  const known = STATUSES[status];
  if (known !== undefined) return known;
  if (status >= 500) return otherFailure;
  if (status >= 400) return otherRefusal;
  return status >= 300 ? redirected : notFinal;
}
