import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { errorCode, errorMessage, UsageError } from '../domain/errors.ts';
import type { BilledDocument } from './billing.ts';
import { Exchange } from './exchange.ts';
import type { FaultPlan } from './fault-plan.ts';
import { route } from './routes.ts';
import { SimulatorState } from './state.ts';

export interface SimulatorOptions {
  /** @default 0, any free port */
  readonly port?: number;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** @default good answers, at once */
  readonly plan?: FaultPlan;
}

/** A stand-in for OpenRouter that is listening. */
export interface Simulator {
  /** The API's base URL: `http://127.0.0.1:PORT/api/v1`. */
  readonly url: string;
  readonly port: number;
  /** What a real account would have been charged so far, whether or not the answers arrived. */
  billing(): readonly BilledDocument[];
  /** Holds for calls that come from now on. */
  setPlan(plan: FaultPlan): void;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

/** Longer than any client keeps an idle connection, so that none is closed while a call goes out on it. */
const KEEP_ALIVE_MS = 600_000;

/** Starts the embedded stand-in for OpenRouter: same endpoints, same shapes, no model, no cost. Throws `UsageError` where it cannot listen. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', plan = {} } = options;
  const state = new SimulatorState(plan);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) =>
    route(state, message, new Exchange(response)),
  );
  const boundPort = await listen(server, port, host);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}/api/v1`,
    port: boundPort,
    billing: () => state.billing.documents(),
    setPlan: (next) => state.setPlan(next),
    close: () => close(server),
  };
}

/** Tells the port that it got. */
async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    server.listen({ port, host });
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(error, port, host);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function cannotListen(error: unknown, port: number, host: string): UsageError {
  const reason =
    errorCode(error) === 'EADDRINUSE'
      ? 'the port is in use; choose another, or 0 for any free one'
      : errorMessage(error);
  return new UsageError(`The simulator cannot listen on ${host} port ${port}: ${reason}.`, { cause: error });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
