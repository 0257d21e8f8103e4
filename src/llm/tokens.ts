/** Tokens of a text. */
export type CountTokens = (text: string) => number;

/** The tokenizer that counts: OpenAI's, since GPT-4o. Others count alike, but not the same. */
export const TOKENIZER = 'o200k_base';

/**
 * Characters that are counted at once: the tokenizer's work grows with the square of a text without blanks. A cut in a word
 * makes one token more at most.
 */
const PIECE = 1000;

/** Special tokens in a text are nothing but text. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

/** Loads the tokenizer, which takes a tenth of a second and 40 MB. */
export async function loadTokenCounter(): Promise<CountTokens> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  return (text) => {
    let tokens = 0;
    for (let start = 0; start < text.length; start += PIECE)
      tokens += countTokens(text.slice(start, start + PIECE), AS_TEXT);
    return tokens;
  };
}

/** Whether a model counts by this very tokenizer. */
export function isTokenizerOf(model: string): boolean {
  return /^(?:openai\/)?(?:gpt-(?:4o|4\.1|4\.5|5)|chatgpt-4o|o[134](?:-|$))/.test(model);
}
