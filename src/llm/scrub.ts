import type { Prompt } from '../domain/request.ts';

/** Server messages are kept up to this many characters. */
const LONGEST_MESSAGE = 300;

/** A passage of the prompt is found wherever 29 of its characters stand in a row; a shorter prompt, of 8 at least, as a whole. */
const WINDOW = 20;
const STEP = 10;
const SHORTEST_PASSAGE = WINDOW + STEP - 1;
const SHORTEST_PROMPT = 8;

const OMITTED = '[…]';

/** Cleans text that a server sent, so that logs and reports may hold it. */
export type Scrub = (text: string) => string;

/** Takes out the key and every passage of the prompt, and keeps one line of 300 characters at most. */
export function createScrub(key: string | null, prompt: Prompt | null): Scrub {
  return (text) => {
    // The key first: once anything is cut or replaced, it might no longer be found whole.
    const keyless = key === null ? text : text.replaceAll(key, OMITTED);
    const plain = unescaped(keyless.slice(0, 4 * LONGEST_MESSAGE));
    const own = withoutPassages(plain, prompt?.messages.map(({ content }) => content) ?? []);
    return shortened(own.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim());
  };
}

function shortened(text: string): string {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text;
}

/** Servers quote what they got as JSON: without its escapes it is the prompt's text again. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrt]/g, '\n')
    .replace(/\\(["\\/])/g, '$1');
}

function withoutPassages(text: string, sources: readonly string[]): string {
  const rest = sources
    .map((source) => source.trim())
    .filter(({ length }) => length >= SHORTEST_PROMPT && length < SHORTEST_PASSAGE)
    .reduce((left, source) => left.replaceAll(source, OMITTED), text);
  let clean = '';
  let end = 0;
  for (let start = 0; start + WINDOW <= rest.length; start += STEP) {
    const window = rest.slice(start, start + WINDOW);
    if (!sources.some((source) => source.includes(window))) continue;
    // What stands beside the window may belong to the same passage, up to where the next window would find it.
    if (end === 0 || end <= start - STEP) clean += rest.slice(end, Math.max(end, start - STEP)) + OMITTED;
    end = start + WINDOW + STEP;
  }
  return clean + rest.slice(end);
}
