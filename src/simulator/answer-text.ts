import { wholeCharacters } from '../lib/text.ts';
import { chosenLabel } from './label.ts';
import { sentencesOf, weightiest } from './sentences.ts';

const EXCERPT_LENGTH = 1_000;
const READ_LENGTH = 8_000;
const TITLE_LENGTH = 80;
const PROSE_LENGTH = 600;
const SENTENCE_LENGTH = 240;

const NOTE = '_This answer comes from the simulator, not from a model: it repeats how the document begins._';
const PICKED = '_This answer comes from the simulator, not from a model: it picks sentences of the document._';
const NOT_TRANSLATED = '_Not translated: this answer comes from the simulator, not from a model. The document begins:_';

const HAS_WORDS = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/** Three. `Intl.Segmenter` would cost more than all else that the simulator does with a document. */
const FIRST_SENTENCES = /^(?:.*?(?:[.!?](?=\s+[^\s\p{Ll}])|[。！？]|$)){3}/su;

const ASKS_FOR_TRANSLATION = /\btranslat(?:e|ion)/i;
const ASKS_FOR_LIST = /\b(?:list|facts?|bullets?|bullet points?|points|items|takeaways)\b/i;
const ASKS_FOR_SUMMARY = /\b(?:summar|sum up|abstract\b|overview\b|gist\b|heading\b)/i;

/** How many are asked for: `three facts`, `at most 5 short sentences`. */
const COUNT =
  /\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\w+\s+)?(?:facts?|sentences?|lines?|points?|bullets?|items?|takeaways)\b/i;
const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/**
 * An answer of the kind that the instructions ask for: a label, a list, a summary, or how the document begins where it was to
 * be translated. Without instructions it is a heading and its first sentences. All but a label say what they are.
 */
export function answerText(document: string, instructions = ''): string {
  if (instructions.trim() === '') return beginningOf(document);
  if (ASKS_FOR_TRANSLATION.test(instructions))
    return `${NOT_TRANSLATED}\n\n${cutText(document, EXCERPT_LENGTH).trim()}`;
  const label = chosenLabel(cutText(document, READ_LENGTH), cutText(instructions, READ_LENGTH));
  if (label !== null) return label;
  return pickedFrom(document, instructions);
}

/** A heading with sentences, a list, or both: then its first two sentences stand above the list. */
function pickedFrom(document: string, instructions: string): string {
  const lines = readableLines(cutText(document, READ_LENGTH));
  const isList = ASKS_FOR_LIST.test(instructions);
  const isSummary = !isList || ASKS_FOR_SUMMARY.test(instructions);
  const count = countIn(instructions) ?? (isList ? 5 : 3);
  const titleLine = lines.find(isHeading) ?? lines[0] ?? 'Untitled';
  const title = plainText(titleLine);
  const body = lines.filter((line) => !isHeading(line) && (line !== titleLine || title.length > TITLE_LENGTH));
  const sentences = sentencesOf((body.length === 0 ? [titleLine] : body).map(plainText));
  const above = isList && isSummary ? 2 : 0;
  const picked = weightiest(sentences, count + above).map((sentence) => shorten(sentence, SENTENCE_LENGTH));
  const listed = isList ? picked.slice(above) : [];
  const heading = isSummary ? `# ${shorten(title, TITLE_LENGTH)}` : '';
  const prose = picked.slice(0, picked.length - listed.length).join(' ');
  const list = listed.map((item) => `- ${item}`).join('\n');
  return [heading, prose, list, PICKED].filter((part) => part !== '').join('\n\n');
}

function countIn(instructions: string): number | null {
  const [, word] = COUNT.exec(instructions) ?? [];
  if (word === undefined) return null;
  const index = NUMBERS.indexOf(word.toLowerCase());
  return index === -1 ? Number(word) : index;
}

/** An answer made from the beginning of a document: a heading, its first sentences, and a line that says what it is. */
function beginningOf(document: string): string {
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
    .replace(/<h[1-6]\b[^<>]*>/gi, '\n# ')
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
    .replace(/\s+/g, ' ')
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
