import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiError, type ErrorObject, errorBody, type ReplyHeaders } from './api-errors.ts';
import type { Profile } from './profiles.ts';

/** The answering side of one HTTP call. Its timers stop when either side closes the connection. */
export class Exchange {
  readonly response: ServerResponse;
  /** The API that is played. */
  readonly #profile: Profile;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #atClose: (() => void)[] = [];
  #headers: ReplyHeaders = {};

  constructor(response: ServerResponse, profile: Profile) {
    this.response = response;
    this.#profile = profile;
    response.once('close', () => this.#close());
  }

  /** Adds headers to the reply, whichever it is. */
  addHeaders(headers: ReplyHeaders): void {
    this.#headers = { ...this.#headers, ...headers };
  }

  /** Sends the whole reply at once. */
  send(status: number, headers: ReplyHeaders, body: string | Buffer): void {
    // As bytes: Node would go through a text twice, together with the head.
    const bytes = Buffer.from(body);
    const length = status === 204 || status === 304 ? {} : { 'content-length': bytes.length };
    this.response.writeHead(status, { ...this.#headers, ...headers, ...length }).end(bytes);
  }

  sendJson(status: number, value: unknown, headers: ReplyHeaders = {}): void {
    this.send(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value));
  }

  /** Sends an error in the API's shape; its code is the status. */
  sendError(error: ErrorObject, headers: ReplyHeaders = {}): void {
    this.sendJson(error.code, errorBody(this.#profile.errors, error), headers);
  }

  /** Sends the head alone, now. */
  open(status: number, headers: ReplyHeaders): void {
    this.response.writeHead(status, { ...this.#headers, ...headers });
    this.response.flushHeaders();
  }

  /** Runs `action` after so many seconds; at once for 0. */
  after(seconds: number, action: () => void): void {
    if (seconds <= 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, seconds * 1000);
    this.#timers.add(timer);
  }

  /** Runs `action` every so many milliseconds until the returned function is called. */
  repeat(everyMs: number, action: () => void): () => void {
    const timer = setInterval(action, everyMs);
    this.#timers.add(timer);
    return () => {
      clearInterval(timer);
      this.#timers.delete(timer);
    };
  }

  /** Runs `action` when the last byte of the reply was handed to the system. */
  whenSent(action: () => void): void {
    this.response.once('finish', action);
  }

  /** Runs `action` when the connection closes, whether or not the reply was sent. */
  whenClosed(action: () => void): void {
    this.#atClose.push(action);
  }

  #close(): void {
    for (const action of this.#atClose) action();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

const LIMIT_BYTES = 64 * 2 ** 20;

/** Calls `done` with the whole body. One over 64 MiB is read to its end and answered with 413. Does nothing if the client goes away. */
export function readBody(message: IncomingMessage, exchange: Exchange, done: (body: Buffer) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  message.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= LIMIT_BYTES) parts.push(part);
    else parts = [];
  });
  message.once('end', () => {
    if (size <= LIMIT_BYTES) done(Buffer.concat(parts));
    else exchange.sendError(apiError(413));
  });
}
