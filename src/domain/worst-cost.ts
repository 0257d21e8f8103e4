import type { Price } from './ports.ts';

/** UTF-8 text has 3 to 4.5 bytes a token, and the densest (numbers, rare scripts) 2. */
const FEWEST_BYTES_PER_TOKEN = 2;

/** What a call may come to. */
export interface CallSize {
  /** Of the request's body. */
  readonly bytes: number;
  /** The longest answer that it asks for, in tokens. */
  readonly maxTokens: number;
}

/** The most that a call can cost, USD. */
export function worstCostUsd(price: Price, { bytes, maxTokens }: CallSize): number {
  const promptTokens = Math.ceil(bytes / FEWEST_BYTES_PER_TOKEN);
  return promptTokens * price.prompt + maxTokens * price.completion + price.request;
}
