import type { IncomingMessage } from 'node:http';
import { errorCode } from '../domain/errors.ts';
import type { BodyReader } from './body-reader.ts';
import type { EqualWaits } from './http/timers.ts';
import { networkTrouble, type Trouble } from './trouble.ts';

/** More than any answer has; what is larger is not read to its end. */
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

/** How long the connection may go on after a body said that it is whole, be it silent or not. */
const LINGER_SECONDS = 1;

/** What was read of a body, and what kept it from ending by itself. */
export interface Received<T> {
  /** Null where the body was not read at all. */
  readonly body: T | null;
  readonly trouble: Trouble | null;
}

/** Reads a body to its end, however it ends. `idleTimeoutSeconds` limits the silence after the first byte. */
export function receive<T>(
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
