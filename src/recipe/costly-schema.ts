import { isRecord, type JsonRecord } from '../lib/json.ts';

const MOST_CHARACTERS = 20_000;

/** Members of `anyOf`, `oneOf` and `allOf`: each may be tried for each value of an answer. */
const MOST_CHOICES = 100;

const REFERENCES: ReadonlySet<string> = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

const CHOICES: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf']);

/**
 * What in a schema may keep a validator busy for longer than a moment, beside regular expressions: references double at
 * each level, and the other words take the square of an answer.
 */
export function costsOf(schema: JsonRecord): readonly string[] {
  const { length } = JSON.stringify(schema);
  if (length > MOST_CHARACTERS) return [`is longer than ${MOST_CHARACTERS} characters`];

  const words = wordsOf(schema);
  const choices = words.reduce((sum, [word, value]) => sum + (CHOICES.has(word) ? membersOf(value) : 0), 0);
  const costs = words.map(([word, value]) => costOf(word, value)).filter((cost) => cost !== null);
  return [...new Set(costs), ...(choices > MOST_CHOICES ? [`has more than ${MOST_CHOICES} choices`] : [])];
}

/** All words and values, at any depth. */
function wordsOf(value: unknown): readonly [string, unknown][] {
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  if (!isRecord(value)) return [];

  const entries = Object.entries(value);
  return [...entries, ...entries.flatMap(([, inner]) => wordsOf(inner))];
}

/** A property of such a name has a schema, no text and no `true`. */
function costOf(word: string, value: unknown): string | null {
  if (REFERENCES.has(word) && typeof value === 'string') return `has a ${word}`;
  if (word === 'uniqueItems' && value === true) return 'has uniqueItems';

  return word === 'format' && value === 'url' ? 'has the format url (uri is another)' : null;
}

function membersOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
