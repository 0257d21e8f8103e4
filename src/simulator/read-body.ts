import type { IncomingMessage } from 'node:http';
import { apiError, errorBody } from './api-error.ts';
import type { Exchange } from './exchange.ts';

const LIMIT_BYTES = 64 * 2 ** 20;

/** Tells the whole body. One over 64 MiB is read to its end and answered with 413; of a client that goes away nothing is told. */
export function readBody(message: IncomingMessage, exchange: Exchange, done: (body: Buffer) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  message.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= LIMIT_BYTES) parts.push(part);
    else parts = [];
  });
  message.once('end', () => {
    if (size <= LIMIT_BYTES) done(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
    else exchange.sendJson(413, errorBody(apiError(413)));
  });
}
