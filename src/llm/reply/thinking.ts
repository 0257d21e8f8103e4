import { asArray, asObject, isRecord, type JsonRecord, parseJson } from '../../lib/json.ts';

interface Split {
  readonly thinking: string;
  readonly answer: string;
}

const OPENING = /^\s*<think>/i;
const CLOSING = /<\/think>/i;

/** In front of a tag that is only spoken of. */
const QUOTED = /[`"'\\]$/;

/**
 * Takes what a model thought out of a text, if its server did not: all in `<think>` at the beginning, to its end if it is
 * never closed; or what stands before a lone `</think>`, as the opening tag belongs to many a model's prompt. Null if the
 * text has none, is JSON as a whole, or only speaks of the tags.
 */
export function splitThinking(text: string): Split | null {
  if (!OPENING.test(text)) return splitAtLoneTag(text);
  const thoughts: string[] = [];
  let answer = text;
  for (let opening = OPENING.exec(answer); opening !== null; opening = OPENING.exec(answer)) {
    const inside = answer.slice(opening[0].length);
    const closing = CLOSING.exec(inside);
    thoughts.push(inside.slice(0, closing?.index).trim());
    answer = closing === null ? '' : inside.slice(closing.index + closing[0].length).trimStart();
  }
  return { thinking: thoughts.filter((thought) => thought !== '').join('\n\n'), answer };
}

function splitAtLoneTag(text: string): Split | null {
  const closing = CLOSING.exec(text);
  if (closing === null) return null;
  const thinking = text.slice(0, closing.index);
  if (/<think>/i.test(thinking) || QUOTED.test(thinking) || isInCode(thinking)) return null;
  if (parseJson(text) !== undefined) return null;
  return { thinking: thinking.trim(), answer: text.slice(closing.index + closing[0].length).trimStart() };
}

/** Whether a fenced code block is open at the end of a text. */
function isInCode(before: string): boolean {
  return (before.match(/^\s*(?:```|~~~)/gm) ?? []).length % 2 === 1;
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
