import { combineLatest, map, type Observable, of } from 'rxjs';
import type { ModelFacts } from '../domain/models.ts';
import type { Demand, PreparedRequest } from '../domain/ports.ts';
import { worstCostUsd } from '../domain/worst-cost.ts';
import type { AskPorts } from '../pipeline/context.ts';
import type { Call } from '../pipeline/prepare-request.ts';

/** Tokens; of a shorter prompt it does not matter that it is counted by its bytes. */
const LONG_PROMPT = 50_000;

/** What a call will use, for the gate to set aside. Emits once; nothing is looked up for most. */
export function demandOf(ports: Pick<AskPorts, 'prices' | 'models'>, { request, question }: Call): Observable<Demand> {
  // A recipe with money of its own needs prices, which the run may not have asked for.
  const needsFacts = question.recipe.handling.maxCostUsd !== null || request.promptTokensAtMost > LONG_PROMPT;
  const sizes = request.models.map((model) =>
    (needsFacts ? ports.models.facts(model) : of(null)).pipe(map((facts) => sizeFor(model, request, facts))),
  );
  return combineLatest(sizes).pipe(map((all) => demand(ports, all)));
}

interface Size
  extends Pick<
    PreparedRequest,
    'promptTokensAtMost' | 'likelyPromptTokens' | 'maxTokens' | 'feesUsdAtMost' | 'surcharge'
  > {
  readonly model: string;
}

/** No prompt is longer than its model takes. */
function sizeFor(model: string, request: PreparedRequest, facts: ModelFacts | null): Size {
  const { maxTokens, feesUsdAtMost, surcharge } = request;
  const most = facts?.contextTokens ?? Number.POSITIVE_INFINITY;
  const promptTokensAtMost = Math.min(request.promptTokensAtMost, most);
  return {
    model,
    promptTokensAtMost,
    likelyPromptTokens: Math.min(request.likelyPromptTokens, most),
    maxTokens,
    feesUsdAtMost,
    surcharge,
  };
}

/** By the dearest of the models that may answer. */
function demand({ prices }: Pick<AskPorts, 'prices'>, sizes: readonly Size[]): Demand {
  const costs = sizes.map((size) => {
    const price = prices.of(size.model);
    return price === null ? null : worstCostUsd(price, size);
  });
  return {
    promptTokens: Math.max(...sizes.map(({ likelyPromptTokens }) => likelyPromptTokens)),
    maxTokens: Math.max(...sizes.map(({ maxTokens }) => maxTokens)),
    worstUsd: costs.reduce((most, cost) => (most === null || cost === null ? null : Math.max(most, cost)), 0),
  };
}
