/** Tokens of a text. */
export type CountTokens = (text: string) => number;
