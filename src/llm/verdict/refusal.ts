import type { Silence } from '../../domain/attempt.ts';
import type { HttpResult } from '../http/call.ts';
import type { ParsedReply } from '../reply/reply.ts';
import { budgetSpent, errorTypeMeaning, moderated } from './error-types.ts';
import type { Hints } from './hints.ts';
import { isSuccess, NO_ERROR, type ReportedError, readErrorBody } from './reported-error.ts';
import { limitReached } from './status-429.ts';
import {
  createMeaning,
  creditExhausted,
  gatewayMeaning,
  type Meaning,
  type Remedy,
  statusMeaning,
  tooManyAtOnce,
  upstreamBusy,
} from './statuses.ts';

/** A status that is no success, or an error under one. */
interface RefusedCall {
  /** Of the HTTP reply, or the one that the error says it would have had. */
  readonly status: number;
  readonly error: ReportedError | null;
  readonly hints: Hints;
}

const tooExpensive = createMeaning(
  'too-dear',
  'fail',
  'This request alone may cost more than the credit: lower --max-tokens or add credit',
);

const spendingHeld = createMeaning(
  'spending-held',
  'spending',
  'The calls in flight hold all of the credit: lower --concurrency or --max-tokens, or add credit',
);

const providerRefused = createMeaning('provider-refused', 'suspect', 'The provider of the model refused the request');

const blocked = createMeaning('blocked', 'suspect', 'Something in front of the API blocked the request');

/** What a refusal means: what `corrected` finds, else the error's own word, else the status. */
export function refusalMeaning(refusal: RefusedCall): Meaning {
  const { status, error, hints } = refusal;
  const { types, retryable } = error ?? NO_ERROR;
  const ofGateway = (error?.anonymous ?? true) ? gatewayMeaning(status) : undefined;
  const said = errorTypeMeaning(types) ?? ofGateway;
  const found = corrected(refusal) ?? narrowed(said ?? statusMeaning(status), error, hints);
  // The API's own word on whether asking again helps goes before our reading of the status.
  if (retryable === null || retryable === REPEATING.has(found.remedy)) return found;
  return { ...found, remedy: retryable ? 'retry' : 'fail' };
}

const REPEATING: ReadonlySet<Remedy> = new Set([
  'retry',
  'retry slowly',
  'rate',
  'concurrency',
  'upstream',
  'spending',
]);

const BUDGETS = new Set(['openrouter_guardrail_budget', 'openrouter_workspace_budget', 'openrouter_key_limit']);

/** What word and status alone get wrong; null if nothing. */
function corrected({ status, error }: RefusedCall): Meaning | null {
  // A page instead of an error object: something in front of the API spoke, often about what the document says.
  if (error === null || (error.anonymous && error.types.length === 0)) return status === 403 ? blocked : null;
  const { reason, limitSource, provider, types } = error;
  if (reason === 'weight_exceeds_budget') return tooExpensive;
  if (limitSource === 'openrouter_in_flight_budget' || reason === 'in_flight_budget_exhausted') return spendingHeld;
  if (BUDGETS.has(limitSource ?? '')) return budgetSpent;
  if (error.moderated) return moderated;
  // A provider's refusal, passed on without a reason: it says nothing against the key.
  return status === 403 && provider !== null && types.length === 0 ? providerRefused : null;
}

/** Which limit it was, if word and status alone leave that open. What comes with a hint ends by itself. */
function narrowed(open: Meaning, error: ReportedError | null, hints: Hints): Meaning {
  if (open === tooManyAtOnce) return limitReached(error ?? NO_ERROR, hints);
  if (hints.retrySeconds === null) return open;
  if (open.code === 'overloaded' || open.code === 'gateway-busy') return upstreamBusy;
  return open.code === creditExhausted.code ? spendingHeld : open;
}

/** With the error that the whole body is, if its status says so. */
export function withRefusal(reply: ParsedReply, status: number | null): ParsedReply {
  if (status === null || isSuccess(status) || reply.said === undefined) return reply;
  return { ...reply, error: readErrorBody(reply.said) ?? reply.error };
}

/**
 * How a call ended to which nothing of the API itself came back; null if something did. It is `refused` by something
 * before the API: a gateway's page, a login page under a success, a connection that did not come about. Other calls
 * brought nothing: the connection broke, a gateway gave up waiting, a stream never began.
 */
export function silenceOf({
  sent,
  status,
  headers,
  body,
}: Pick<HttpResult<ParsedReply>, 'sent' | 'status' | 'headers' | 'body'>): Pick<Silence, 'refused'> | null {
  if (!sent) return REFUSED;
  if (status === null) return UNANSWERED;
  const error = body === null ? null : withRefusal(body, status).error;
  if (error !== null && (!error.anonymous || status < 500)) return null;
  if (isSuccess(status)) return body === null ? null : silenceInSuccess(body.form, headers['content-type'] ?? '');
  if (status === 403) return REFUSED;
  if (gatewayMeaning(status) === undefined) return null;
  return status === 504 || status === 524 ? UNANSWERED : REFUSED;
}

/** Whether the API, or a program of it, answered, and not something before it: a gateway, or what wants a login. */
export function isOfApi(ended: Parameters<typeof silenceOf>[0]): boolean {
  const { status, body } = ended;
  if (silenceOf(ended) !== null || status === null) return false;
  const isRedirect = status >= 300 && status <= 399;
  return !isRedirect && (status !== 401 || body?.form !== 'page');
}

const REFUSED = { refused: true };
const UNANSWERED = { refused: false };

/** Of a stream that never began, comments may have come. */
function silenceInSuccess(form: ParsedReply['form'], type: string): Pick<Silence, 'refused'> | null {
  if (form === 'page' || (form === 'unreadable' && /\bhtml\b/i.test(type))) return REFUSED;
  return form === 'blank' || (form === 'unreadable' && /\bevent-stream\b/i.test(type)) ? UNANSWERED : null;
}
