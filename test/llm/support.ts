import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import type { AttemptOutcome, ReplyHead } from '../../src/domain/attempt.ts';
import type { Attempt, AttemptListener } from '../../src/domain/ports.ts';
import type { Prompt } from '../../src/domain/request.ts';
import { type Api, resolveApi, simulated } from '../../src/llm/api.ts';
import { createLlm, type LlmClient, type LlmSettings } from '../../src/llm/llm.ts';

/** Something that listens on a free port of 127.0.0.1. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** An HTTP server for one test, which answers once it has the whole request. It closes with its connections. */
export async function serve(handler: Handler): Promise<Listening> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handler(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    close: () => closed(server, () => server.closeAllConnections()),
  };
}

/** A TCP server for one test, for replies that are not HTTP as it should be. */
export async function serveRaw(onSocket: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => closed(server, () => sockets.forEach((socket) => socket.destroy())),
  };
}

/** Answers each request on a raw socket, once its whole body was read, with these pieces. */
export function afterRequest(socket: Socket, answer: (socket: Socket) => void): void {
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    const [head = '', body] = received.split('\r\n\r\n', 2);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (body === undefined || body.length < length) return;
    received = '';
    answer(socket);
  });
}

export function listen(server: Server | TcpServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

export function closed(server: Server | TcpServer, cutConnections: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    cutConnections();
  });
}

export const PROMPT: Prompt = {
  model: 'anthropic/claude-sonnet-4.5',
  messages: [{ role: 'user', content: 'Summarise the meeting of the harbour committee on the second of May.' }],
};

/** A server of a test that is taken for OpenRouter, as our simulator is. */
function openrouterAt(baseUrl: string): Api {
  return simulated(resolveApi(baseUrl), 'openrouter');
}

export function clientFor(url: string, settings: Partial<LlmSettings> = {}): LlmClient {
  return createLlm({
    api: openrouterAt(`${url}/api/v1`),
    key: 'sk-or-v1-test',
    maxTokens: 64_000,
    reasoning: null,
    stream: true,
    replayCache: false,
    timeoutSeconds: 20,
    idleTimeoutSeconds: 20,
    connections: 4,
    version: '0.0.0',
    ...settings,
  });
}

export const STARTED_AT = '2026-05-02T09:00:00.000Z';

const DEAF: AttemptListener = { sent: () => undefined, head: () => undefined };

/** Starts an attempt of a client. */
export function attemptOf(
  client: LlmClient,
  { number = 1, prompt = PROMPT, skipCache = false, listener = DEAF }: AttemptOptions = {},
): Attempt {
  return client.prepare(prompt).attempt({ number, startedAt: STARTED_AT, skipCache }, listener);
}

interface AttemptOptions {
  readonly number?: number;
  readonly prompt?: Prompt;
  readonly skipCache?: boolean;
  readonly listener?: AttemptListener;
}

/** What came of an attempt of a client. */
export function outcomeOf(client: LlmClient, options?: AttemptOptions): Promise<AttemptOutcome> {
  return attemptOf(client, options).outcome;
}

/** What an attempt reports, in order. */
export type Step =
  | { readonly kind: 'sent' }
  | { readonly kind: 'head'; readonly head: ReplyHead }
  | { readonly kind: 'ended'; readonly outcome: AttemptOutcome };

/** All that an attempt of a client reports, to its end. */
export async function stepsOf(client: LlmClient, options?: Omit<AttemptOptions, 'listener'>): Promise<Step[]> {
  const steps: Step[] = [];
  const listener: AttemptListener = {
    sent: () => steps.push({ kind: 'sent' }),
    head: (head) => steps.push({ kind: 'head', head }),
  };
  const outcome = await outcomeOf(client, { ...options, listener });
  return [...steps, { kind: 'ended', outcome }];
}

/** The head of the reply to an attempt, as soon as it comes, and the attempt. */
export function headOf(
  client: LlmClient,
  options?: Omit<AttemptOptions, 'listener'>,
): Promise<{ readonly head: ReplyHead; readonly inFlight: Attempt }> {
  return new Promise((resolve) => {
    const inFlight = attemptOf(client, {
      ...options,
      listener: { ...DEAF, head: (head) => resolve({ head, inFlight }) },
    });
  });
}

/** One attempt by a client of its own. */
export async function attempt(
  url: string,
  settings: Partial<LlmSettings> = {},
  prompt = PROMPT,
): Promise<AttemptOutcome> {
  const client = clientFor(url, settings);
  try {
    return await outcomeOf(client, { prompt });
  } finally {
    client.close();
  }
}

/** One attempt against a server that is closed afterwards. */
export async function attemptAgainst(
  starting: Promise<Listening>,
  settings: Partial<LlmSettings> = {},
  prompt = PROMPT,
): Promise<AttemptOutcome> {
  const server = await starting;
  try {
    return await attempt(server.url, settings, prompt);
  } finally {
    await server.close();
  }
}

export const USAGE = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15, cost: 0.0004, is_byok: false };

/** A whole good answer, as OpenRouter gives it. */
export function answerBody(content: unknown = 'A short answer.', rest: object = {}): Record<string, unknown> {
  return {
    id: 'gen-1',
    object: 'chat.completion',
    created: 1,
    model: PROMPT.model,
    provider: 'Anthropic',
    choices: [
      { index: 0, finish_reason: 'stop', native_finish_reason: 'end_turn', message: { role: 'assistant', content } },
    ],
    usage: USAGE,
    ...rest,
  };
}

export function chunkBody(
  delta: object,
  finishReason: string | null = null,
  rest: object = {},
): Record<string, unknown> {
  return {
    id: 'gen-1',
    object: 'chat.completion.chunk',
    model: PROMPT.model,
    provider: 'Anthropic',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    ...rest,
  };
}

/** Server-sent events with these values, strings as they are. */
export function events(...values: readonly unknown[]): string {
  return values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join('');
}

/** A whole good stream, as OpenRouter sends it. */
export const GOOD_STREAM = events(
  chunkBody({ role: 'assistant', content: '' }),
  chunkBody({ content: 'A short ' }),
  chunkBody({ content: 'answer.' }),
  chunkBody({ content: null }, 'stop'),
  chunkBody({ content: '' }, 'stop', { usage: USAGE }),
  '[DONE]',
);

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
