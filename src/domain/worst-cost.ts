import type { Price } from './ports.ts';

/** Tokenizers work on bytes: most text has 3 to 4.5 of them a token, and none less than one (digits in a table do). */
const FEWEST_BYTES_PER_TOKEN = 1;

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
