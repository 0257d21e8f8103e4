import type { OutputRules } from '../../domain/recipe.ts';
import { errorMessage } from '../../lib/errors.ts';
import { wholeCharacters } from '../../lib/text.ts';
import { type FoundValue, fencedBlocks, findJson } from './find-json.ts';
import type { Reading, ReadText } from './progress.ts';
import { CannotAskError } from './prompt.ts';
import type { SchemaCheck, Violation } from './schema-check.ts';

/** What reads the answers to a recipe. A schema is compiled for it. Rejects with CannotAskError if the schema is none. */
export async function readerFor({ format, schema, extract }: OutputRules): Promise<ReadText> {
  if (format === 'text') return extract === null ? (text) => ({ kind: 'sound', text, notes: [] }) : readFencedAnswer;
  if (schema === null) return (text) => readJsonAnswer(text, () => []);
  // The validator is loaded for the first schema.
  const { createSchemaCheck } = await import('./schema-check.ts');
  try {
    const check = createSchemaCheck(schema);
    return (text) => readJsonAnswer(text, check);
  } catch (error) {
    throw new CannotAskError(
      'unusable-schema',
      `output.schema of the recipe is no JSON Schema: ${errorMessage(error)}`,
    );
  }
}

/** What the first code block of an answer holds, with a line break at its end. */
function readFencedAnswer(text: string): Reading {
  const block = fencedBlocks(text).find(({ content }) => content.trim() !== '');
  if (block === undefined) {
    const message = 'The answer holds no code block, which the recipe asks for (output.extract: fenced)';
    return { kind: 'broken', code: 'no-code-block', message, complaint: null };
  }
  const notes = block.closed ? [] : ['The code block of the answer was not closed: it was taken to the end.'];
  return { kind: 'sound', text: `${block.content}\n`, notes };
}

/** As many as a model can repair at once. */
const MOST_VIOLATIONS = 20;
const LONGEST_VIOLATION = 300;

/** The JSON of a reply, if it satisfies the schema: of several values, the largest that does. */
function readJsonAnswer(text: string, check: SchemaCheck): Reading {
  const json = findJson(text);
  if (json.kind === 'broken') {
    const complaint = `- It is no valid JSON: ${json.reason}.`;
    return { kind: 'broken', code: 'invalid-json', message: `The answer is no valid JSON: ${json.reason}`, complaint };
  }
  const { values } = json;
  const bySize = values.toSorted((one, other) => other.pretty.length - one.pretty.length);
  const sound = bySize.find(({ value }) => check(value).length === 0);
  if (sound === undefined) return broken(bySize, check);
  const notes =
    values.length === 1 ? [] : [`The reply held ${values.length} JSON values: the largest that holds was taken.`];
  return { kind: 'sound', text: `${sound.pretty}\n`, notes };
}

function broken([largest]: readonly FoundValue[], check: SchemaCheck): Reading {
  const violations = check(largest?.value);
  return {
    kind: 'broken',
    code: 'schema-broken',
    message: `The answer does not satisfy the schema: ${inWords(violations)}`,
    complaint: violations
      .slice(0, MOST_VIOLATIONS)
      .map(({ detail }) => `- ${detail.slice(0, wholeCharacters(detail, LONGEST_VIOLATION))}`)
      .join('\n'),
  };
}

function inWords(violations: readonly Violation[]): string {
  const rules = [...new Set(violations.map(({ rule }) => rule))];
  const first = rules.slice(0, 3).join('; ');
  return rules.length > 3 ? `${first}; and ${rules.length - 3} more` : first;
}
