import { wholeCharacters } from '../lib/text.ts';

const EXCERPT_LENGTH = 1_000;
const TITLE_LENGTH = 80;
const PROSE_LENGTH = 600;

const NOTE = '_This answer comes from the simulator, not from a model: it repeats how the document begins._';

const HAS_WORDS = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/** Three. `Intl.Segmenter` would cost more than all else that the simulator does with a document. */
const FIRST_SENTENCES = /^(?:.*?(?:[.!?](?=\s+[^\s\p{Ll}])|[。！？]|$)){3}/su;

/** An answer made from the beginning of a document: a heading, its first sentences, and a line that says what it is. */
export function answerText(document: string): string {
  const lines = readableLines(cutText(document, EXCERPT_LENGTH));
  const titleLine = lines.find(isHeading) ?? lines[0] ?? 'Untitled';
  const title = plainText(titleLine);
  const prose = lines
    .filter((line) => !isHeading(line) && (line !== titleLine || title.length > TITLE_LENGTH))
    .map(plainText)
    .join(' ');
  const sentences = FIRST_SENTENCES.exec(prose)?.[0].trim() ?? '';
  return [`# ${shorten(title, TITLE_LENGTH)}`, shorten(sentences, PROSE_LENGTH), NOTE]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Without markup of HTML, blank lines, front matter fences, rules, code fences and table rulers. */
function readableLines(text: string): readonly string[] {
  return text
    .replace(/<(head|style|script)\b.*?(?:<\/\1>|$)/gis, '')
    .replace(/<[^<>]*>/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => HAS_WORDS.test(line) && !line.startsWith('```'));
}

function isHeading(line: string): boolean {
  return /^#{1,6}\s/.test(line);
}

/** Without markup of Markdown. */
function plainText(line: string): string {
  return line
    .replace(/^(?:#{1,6}|>+|[-*+]|\d+[.)])\s+/, '')
    .replace(/!?\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replace(/\*\*|__|`/g, '')
    .trim();
}

/** Cuts after a whole word, if the text has spaces. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = cutText(text, length);
  const lastSpace = cut.lastIndexOf(' ');
  return `${lastSpace === -1 ? cut : cut.slice(0, lastSpace)}…`;
}

/** The first `length` UTF-16 units at most; a surrogate pair stays whole. */
export function cutText(text: string, length: number): string {
  return text.slice(0, wholeCharacters(text, length));
}

export function firstHalf(text: string): string {
  return cutText(text, Math.floor(text.length / 2));
}
