import { map } from 'rxjs';
import type { AttemptRecord } from '../domain/attempt.ts';
import type { AttemptProgress, PreparedRequest, Price, Prices } from '../domain/ports.ts';

/**
 * The request with the cost of its attempts worked out where the API tells their tokens alone: by the price of the model
 * that served, or where nobody knows that, of the one that was asked. Tokens that a provider had in its cache count in
 * full where their price is not told: the figure may be above the bill.
 */
export function pricedRequest(request: PreparedRequest, prices: Prices, model: string): PreparedRequest {
  const priceOf = (served: string | null) => (served === null ? null : prices.of(served)) ?? prices.of(model);
  return { ...request, attempt: (start) => request.attempt(start).pipe(map((progress) => priced(progress, priceOf))) };
}

function priced(progress: AttemptProgress, priceOf: (served: string | null) => Price | null): AttemptProgress {
  if (progress.kind !== 'ended' || progress.outcome.record.costUsd !== null) return progress;
  const { outcome } = progress;
  const price = priceOf(outcome.record.model);
  const costUsd = price === null ? null : costOf(outcome.record, price);
  return { ...progress, outcome: { ...outcome, record: { ...outcome.record, costUsd } } };
}

/** USD; null where not all tokens are told, or where more of them may yet be billed. */
function costOf({ billing, promptTokens, cachedTokens, completionTokens }: AttemptRecord, price: Price): number | null {
  if (billing !== 'known' || promptTokens === null || completionTokens === null) return null;
  const { prompt, cachedPrompt = prompt, completion, request } = price;
  const cached = Math.min(cachedTokens ?? 0, promptTokens);
  return (promptTokens - cached) * prompt + cached * cachedPrompt + completionTokens * completion + request;
}
