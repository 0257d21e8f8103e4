import { map } from 'rxjs';
import type { AttemptRecord } from '../domain/attempt.ts';
import type { AttemptProgress, PreparedRequest, Price } from '../domain/ports.ts';

/**
 * The request with the cost of its attempts worked out where the API tells their tokens alone. Tokens that a provider
 * had in its cache count in full: the figure may be above the bill.
 */
export function pricedRequest(request: PreparedRequest, price: Price): PreparedRequest {
  return { ...request, attempt: (start) => request.attempt(start).pipe(map((progress) => priced(progress, price))) };
}

function priced(progress: AttemptProgress, price: Price): AttemptProgress {
  if (progress.kind !== 'ended' || progress.outcome.record.costUsd !== null) return progress;
  const { outcome } = progress;
  const costUsd = costOf(outcome.record, price);
  return { ...progress, outcome: { ...outcome, record: { ...outcome.record, costUsd } } };
}

/** USD; null where not all tokens are told, or where more of them may yet be billed. */
function costOf({ billing, promptTokens, completionTokens }: AttemptRecord, price: Price): number | null {
  if (billing !== 'known' || promptTokens === null || completionTokens === null) return null;
  return promptTokens * price.prompt + completionTokens * price.completion + price.request;
}
