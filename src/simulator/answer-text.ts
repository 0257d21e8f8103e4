import { wholeCharacters } from '../lib/text.ts';

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
  const { title, body } = titleAndBody(cutText(document, READ_LENGTH));
  const isList = ASKS_FOR_LIST.test(instructions);
  const isSummary = !isList || ASKS_FOR_SUMMARY.test(instructions);
  const count = countIn(instructions) ?? (isList ? 5 : 3);
  const sentences = sentencesOf(body.length === 0 ? [title] : body);
  const above = isList && isSummary ? 2 : 0;
  const picked = weightiest(sentences, count + above).map((sentence) => shorten(sentence, SENTENCE_LENGTH));
  const listed = isList ? picked.slice(above) : [];
  const heading = isSummary ? `# ${shorten(title, TITLE_LENGTH)}` : '';
  const prose = picked.slice(0, picked.length - listed.length).join(' ');
  const list = listed.map((item) => `- ${item}`).join('\n');
  return joinParagraphs(heading, prose, list, PICKED);
}

function countIn(instructions: string): number | null {
  const [, word] = COUNT.exec(instructions) ?? [];
  if (word === undefined) return null;
  const index = NUMBERS.indexOf(word.toLowerCase());
  return index === -1 ? Number(word) : index;
}

/** An answer made from the beginning of a document: a heading, its first sentences, and a line that says what it is. */
function beginningOf(document: string): string {
  const { title, body } = titleAndBody(cutText(document, EXCERPT_LENGTH));
  const sentences = FIRST_SENTENCES.exec(body.join(' '))?.[0].trim() ?? '';
  return joinParagraphs(`# ${shorten(title, TITLE_LENGTH)}`, shorten(sentences, PROSE_LENGTH), NOTE);
}

function joinParagraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The first heading, or the first line, and the other lines but headings. A title that will be cut stays in the body, too. */
function titleAndBody(text: string): { readonly title: string; readonly body: readonly string[] } {
  const lines = readableLines(text);
  const titleLine = lines.find(isHeading) ?? lines[0] ?? 'Untitled';
  const title = plainText(titleLine);
  const body = lines.filter((line) => !isHeading(line) && (line !== titleLine || title.length > TITLE_LENGTH));
  return { title, body: body.map(plainText) };
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

const ASKS_FOR_LABEL = /\b(?:classif|categor|sort\b|one of\b|which of\b|labels?\b)/i;
/** `one of: a, b or c`, `Classify as a, b or c`, `labels: a | b`. */
const IN_LINE =
  /\b(?:one of(?: these| the following)?|classify (?:it |them |the \w+ )?as|labels?|categories|classes)\b[^:\n,]{0,40}?:?\s+([^\n.:;]*(?:,|\bor\b|\|)[^\n.:;]*)/i;
/** `- label: what it means`. */
const IN_LIST = /^\s*[-*]\s+["'`*]*([\p{L}\p{N}][^:\n]{0,40}?)["'`*]*(?::\s*(.*))?$/gmu;
const LABEL_WORD = /\p{L}{4,}/gu;

/**
 * The label that fits a document best, of those that the instructions offer: the one of which most words are in it. Null
 * where they do not ask for one.
 */
function chosenLabel(document: string, instructions: string): string | null {
  if (!ASKS_FOR_LABEL.test(instructions)) return null;
  const labels = labelsIn(instructions);
  if (labels.length < 2) return null;
  const text = document.toLowerCase();
  const hits = labels.map(({ words }) => words.filter((word) => text.includes(word)).length);
  const most = Math.max(...hits);
  return (labels[most === 0 ? document.length % labels.length : hits.indexOf(most)] ?? labels[0])?.label ?? null;
}

function labelsIn(instructions: string): readonly { readonly label: string; readonly words: readonly string[] }[] {
  const [, line] = IN_LINE.exec(instructions) ?? [];
  const named =
    line === undefined
      ? Array.from(instructions.matchAll(IN_LIST), ([, label = '', meaning = '']) => ({ label, meaning }))
      : line.split(/,\s*(?:or\s+)?|\s+or\s+|\s*\|\s*/).map((label) => ({ label, meaning: '' }));
  return named
    .map(({ label, meaning }) => ({ label: label.replace(/^["'`*\s]+|["'`*\s]+$/g, ''), meaning }))
    .filter(({ label }) => label !== '' && label.length <= 40)
    .map(({ label, meaning }) => ({ label, words: stemsOf(`${label} ${meaning}`) }));
}

/** Words without their endings, roughly: `invoices` is in a text that says `invoice`. */
function stemsOf(text: string): readonly string[] {
  return (text.toLowerCase().match(LABEL_WORD) ?? []).map((word) => word.slice(0, Math.max(4, word.length - 2)));
}

/** A line as long as this goes on in the next one; a shorter one is a heading, an item of a list, or ends its paragraph. */
const FULL_LINE = 60;
/** A row of a table of commas or bars. */
const ROW = /[,;|]\S.*[,;|]\S/;

/** A longer one is cut, or says too much. */
const LONG = 220;

const SENTENCE = /.+?(?:[.!?]["'»”)]?(?=\s+[^\s\p{Ll}])|[。！？]|$)/gsu;
const WORD = /\p{L}{5,}/gu;
const NUMBER = /\p{N}/u;
const ENDS = /[.!?。！？]["'»”)]?$/u;

/** The sentences of lines of plain text, in their order. What is no sentence, such as a row of a table, is taken whole. */
function sentencesOf(lines: readonly string[]): readonly string[] {
  const paragraphs: string[] = [];
  let goesOn = false;
  for (const line of lines) {
    if (goesOn) paragraphs.push(`${paragraphs.pop()} ${line}`);
    else paragraphs.push(line);
    goesOn = line.length >= FULL_LINE && !ROW.test(line) && !ENDS.test(line);
  }
  return paragraphs
    .flatMap((text) => Array.from(text.matchAll(SENTENCE), ([sentence]) => sentence.trim()))
    .filter(Boolean);
}

/**
 * The sentences that carry most of the content, in their order: those with words that are frequent among all of them, or
 * with numbers; not the first one, which a reader would take for a copy of the beginning.
 */
function weightiest(sentences: readonly string[], count: number): readonly string[] {
  const wordsOf = sentences.map((sentence) => new Set(sentence.toLowerCase().match(WORD) ?? []));
  const frequency = new Map<string, number>();
  for (const words of wordsOf) for (const word of words) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const weighed = sentences.map((sentence, index) => {
    const words = [...(wordsOf[index] ?? [])];
    const sum = words.reduce((total, word) => total + (frequency.get(word) ?? 0) - 0.5, 0);
    const form =
      (NUMBER.test(sentence) ? 1.3 : 1) * (ENDS.test(sentence) ? 1 : 0.6) * (sentence.length > LONG ? 0.5 : 1);
    return { sentence, index, weight: (form * sum) / Math.sqrt(Math.max(6, words.length)) };
  });
  return (weighed.length > count ? weighed.slice(1) : weighed)
    .toSorted((one, other) => other.weight - one.weight)
    .slice(0, count)
    .toSorted((one, other) => one.index - other.index)
    .map(({ sentence }) => sentence);
}
