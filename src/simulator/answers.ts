import { answerText } from './answer-text.ts';
import type { CatalogueModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import { jsonAnswer } from './json-answer.ts';
import { tokensOf } from './usage.ts';

/** All that there is to say of a request's document, in the format that was asked for. */
export function wholeAnswer(request: ChatRequest, model: CatalogueModel, tokens: number): string {
  const { format, text } = request;
  return format !== null && keepsFormat(model, request) ? jsonAnswer(text, format) : proseAnswer(request, tokens);
}

/** Says also what was seen beside the text. */
export function proseAnswer({ text, inputs }: ChatRequest, tokens: number): string {
  const seen = inputs.map(({ label, name }) => `${name === '' ? '' : `${name}: `}${label}`);
  const answer = seen.length === 0 ? answerText(text) : `${answerText(text)}\n\nSeen: ${seen.join('; ')}.`;
  return longAnswer(answer, tokens);
}

/** What is not said yet; the whole where what was said is not its beginning, as where it is to be mended. */
export function remainder(whole: string, said: string): string {
  return said.length < whole.length && whole.startsWith(said) ? whole.slice(said.length) : whole;
}

/** A model that does not know the parameter answers as if it was not sent. */
function keepsFormat({ supported_parameters: known }: CatalogueModel, { format }: ChatRequest): boolean {
  return known.includes(format?.schema === null ? 'response_format' : 'structured_outputs');
}

/** An answer of so many tokens at least, made longer by numbered paragraphs, no two of them alike. */
function longAnswer(answer: string, tokens: number): string {
  const parts = [answer];
  let length = answer.length;
  for (let number = 1; tokensOf(length) < tokens; number += 1) {
    const paragraph = `Paragraph ${number} says that this is paragraph ${number} of a long answer.`;
    parts.push(paragraph);
    length += paragraph.length + 2;
  }
  return parts.join('\n\n');
}
