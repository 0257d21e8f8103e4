/** Shorter keys (`k`, `1`, `test`) occur in ordinary texts; servers on this machine take any. */
const SHORTEST_SECRET = 8;

/**
 * Words that people give to a server that takes any key (`not-needed`, `lm-studio`). Real keys of letters alone are long, or
 * begin with `sk-`.
 */
const WORD = /^(?=.{1,19}$)(?!sk-)[a-z]+(?:[-_][a-z]+)*$/i;

/** What stands right before a key that is shown as one. */
const BEFORE_KEY = String.raw`(?<=\b(?:bearer|basic|(?:api[-_ ]?)?key|token|authorization)\b(?: (?:is|was|provided))?["'\\]{0,4}[ :=]{0,3}["'\\]{0,4})`;

/**
 * Finds a key in a text, also in JSON, however deep. A plain word is found only as a whole word after `Bearer`, `key`,
 * `token` or the like; every other one anywhere. With the flag `g`. Null for a key so short that it is not searched for.
 */
export function secretPattern(secret: string): RegExp | null {
  if (secret.length < SHORTEST_SECRET) return null;
  // JSON may put backslashes before a sign.
  const literal = secret.replace(/[^\w-]/g, (sign) => (sign === '\\' ? '\\\\+' : `\\\\*\\${sign}`));
  if (WORD.test(secret)) return new RegExp(`${BEFORE_KEY}${literal}(?![\\w-])`, 'gi');
  // Servers have been seen to write what they quote in capitals, or without any.
  const inAnyCase = literal.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
  return new RegExp([inAnyCase, ...base64Forms(secret)].join('|'), 'g');
}

/** A key within a text in base64, after 0, 1 or 2 other bytes, without the characters that it shares with its neighbours. */
function base64Forms(secret: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.from(`${' '.repeat(before)}${secret}`).toString('base64url');
    const own = whole.slice(Math.ceil((before * 4) / 3), whole.length - 1);
    return own.replaceAll('-', '[+-]').replaceAll('_', '[/_]');
  });
}
