import type { IncomingMessage } from 'node:http';
import { errorCode } from '../domain/errors.ts';
import type { BodyReader } from './body-reader.ts';
import { startTimer } from './timer.ts';
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
): Promise<Received<T>> {
  const encoding = stream.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return refuse(stream, { kind: 'encoded-reply', detail: 'content-encoding' });
  return new Promise((resolve) => {
    let bytes = 0;
    let whole = false;
    let trouble: Trouble | null = null;
    let idle: NodeJS.Timeout | undefined;
    const stop = (why: Trouble) => {
      if (!whole) trouble ??= why;
      stream.destroy();
    };
    const silent = () => stop({ kind: 'idle', detail: `${idleTimeoutSeconds} s` });
    stream.on('data', (chunk: Buffer) => {
      // What still comes says nothing, and must not hold the call.
      if (whole) return;
      bytes += chunk.length;
      if (bytes > LARGEST_BODY_BYTES) return stop({ kind: 'oversized-reply', detail: `${LARGEST_BODY_BYTES} bytes` });
      whole = reader.push(chunk);
      if (!whole) {
        idle = idle?.refresh() ?? startTimer(idleTimeoutSeconds, silent);
        return;
      }
      clearTimeout(idle);
      idle = startTimer(LINGER_SECONDS, () => stream.destroy());
    });
    stream.on('error', (error) => stop(networkTrouble(errorCode(error), true)));
    stream.on('close', () => {
      clearTimeout(idle);
      resolve({ body: reader.end(stream.readableEnded), trouble });
    });
  });
}

function refuse(stream: IncomingMessage, trouble: Trouble): Promise<Received<never>> {
  // Whatever breaks while it is being closed says nothing more.
  stream.on('error', () => undefined).destroy();
  return Promise.resolve({ body: null, trouble });
}
