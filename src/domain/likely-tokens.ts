/** English text has 4 to 4.5 bytes a token, other languages and code about 3. */
const LIKELY_BYTES_PER_TOKEN = 3.5;

/** Tokens that so many bytes of text are likely to have, where a count would cost more than it tells. */
export function likelyPromptTokens({ bytes }: { readonly bytes: number }): number {
  return Math.ceil(bytes / LIKELY_BYTES_PER_TOKEN);
}
