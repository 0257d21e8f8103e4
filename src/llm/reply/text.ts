import { asArray, asObject, isRecord, type JsonRecord, parseJson } from '../../lib/json.ts';

interface Split {
  readonly thinking: string;
  readonly answer: string;
  /** It thinks to its end. */
  readonly unclosed?: true;
}

const OPENING = /^\s*<think>/i;
const CLOSING = /<\/think>/i;

/** Before and behind a tag that is only spoken of: words of the same line. */
const WORDS_BEFORE = /\S[ \t]*$/;
const WORDS_BEHIND = /^(?:[ \t]+\p{L}|[ \t]*[.,;:)!?])/u;

/**
 * Takes what a model thought out of a text, if its server did not: all in `<think>` at the beginning, to its end if it is
 * never closed; or what stands before a lone `</think>`, as the opening tag belongs to many a model's prompt. Null if the
 * text has none, is JSON as a whole, or only speaks of the tags.
 */
export function splitThinking(text: string): Split | null {
  if (!OPENING.test(text)) return splitAtLoneTag(text);
  const thoughts: string[] = [];
  let answer = text;
  let unclosed = false;
  for (let opening = OPENING.exec(answer); opening !== null; opening = OPENING.exec(answer)) {
    const inside = answer.slice(opening[0].length);
    const closing = CLOSING.exec(inside);
    thoughts.push(inside.slice(0, closing?.index).trim());
    unclosed = closing === null;
    answer = closing === null ? '' : inside.slice(closing.index + closing[0].length).trimStart();
  }
  const thinking = thoughts.filter((thought) => thought !== '').join('\n\n');
  return { thinking, answer, ...(unclosed && { unclosed }) };
}

function splitAtLoneTag(text: string): Split | null {
  // Found much sooner than the tag in any case, and in hardly any answer.
  if (!text.includes('</')) return null;
  const closing = CLOSING.exec(text);
  if (closing === null) return null;
  const before = text.slice(0, closing.index);
  const behind = text.slice(closing.index + closing[0].length);
  if (isSpokenOf(before, behind) || parseJson(text) !== undefined) return null;
  return { thinking: before.trim(), answer: behind.trimStart() };
}

function isSpokenOf(before: string, behind: string): boolean {
  const quote = /[`"']$/.exec(before.slice(-1))?.[0];
  if (/<think>/i.test(before) || (quote !== undefined && behind.startsWith(quote)) || isInCode(before)) return true;
  return WORDS_BEFORE.test(before.slice(-LINE)) && WORDS_BEHIND.test(behind);
}

/** Characters that are enough to see what stands before in the line. */
const LINE = 80;

/** Whether a fenced code block is open at the end of a text. */
function isInCode(before: string): boolean {
  return (before.match(/^[ \t]*(?:```|~~~)/gm) ?? []).length % 2 === 1;
}

/** What a `content` says as the answer: a text, or parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asArray(content)
    .map((part) => (isThought(part) ? '' : textOf(part)))
    .join('');
}

/** A part of a content that is no part of the answer (Mistral: `thinking`). */
function isThought(part: unknown): boolean {
  return isRecord(part) && /^(?:thinking|reasoning)/.test(String(part['type']));
}

/** The text in a part, or in the parts that it is made of. */
function textOf(part: unknown, levels = 6): string {
  if (typeof part === 'string') return part;
  if (levels === 0) return '';
  if (Array.isArray(part)) return part.map((one) => textOf(one, levels - 1)).join('');
  const { text, thinking, summary } = asObject(part);
  return textOf(text ?? thinking ?? summary, levels - 1);
}

/** What a model thought, in fields or parts of their own. OpenRouter says the same twice, as text and in detail; vLLM and DeepSeek call the text `reasoning_content`. */
export function reasoningOf(said: JsonRecord): string {
  const { content, reasoning, reasoning_content: thoughts, reasoning_details: details } = said;
  if (typeof reasoning === 'string' && reasoning !== '') return reasoning;
  if (typeof thoughts === 'string' && thoughts !== '') return thoughts;
  if (details !== undefined) return textOf(details);
  return typeof content === 'string' ? '' : textOf(asArray(content).filter(isThought));
}

/** So many deltas that begin with all before them, and go on, are no chance ... */
const LEAST_STEPS = 3;
/** ... if what they repeat has so many characters. */
const LEAST_REPEATED = 16;

/**
 * The text that deltas make. Some servers send all so far with each: then the last one says it. That is certain only if
 * every delta begins with the one before it, often and long enough, and is no run of one sign or word.
 */
export function saidOnce(deltas: readonly string[]): string {
  return soFar(deltas) ?? deltas.join('');
}

/** The last delta, if each one holds all before it. Of nearly every stream, a look at the first two tells. */
function soFar(deltas: readonly string[]): string | null {
  let steps = 0;
  let repeated = 0;
  let last = '';
  for (const delta of deltas) {
    if (!delta.startsWith(last)) return null;
    if (delta.length > last.length && last !== '') {
      steps += 1;
      repeated = last.length;
    }
    last = delta;
  }
  if (steps < LEAST_STEPS || repeated < LEAST_REPEATED) return null;
  const [first = ''] = deltas;
  return first.repeat(Math.ceil(last.length / first.length)).startsWith(last) ? null : last;
}
