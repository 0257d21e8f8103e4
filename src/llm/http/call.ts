import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';
import { errorCode } from '../../lib/errors.ts';
import { type CallFailure, Cancellation, type HttpClient, type HttpRequest, networkFailure } from './client.ts';

export interface CallLimits {
  /** For the call as a whole, its repetitions and waits included. */
  readonly timeoutSeconds: number;
  /** Silence after the first byte of the body. */
  readonly idleTimeoutSeconds: number;
}

/** A call in flight. */
export interface HttpCall<T> {
  /** Rejects only for a mistake of the program. */
  readonly result: Promise<HttpResult<T>>;
  /** Harmless when it has ended. */
  readonly abort: () => void;
}

/** What came of a call, in plain facts: no error object of a library, nothing of the request. */
export interface HttpResult<T> {
  /** False only if the request certainly never left. */
  readonly sent: boolean;
  /** Null if no reply came. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  /** Null if it was not read at all. */
  readonly body: T | null;
  /** What kept the call from coming to its end. */
  readonly failure: CallFailure | null;
  /** To the millisecond. */
  readonly seconds: number;
}

/** Makes one HTTP call, at once. `onHead` gets the head of the reply before its body is read. */
export function startHttpCall<T>(
  http: HttpClient,
  request: HttpRequest,
  reader: BodyReader<T>,
  limits: CallLimits,
  onHead?: (status: number, headers: IncomingHttpHeaders) => void,
): HttpCall<T> {
  const startedMs = performance.now();
  const cancellation = new Cancellation();
  let late: CallFailure | null = null;
  let running = true;
  const deadline = setTimeout(() => {
    late = { kind: 'deadline', detail: `${limits.timeoutSeconds} s` };
    cancellation.abort();
  }, timerMs(limits.timeoutSeconds));

  async function run(): Promise<HttpResult<T>> {
    try {
      const { stream, sent, failure: noReply } = await http.send(request, cancellation);
      if (stream === null) return ended({ sent, status: null, headers: {}, body: null, failure: noReply });
      const { statusCode: status = 0, headers } = stream;
      const received = receive(stream, reader, limits.idleTimeoutSeconds);
      onHead?.(status, headers);
      const { body, failure } = await received;
      return ended({ sent: true, status, headers, body, failure });
    } finally {
      running = false;
      clearTimeout(deadline);
    }
  }

  function ended(facts: Omit<HttpResult<T>, 'seconds'>): HttpResult<T> {
    const seconds = Math.round(performance.now() - startedMs) / 1000;
    return { seconds, ...facts, failure: late ?? facts.failure };
  }

  return {
    result: run(),
    abort: () => {
      if (!running) return;
      clearTimeout(deadline);
      cancellation.abort();
    },
  };
}

/** Timers overflow to 1 ms beyond 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function timerMs(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST_TIMER_MS);
}

/** More than any answer has, unpacked; what is larger is not read to its end. */
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

/** How long a connection may stay open after a complete body. */
const LINGER_MS = 1000;

/** Reads a body to its end, however it ends. `idleTimeoutSeconds` limits the silence after the first byte. */
function receive<T>(
  reply: IncomingMessage,
  reader: BodyReader<T>,
  idleTimeoutSeconds: number,
): Promise<Pick<HttpResult<T>, 'body' | 'failure'>> {
  const stream = unpacked(reply);
  if (stream === null) {
    // An error while it is being closed says nothing more.
    reply.on('error', () => undefined).destroy();
    return Promise.resolve({ body: null, failure: { kind: 'encoded-reply', detail: encodingOf(reply) } });
  }
  const idleMs = timerMs(idleTimeoutSeconds);
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let whole = false;
    let failure: CallFailure | null = null;
    let lastChunkMs = 0;
    let timer: NodeJS.Timeout | undefined;
    const stop = (why: CallFailure): void => {
      if (!whole) failure ??= why;
      stream.destroy();
    };
    const push = (chunk: Buffer): boolean => {
      try {
        return reader.push(chunk);
      } catch (error) {
        // A mistake of the program: thrown here, it would end the process, with all calls that are in flight.
        reject(error);
        stream.destroy();
        return false;
      }
    };
    // Not armed again with every chunk: it looks how long the silence has been when it fires.
    const checkSilence = (): void => {
      const leftMs = lastChunkMs + idleMs - performance.now();
      if (leftMs > 0) timer = setTimeout(checkSilence, leftMs);
      else stop({ kind: 'idle', detail: `${idleTimeoutSeconds} s` });
    };
    stream.on('data', (chunk: Buffer) => {
      // Bytes after the end of the body are ignored.
      if (whole) return;
      bytes += chunk.length;
      if (bytes > LARGEST_BODY_BYTES) return stop({ kind: 'oversized-reply', detail: `${LARGEST_BODY_BYTES} bytes` });
      whole = push(chunk);
      if (stream.destroyed) return;
      if (whole) {
        clearTimeout(timer);
        timer = setTimeout(() => stream.destroy(), LINGER_MS);
      } else {
        lastChunkMs = performance.now();
        timer ??= setTimeout(checkSilence, idleMs);
      }
    });
    stream.on('error', (error) => stop(networkFailure(errorCode(error), true)));
    stream.on('close', () => {
      clearTimeout(timer);
      try {
        resolve({ body: reader.end(stream.readableEnded), failure });
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** What there is of a body that was cut is given on. */
const unzip = () => createUnzip({ finishFlush: constants.Z_SYNC_FLUSH });
const unbrotli = () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });

/**
 * The body of a reply, unpacked piece by piece as it comes, if something on the way compressed it although that was ruled
 * out. It fails with the errors of the connection, or of zlib. Null if it is packed in a way that is not known.
 */
function unpacked(reply: IncomingMessage): Readable | null {
  const encoding = reply.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  switch (encoding) {
    case 'identity':
      return reply;
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      // Errors are those of what is returned, too.
      return pipeline(reply, unzip(), () => undefined);
    case 'br':
      return pipeline(reply, unbrotli(), () => undefined);
    default:
      return null;
  }
}

/** By its name if that is a known one: others may be any text. */
function encodingOf({ headers }: IncomingMessage): string {
  return (
    /^(?:zstd|compress|x-compress|dcb|dcz)$/i.exec(headers['content-encoding']?.trim() ?? '')?.[0] ?? 'content-encoding'
  );
}

/** Takes in a body chunk by chunk. */
export interface BodyReader<T> {
  /** Returns true once the body said that it is whole, no matter what the connection does next. */
  push(chunk: Buffer): boolean;
  /** What was read. To be called once, after the last chunk; `byItself` is false if the body was cut or given up. */
  end(byItself: boolean): T;
}
