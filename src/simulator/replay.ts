import type { Completion } from './completion.ts';
import { deliver } from './deliver.ts';
import type { Exchange } from './exchange.ts';
import type { AdmittedCall } from './make-completion.ts';
import type { KeptAnswer, ReplayOrder } from './replay-cache.ts';
import type { SimulatorState } from './state.ts';
import { usageOf } from './usage.ts';

interface MadeAnswer {
  readonly order: ReplayOrder;
  readonly completion: Completion;
  /** How long it takes to its end, from now on. */
  readonly seconds: number;
}

/** Keeps an answer that is about to be made for calls with the same body, as the plan says. */
export function keepForReplay(state: SimulatorState, exchange: Exchange, made: MadeAnswer): void {
  const { order, completion, seconds } = made;
  exchange.addHeaders({ 'x-openrouter-cache-status': 'MISS', 'x-openrouter-cache-ttl': String(order.ttlSeconds) });
  if (state.plan.replayed === 'sent') exchange.whenSent(() => state.replays.keep(order, completion, Date.now()));
  else state.replays.keep(order, completion, Date.now() + seconds * 1000);
}

/** Gives a kept answer again, at once and whole: no model hears of the call, so that no fault and no bill come of it. */
export function replay(state: SimulatorState, exchange: Exchange, call: AdmittedCall, kept: KeptAnswer): string {
  const { request, model, id, created } = call;
  const { completion, sinceMs, ttlSeconds } = kept;
  exchange.addHeaders({
    'x-openrouter-cache-status': 'HIT',
    'x-openrouter-cache-age': String(Math.floor((Date.now() - sinceMs) / 1000)),
    'x-openrouter-cache-ttl': String(ttlSeconds),
    'x-openrouter-cache-source-id': completion.id,
  });
  if (isGood(completion)) exchange.whenSent(() => state.answered(request.document));
  const again = { ...completion, id, created, usage: usageOf(model, 0, 0) };
  deliver({ exchange, stream: request.stream, completion: again, fault: undefined });
  return 'replay';
}

function isGood({ content, finishReason }: Completion): boolean {
  return finishReason === 'stop' && content !== '';
}
