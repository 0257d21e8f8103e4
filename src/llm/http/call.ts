import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Observable } from 'rxjs';
import { errorCode } from '../../lib/errors.ts';
import { networkTrouble, type Trouble } from '../verdict/reply-meaning.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './client.ts';
import { Cancellation, type EqualWaits } from './timers.ts';

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

/** More than any answer has; what is larger is not read to its end. */
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

/** How long the connection may go on after a body said that it is whole, be it silent or not. */
const LINGER_SECONDS = 1;

/** What was read of a body, and what kept it from ending by itself. */
interface Received<T> {
  /** Null where the body was not read at all. */
  readonly body: T | null;
  readonly trouble: Trouble | null;
}

/** Reads a body to its end, however it ends. `idleTimeoutSeconds` limits the silence after the first byte. */
function receive<T>(
  stream: IncomingMessage,
  reader: BodyReader<T>,
  idleTimeoutSeconds: number,
  waits: (seconds: number) => EqualWaits,
): Promise<Received<T>> {
  const encoding = stream.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return refuse(stream, { kind: 'encoded-reply', detail: 'content-encoding' });
  const idle = waits(idleTimeoutSeconds);
  const linger = waits(LINGER_SECONDS);
  return new Promise((resolve) => {
    let bytes = 0;
    let whole = false;
    let trouble: Trouble | null = null;
    const stop = (why: Trouble) => {
      if (!whole) trouble ??= why;
      stream.destroy();
    };
    const silent = () => stop({ kind: 'idle', detail: `${idleTimeoutSeconds} s` });
    const close = () => stream.destroy();
    stream.on('data', (chunk: Buffer) => {
      // What still comes says nothing, and must not hold the call.
      if (whole) return;
      bytes += chunk.length;
      if (bytes > LARGEST_BODY_BYTES) return stop({ kind: 'oversized-reply', detail: `${LARGEST_BODY_BYTES} bytes` });
      whole = reader.push(chunk);
      if (!whole) return idle.start(silent);
      idle.stop(silent);
      linger.start(close);
    });
    stream.on('error', (error) => stop(networkTrouble(errorCode(error), true)));
    stream.on('close', () => {
      idle.stop(silent);
      linger.stop(close);
      resolve({ body: reader.end(stream.readableEnded), trouble });
    });
  });
}

function refuse(stream: IncomingMessage, trouble: Trouble): Promise<Received<never>> {
  // Whatever breaks while it is being closed says nothing more.
  stream.on('error', () => undefined).destroy();
  return Promise.resolve({ body: null, trouble });
}

/** Takes in a body chunk by chunk. */
export interface BodyReader<T> {
  /** Returns true once the body said that it is whole, whatever the connection does next. */
  push(chunk: Buffer): boolean;
  /** What was read. To be called once, after the last chunk; `byItself` is false where the body was cut or given up. */
  end(byItself: boolean): T;
}
