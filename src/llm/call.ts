import type { IncomingHttpHeaders } from 'node:http';
import { Observable } from 'rxjs';
import type { BodyReader } from './body-reader.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http-client.ts';
import { type Received, receive } from './receive.ts';
import { startTimer } from './timer.ts';
import type { Trouble } from './trouble.ts';

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
}

export type CallProgress<T> = CallHead | { readonly kind: 'ended'; readonly result: CallResult<T> };

interface CallHead {
  readonly kind: 'head';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/**
 * One HTTP call. Cold; emits the head of the reply, where one comes, before its body is read, and then the result;
 * unsubscribing before the end aborts the call.
 */
export function call<T>(
  http: HttpClient,
  request: HttpRequest,
  createReader: () => BodyReader<T>,
  limits: CallLimits,
): Observable<CallProgress<T>> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    let running = true;
    let late: Trouble | null = null;
    const deadline = startTimer(limits.timeoutSeconds, () => {
      late = { kind: 'deadline', detail: `${limits.timeoutSeconds} s` };
      abort.abort();
    });
    const finish = (result: CallResult<T>) => {
      running = false;
      clearTimeout(deadline);
      subscriber.next({ kind: 'ended', result: late === null ? result : { ...result, trouble: late } });
      subscriber.complete();
    };
    http
      .send(request, abort.signal)
      .then((answer) => takeIn(answer, createReader(), limits, (head) => subscriber.next(head)))
      .then(finish, (error: unknown) => subscriber.error(error));
    return () => {
      clearTimeout(deadline);
      if (running) abort.abort();
    };
  });
}

async function takeIn<T>(
  answer: HttpAnswer,
  reader: BodyReader<T>,
  limits: CallLimits,
  onHead: (head: CallHead) => void,
): Promise<CallResult<T>> {
  if (answer.stream === null)
    return { sent: answer.sent, status: null, headers: {}, trouble: answer.trouble, body: null };

  const { status, stream } = answer;
  const { headers } = stream;
  const received = receive(stream, reader, limits.idleTimeoutSeconds);
  onHead({ kind: 'head', status, headers });
  return { ...(await received), sent: true, status, headers };
}
