import { cutText } from './cut-text.ts';

const EXCERPT_LENGTH = 2_000;
const TITLE_LENGTH = 80;
const PROSE_LENGTH = 600;
const SENTENCES = 3;

const NOTE = '_This answer comes from the simulator, not from a model: it repeats how the document begins._';

const sentenceSegmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** An answer made from the beginning of a document: a heading, its first sentences, and a line that says what it is. */
export function answerText(document: string): string {
  const lines = readableLines(cutText(document, EXCERPT_LENGTH));
  const titleLine = lines.find(isHeading) ?? lines[0] ?? 'Untitled';
  const title = plainText(titleLine);
  const prose = lines.filter((line) => !isHeading(line) && (line !== titleLine || title.length > TITLE_LENGTH));
  return [`# ${shorten(title, TITLE_LENGTH)}`, firstSentences(prose.map(plainText)), NOTE]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Without markup of HTML, blank lines, front matter fences, rules, code fences and table rulers. */
function readableLines(text: string): readonly string[] {
  return text
    .replace(/<(head|style|script)\b.*?(?:<\/\1>|$)/gis, '')
    .replace(/<[^<>]*>/g, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(line) && !line.startsWith('```'));
}

function isHeading(line: string): boolean {
  return /^#{1,6}\s/.test(line);
}

/** Markdown markup taken off, the words left. */
function plainText(line: string): string {
  return line
    .replace(/^(?:#{1,6}|>+|[-*+]|\d+[.)])\s+/, '')
    .replace(/!?\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replace(/\*\*|__|`/g, '')
    .trim();
}

function firstSentences(lines: readonly string[]): string {
  const prose = shorten(lines.join(' '), PROSE_LENGTH);
  const sentences: string[] = [];
  for (const { segment } of sentenceSegmenter.segment(prose)) {
    sentences.push(segment);
    if (sentences.length === SENTENCES) break;
  }
  return sentences.join('').trim();
}

/** Cut after a whole word, where the text has spaces. */
function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${cutText(text, length).replace(/\s+\S*$/, '')}…`;
}
