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

/** Letters in a row that may be a word; more are something else. */
const LONGEST_WORD = 24;

/** Letters, or digits, to a token at least: of a word or number, and of what mixes both. */
const PLAIN = 3;
const MIXED = 2;

/** More tokens than a text has whose words are those of a language, at a hundredth of what it costs to count them. */
export function tokensAtMost(text: string): number {
  let tokens = 0;
  let row = 0;
  let wasDigit = false;
  let blanks = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : 0;
    const isDigit = code >= 0x30 && code <= 0x39;
    const isCapital = code >= 0x41 && code <= 0x5a;
    const isLetter = isDigit || isCapital || (code >= 0x61 && code <= 0x7a) || (code >= 0xc0 && code < 0x2000);
    if (row > 0 && (!isLetter || isCapital || isDigit !== wasDigit)) {
      tokens += row > LONGEST_WORD ? row : Math.ceil(row / (isLetter && !isCapital ? MIXED : PLAIN));
      row = 0;
    }
    if (isLetter) {
      // A blank belongs to the word behind it, but to no number.
      if (isDigit && blanks > 0) tokens += 1;
      row += 1;
    }
    // Chinese, Japanese, Korean, emoji.
    else if (code >= 0x2e80) tokens += 2;
    else if (code > 0x20 || code === NEWLINE) tokens += 1;
    wasDigit = isDigit;
    blanks = code <= 0x20 ? blanks + 1 : 0;
    if (blanks === 2) tokens += 1;
  }
  return tokens;
}

const NEWLINE = 0x0a;
