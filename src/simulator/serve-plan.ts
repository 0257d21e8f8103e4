import type { IncomingMessage } from 'node:http';
import { errorMessage, UsageError } from '../domain/errors.ts';
import type { Exchange } from './exchange.ts';
import { parseFaultPlan } from './fault-plan.ts';
import { readBody } from './read-body.ts';
import type { SimulatorState } from './state.ts';

/** `PUT /admin/plan`: the body, a plan in JSON, holds from the next call on; 400 with a sentence where it is wrong. */
export function putPlan(state: SimulatorState, message: IncomingMessage, exchange: Exchange): void {
  readBody(message, exchange, (body) => {
    try {
      state.setPlan(parseFaultPlan(JSON.parse(body.toString('utf8'))));
      exchange.sendJson(200, state.plan);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof SyntaxError)) throw error;
      exchange.sendJson(400, { error: { code: 400, message: errorMessage(error) } });
    }
  });
}
