import type { Silence } from '../../domain/attempt.ts';
import type { HttpResult } from '../http/call.ts';
import type { ParsedReply } from '../reply/reply.ts';
import { withRefusal } from './outcome.ts';
import { isSuccess } from './reported-error.ts';
import { gatewayMeaning } from './statuses.ts';

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
