import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { firstHalf } from './answer-text.ts';
import { apiError, errorBody, faultError } from './api-errors.ts';
import { errorEvent, hollowReply, PROCESSING_COMMENT } from './completion.ts';
import { framed, replyEvents, replyJson, type Writing } from './dialects.ts';
import type { Exchange } from './exchange.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { ENCODINGS } from './fault-plan.ts';

interface Delivery extends Writing {
  readonly exchange: Exchange;
  readonly stream: boolean;
}

const PADDING_EVERY_MS = 100;
const MEBIBYTE = 2 ** 20;
const BOMB_MEBIBYTES = 512;

/** Sends a completion as its fault says; whole if there is no fault, or if the fault is in the completion. */
export function deliver(delivery: Delivery): void {
  const act = delivery.fault === undefined ? sendAnswer : (ACTS[delivery.fault.kind] ?? sendAnswer);
  act(delivery);
}

const ACTS: Readonly<Partial<Record<FaultKind, (delivery: Delivery) => void>>> = {
  status: sendStatus,
  'file-error': sendFileError,
  'reset-before': reset,
  'reset-after': reset,
  hang: () => undefined,
  'slow-headers': (delivery) => delivery.exchange.after(secondsOf(delivery), () => sendAnswer(delivery)),
  drip,
  padding: pad,
  blank: (delivery) => send(delivery, '  \n\n  \n\n'),
  'cut-json': (delivery) => send(delivery, delivery.stream ? cutInsideEvent(delivery) : firstHalf(bodyOf(delivery))),
  'cut-sse': (delivery) => send(delivery, delivery.stream ? cutAfterEvent(delivery) : firstHalf(bodyOf(delivery))),
  comments: startPadding,
  'error-in-200': sendErrorInside,
  'no-choices': (delivery) => send(delivery, hollowReply(delivery.completion, delivery.stream)),
  html: ({ exchange }) => exchange.send(200, { 'content-type': 'text/html; charset=utf-8' }, errorPage(200)),
  'gzip-bomb': sendGzipBomb,
  framing: (delivery) =>
    send(
      delivery,
      delivery.stream ? framed(replyEvents(delivery), delivery.fault?.framing ?? 'crlf') : bodyOf(delivery),
    ),
  compressed: sendCompressed,
  redirect: ({ exchange }) => exchange.send(307, { location: '/api/v1/elsewhere' }, ''),
};

function reset({ exchange }: Delivery): void {
  exchange.response.socket?.resetAndDestroy();
}

function sendAnswer(delivery: Delivery): void {
  send(delivery, bodyOf(delivery));
}

function send(delivery: Delivery, body: string): void {
  delivery.exchange.send(200, headersOf(delivery), body);
}

function sendStatus({ exchange, profile, completion, fault }: Delivery): void {
  const status = fault?.status ?? 500;
  const { error, headers: waits } = faultError(profile, status, fault, completion.model);
  const headers = { ...fault?.headers, ...waits };
  if (fault?.body === 'empty') exchange.send(status, headers, '');
  else if (fault?.body === 'html')
    exchange.send(status, { ...headers, 'content-type': 'text/html' }, errorPage(status));
  else exchange.sendError(error, headers);
}

function sendFileError({ exchange, completion, fault }: Delivery): void {
  const metadata = { file_annotations: completion.extras?.annotations ?? [], ...fault?.metadata };
  exchange.sendError(apiError(fault?.status ?? 502, { ...fault, metadata }));
}

/** Sends the bytes that are due by the clock: one at a time, or more if a timer cannot go so fast. */
function drip(delivery: Delivery): void {
  const { exchange } = delivery;
  const bytes = Buffer.from(bodyOf(delivery));
  const totalMs = Math.max(1, secondsOf(delivery) * 1000);
  const startedAt = performance.now();
  let sent = 0;
  exchange.open(200, headersOf(delivery));
  const stop = exchange.repeat(totalMs / bytes.length, () => {
    const due = Math.min(bytes.length, Math.ceil(((performance.now() - startedAt) / totalMs) * bytes.length));
    exchange.response.write(bytes.subarray(sent, due));
    sent = due;
    if (sent < bytes.length) return;
    stop();
    exchange.response.end();
  });
}

function pad(delivery: Delivery): void {
  const stop = startPadding(delivery);
  delivery.exchange.after(secondsOf(delivery), () => {
    stop();
    delivery.exchange.response.end(bodyOf(delivery));
  });
}

/** Sends what the API sends while a model works, until the returned function is called. */
function startPadding(delivery: Delivery): () => void {
  const { exchange, stream } = delivery;
  const padding = stream ? PROCESSING_COMMENT : '         \n';
  exchange.open(200, headersOf(delivery));
  exchange.response.write(padding);
  return exchange.repeat(PADDING_EVERY_MS, () => exchange.response.write(padding));
}

function sendErrorInside(delivery: Delivery): void {
  const { stream, profile, completion, fault } = delivery;
  const { errors } = profile;
  const error = apiError(fault?.status ?? 502, fault);
  const body = errorBody(errors, error);
  if (errors !== 'openrouter') send(delivery, stream ? `data: ${JSON.stringify(body)}\n\n` : JSON.stringify(body));
  else send(delivery, stream ? errorEvent(completion, error) : JSON.stringify({ id: completion.id, ...body }));
}

function cutAfterEvent(delivery: Delivery): string {
  return replyEvents(delivery).slice(0, 3).join('');
}

function cutInsideEvent(delivery: Delivery): string {
  const [comment = '', first = '', second = ''] = replyEvents(delivery);
  return comment + first + firstHalf(second);
}

/** A page as a proxy in front of the API would send it. */
function errorPage(status: number): string {
  return `<!DOCTYPE html>\n<html><head><title>Error ${status}</title></head><body><h1>Error ${status}</h1></body></html>\n`;
}

function bodyOf(delivery: Delivery): string {
  return delivery.stream ? replyEvents(delivery).join('') : replyJson(delivery);
}

function headersOf({ stream }: Delivery): Readonly<Record<string, string>> {
  return { 'content-type': stream ? 'text/event-stream' : 'application/json', 'cache-control': 'no-cache' };
}

function secondsOf({ fault }: Delivery): number {
  return fault?.seconds ?? 0;
}

const COMPRESSORS: Readonly<Record<(typeof ENCODINGS)[number], (body: string) => Buffer>> = {
  gzip: (body) => gzipSync(body),
  deflate: (body) => deflateSync(body),
  br: (body) => brotliCompressSync(body),
};

function sendCompressed(delivery: Delivery): void {
  const encoding = delivery.fault?.encoding ?? 'gzip';
  const headers = { ...headersOf(delivery), 'content-encoding': encoding };
  delivery.exchange.send(200, headers, COMPRESSORS[encoding](bodyOf(delivery)));
}

/** A gzip file may have many members: a small one, repeated, unpacks to any size. */
function sendGzipBomb(delivery: Delivery): void {
  const member = gzipSync(Buffer.alloc(MEBIBYTE, ' '));
  const bomb = Buffer.concat(Array.from({ length: BOMB_MEBIBYTES }, () => member));
  delivery.exchange.send(200, { ...headersOf(delivery), 'content-encoding': 'gzip' }, bomb);
}
