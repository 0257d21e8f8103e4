import { spellingsOf, withoutEncodedText, withoutEncodings } from './encodings.ts';
import { OMITTED, SHORTEST_PASSAGE, withoutPassages } from './passages.ts';

/** Server messages are kept up to this many characters. */
const LONGEST_MESSAGE = 300;

/** More is not read, however large the reply: it leaves enough where much is taken out. */
const LONGEST_READ = 4 * LONGEST_MESSAGE;

/** A prompt too short to have passages is looked for as a whole; one shorter than this might stand in any text. */
const SHORTEST_PROMPT = 8;

/** Prompts that are longer altogether are not freed of encodings: that can take a second for each 5 million characters. */
const LONGEST_DECODED = 100_000;

/**
 * Names of models and providers, and the ids of generations, which come with every reply: whether they stand in the
 * prompt is quickly told, where the search for passages would cost more than all else that is done with a reply.
 */
const LABEL = /^[\w.:/@~-]{1,64}$/;

/** Whoever begins with so many letters is long enough to have passages: that spares most documents a closer look. */
const LONG_ENOUGH = new RegExp(`^\\s*(?:\\S\\s?){${SHORTEST_PASSAGE}}`);

/** Cleans text that a server sent, so that logs and reports may hold it. */
export type Scrub = (text: string) => string;

/**
 * For the texts of each prompt a scrub that takes out the key and every passage of them, as they are or encoded, and all
 * other text in base64 or hex. Keeps one line of 300 characters at most, and beside a very long prompt only what stands
 * before the first encoding. Text with nothing to take out keeps its encodings. Where the texts are not at hand (null),
 * only names and ids are kept.
 */
export function createScrubs(key: string | null): (texts: readonly string[] | null) => Scrub {
  const secret = { length: key?.length ?? 0, spellings: key === null ? [] : spellingsOf(key) };
  return (texts) => (texts === null ? createLabelScrub(secret) : createScrub(secret, texts));
}

function createLabelScrub({ spellings }: Secret): Scrub {
  return (text) => (isLabelWithout(spellings, text) ? text : OMITTED);
}

function isLabelWithout(spellings: readonly string[], text: string): boolean {
  return LABEL.test(text) && withoutAll(withoutEncodedText(text), spellings) === text;
}

interface Secret {
  readonly length: number;
  readonly spellings: readonly string[];
}

function createScrub(key: Secret, contents: readonly string[]): Scrub {
  const short = contents.filter(maySeemShort).map(startOf).filter(isShort);
  const spellings = short.length === 0 ? key.spellings : [...key.spellings, ...short.flatMap(spellingsOf)];
  const decodes = contents.reduce((sum, { length }) => sum + length, 0) <= LONGEST_DECODED;
  const clean = (text: string): string => {
    const plain = withoutEncodings(text);
    // The prompt may itself hold what was just undone.
    const sources = plain === text || !decodes ? contents : contents.map(withoutEncodings);
    const own = withoutPassages(withoutAll(singleBlanks(withoutEncodedText(plain)), spellings), sources);
    return own === singleBlanks(plain) ? text : own;
  };
  // Half a secret may stand where the text is cut, in base64 or hex at twice its length, and would not be found.
  const doubtful = 2 * Math.max(SHORTEST_PASSAGE, key.length);
  const isHarmless = (text: string): boolean =>
    isLabelWithout(spellings, text) && contents.every((content) => !content.includes(text));
  // A generation's id comes twice: with the head of a reply and in its body.
  let lastHarmless: string | null = null;
  return (text) => {
    if (text === lastHarmless) return text;
    if (isHarmless(text)) {
      lastHarmless = text;
      return text;
    }
    const start = text.slice(0, LONGEST_READ);
    const read = decodes ? start : beforeEncodings(start);
    const own = oneLine(clean(read));
    return shortened(text.length > read.length ? `${own.slice(0, -doubtful)}…` : own);
  };
}

function maySeemShort(content: string): boolean {
  return !LONG_ENOUGH.test(content);
}

/** Enough of a content to tell whether it is too short to have passages. */
function startOf(content: string): string {
  return singleBlanks(content.trim().slice(0, LONGEST_READ));
}

function isShort({ length }: string): boolean {
  return length >= SHORTEST_PROMPT && length < SHORTEST_PASSAGE;
}

function beforeEncodings(text: string): string {
  const plain = withoutEncodings(text);
  let end = 0;
  while (end < text.length && text[end] === plain[end]) end += 1;
  return text.slice(0, end);
}

function withoutAll(text: string, spellings: readonly string[]): string {
  return spellings.reduce((rest, spelling) => rest.replaceAll(spelling, OMITTED), text);
}

/** Servers put blanks for line ends, or one for many: all runs of them count as equal. */
function singleBlanks(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

function shortened(text: string): string {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text;
}
