import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach } from '@jest/globals';
import { type FaultKind, faultTraits } from '../../src/simulator/fault-kinds.ts';
import type { Fault, FaultPlan } from '../../src/simulator/fault-plan.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

export const MODEL = 'anthropic/claude-sonnet-4.5';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** How many times bytes arrived. */
  readonly reads: number;
}

interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The least that a fault of a kind can be. */
export function leastFault(kind: FaultKind): Fault {
  const given: Omit<Fault, 'kind'> = {
    status: 500,
    seconds: 0.3,
    word: 'eos',
    framing: 'crlf',
    usage: { prompt_tokens: 10.5, completion_tokens: 1e19, total_tokens: '17' },
    place: 'estimated',
    tokens: 3,
  };
  const needed = Object.entries(given).filter(([name]) => faultTraits(kind).needs.includes(name));
  return { kind, ...Object.fromEntries(needed) };
}

/** Gives a function that starts simulators; each is closed after its test. */
export function simulatorsForTests(): (plan?: FaultPlan, options?: SimulatorOptions) => Promise<Simulator> {
  const started: Simulator[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((simulator) => simulator.close()));
  });
  return async (plan = {}, options = {}) => {
    const simulator = await startSimulator({ plan, ...options });
    started.push(simulator);
    return simulator;
  };
}

/** Sends a call on a connection of its own; resolves when its head is there. */
export async function open(url: string, options: CallOptions = {}): Promise<IncomingMessage> {
  const { method = 'GET', body, headers = {}, signal } = options;
  const outgoing = httpRequest(url, { method, agent: false, headers, ...(signal === undefined ? {} : { signal }) });
  outgoing.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  const [message] = await once(outgoing, 'response');
  return message;
}

/** One HTTP call, read to its end; rejects with the socket's error. */
export async function call(url: string, options: CallOptions = {}): Promise<Reply> {
  const message = await open(url, options);
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part);
  const body = Buffer.concat(parts);
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    body,
    text: body.toString(),
    reads: parts.length,
  };
}

export function chatBody(text: string, stream = false, model = MODEL): object {
  return { model, stream, messages: [{ role: 'user', content: text }] };
}

export function chat(simulator: Simulator, text: string, options: { stream?: boolean; signal?: AbortSignal } = {}) {
  const { stream = false, ...rest } = options;
  return call(`${simulator.url}/chat/completions`, { method: 'POST', body: chatBody(text, stream), ...rest });
}

/** A call that is not streamed, of any messages; its body parsed. */
export async function converse(simulator: Simulator, messages: readonly object[], fields: object = {}) {
  const body = { model: MODEL, messages, ...fields };
  const reply = await call(`${simulator.url}/chat/completions`, { method: 'POST', body });
  const value = JSON.parse(reply.text);
  return {
    status: reply.status,
    value,
    error: value.error,
    choice: value.choices?.[0],
    message: value.choices?.[0]?.message,
  };
}

/** A path of the admin endpoints, as JSON. */
export async function admin(simulator: Simulator, path: string, options: CallOptions = {}) {
  const reply = await call(new URL(`/admin/${path}`, simulator.url).href, options);
  return { status: reply.status, value: reply.text === '' ? null : JSON.parse(reply.text) };
}

/** The data of each event of a stream, comments left out. */
export function eventsOf(text: string): string[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length));
}

/** The content that a stream brought, put together. */
export function streamedContent(text: string): string {
  return eventsOf(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data).choices[0]?.delta.content ?? '')
    .join('');
}

/** Looks again until the condition holds; a limit far beyond any machine's pace turns a hang into a failure. */
async function until(condition: () => Promise<boolean>, deadline = Date.now() + 10_000): Promise<void> {
  if (await condition()) return;
  if (Date.now() > deadline) throw new Error('The condition did not come true');
  await delay(5);
  await until(condition, deadline);
}

/** Until the simulator has decided on so many calls. */
export function untilRequests(simulator: Simulator, count: number): Promise<void> {
  return until(async () => (await admin(simulator, 'requests')).value.length >= count);
}
