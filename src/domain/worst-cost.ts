import type { Price } from './ports.ts';

/** What a call may come to. */
export interface CallSize {
  /** The most that its prompt can have. */
  readonly promptTokensAtMost: number;
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
  /** The most that it can cost beside its tokens, USD: pages that are read for money. */
  readonly feesUsdAtMost: number;
  /** How much dearer than listed its tokens can be: 1 where they are not. */
  readonly surcharge: number;
}

/** The most that a call can cost, USD; null where nobody tells. */
export function worstCostUsd(
  price: Price,
  { promptTokensAtMost, maxTokens, feesUsdAtMost, surcharge }: CallSize,
): number | null {
  const tokensUsd = promptTokensAtMost * price.prompt + maxTokens * price.completion;
  const worst = (tokensUsd === 0 ? 0 : tokensUsd * surcharge) + price.request + feesUsdAtMost;
  return Number.isFinite(worst) ? worst : null;
}
