import { isRecord } from '../lib/json.ts';
import type { JsonFormat } from './chat-request.ts';
import { cutText } from './cut-text.ts';
import { schemaValue } from './schema-value.ts';

const EXCERPT_LENGTH = 2_000;
const LONGEST_PHRASE = 120;

/** An answer in JSON that satisfies the format, its texts taken from the document's lines. */
export function jsonAnswer(text: string, { schema }: JsonFormat): string {
  const source = { phrases: phrasesOf(text), choice: text.length };
  return JSON.stringify(schemaValue(schema ?? ANY_OBJECT, source), null, 2);
}

/** JSON that no schema allows which says anything of its first property, or of its type. */
export function wrongJson({ schema }: JsonFormat): string {
  const { properties } = isRecord(schema) ? schema : {};
  const [first] = isRecord(properties) ? Object.entries(properties) : [];
  if (first === undefined) return JSON.stringify({ wrong: true });
  const [name, property] = first;
  const isObject = isRecord(property) && property['type'] === 'object';
  return JSON.stringify({ [name]: isObject ? 'wrong' : { wrong: true } });
}

const ANY_OBJECT = { type: 'object', properties: { title: { type: 'string' }, summary: { type: 'string' } } };

function phrasesOf(text: string): readonly string[] {
  const phrases = cutText(text, EXCERPT_LENGTH)
    .split('\n')
    .map((line) => cutText(line.replace(/^[\s#>*-]+/, '').trim(), LONGEST_PHRASE))
    .filter((line) => line !== '');
  return phrases.length === 0 ? ['nothing'] : phrases;
}
