/** What a text means to a person: how it is painted. */
export type Tone = 'failure' | 'warning' | 'success' | 'aside' | 'plain';

export type Paint = (text: string, meaning: Tone) => string;

/** Red, yellow, green, dim. */
const CODES: Readonly<Record<Exclude<Tone, 'plain'>, readonly [on: number, off: number]>> = {
  failure: [31, 39],
  warning: [33, 39],
  success: [32, 39],
  aside: [2, 22],
};

/** For a stream. `NO_COLOR` and `FORCE_COLOR` win over what it is; of the two, `NO_COLOR`. */
export function paintFor(isTerminal: boolean, environment: NodeJS.ProcessEnv): Paint {
  return isColored(isTerminal, environment) ? painted : (text) => text;
}

function isColored(isTerminal: boolean, { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if ((NO_COLOR ?? '') !== '') return false;
  if ((FORCE_COLOR ?? '') !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

/** By hand: node's `styleText` asks whether stdout is a terminal, and most of this goes to stderr. */
function painted(text: string, meaning: Tone): string {
  if (meaning === 'plain' || text === '') return text;
  const [on, off] = CODES[meaning];
  return `\u001B[${on}m${text}\u001B[${off}m`;
}
