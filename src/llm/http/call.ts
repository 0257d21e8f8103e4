import type { IncomingHttpHeaders } from 'node:http';
import { Observable } from 'rxjs';
import type { BodyReader } from '../body-reader.ts';
import { Cancellation } from '../cancellation.ts';
import { type Received, receive } from '../receive.ts';
import type { Trouble } from '../trouble.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './client.ts';

export interface CallLimits {
  /** For the call as a whole, its repetitions and waits included. */
  readonly timeoutSeconds: number;
  /** Silence after the first byte of the body. */
  readonly idleTimeoutSeconds: number;
}

/** What came of a call, in plain facts: no error object of a library, nothing of the request. */
export interface CallResult<T> extends Received<T> {
  /** False only where the request certainly never left. */
  readonly sent: boolean;
  /** Null where no reply came. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  /** To the millisecond. */
  readonly seconds: number;
}

export type CallProgress<T> =
  | { readonly kind: 'sent' }
  | CallHead
  | { readonly kind: 'ended'; readonly result: CallResult<T> };

interface CallHead {
  readonly kind: 'head';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/**
 * One HTTP call. Cold; emits that the request was written whole, the head of the reply, where one comes, before its body
 * is read, and then the result; unsubscribing before the end aborts the call.
 */
export function call<T>(
  http: HttpClient,
  request: HttpRequest,
  createReader: () => BodyReader<T>,
  limits: CallLimits,
): Observable<CallProgress<T>> {
  return new Observable((subscriber) => {
    const startedMs = performance.now();
    const cancellation = new Cancellation();
    const deadlines = http.waits(limits.timeoutSeconds);
    let running = true;
    let late: Trouble | null = null;
    const giveUp = () => {
      late = { kind: 'deadline', detail: `${limits.timeoutSeconds} s` };
      cancellation.abort();
    };
    const finish = (heard: Heard<T>) => {
      running = false;
      deadlines.stop(giveUp);
      const seconds = Math.round(performance.now() - startedMs) / 1000;
      subscriber.next({ kind: 'ended', result: { ...heard, trouble: late ?? heard.trouble, seconds } });
      subscriber.complete();
    };
    deadlines.start(giveUp);
    http
      .send({ ...request, onSent: () => subscriber.next({ kind: 'sent' }) }, cancellation)
      .then((answer) => takeIn(http, answer, createReader(), limits, (head) => subscriber.next(head)))
      .then(finish, (error: unknown) => subscriber.error(error));
    return () => {
      deadlines.stop(giveUp);
      if (running) cancellation.abort();
    };
  });
}

type Heard<T> = Omit<CallResult<T>, 'seconds'>;

async function takeIn<T>(
  http: HttpClient,
  answer: HttpAnswer,
  reader: BodyReader<T>,
  limits: CallLimits,
  onHead: (head: CallHead) => void,
): Promise<Heard<T>> {
  if (answer.stream === null)
    return { sent: answer.sent, status: null, headers: {}, trouble: answer.trouble, body: null };

  const { status, stream } = answer;
  const { headers } = stream;
  const received = receive(stream, reader, limits.idleTimeoutSeconds, http.waits);
  onHead({ kind: 'head', status, headers });
  const { body, trouble } = await received;
  return { sent: true, status, headers, body, trouble };
}
