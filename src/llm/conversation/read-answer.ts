import type { OutputRules } from '../../domain/recipe.ts';
import { errorMessage } from '../../lib/errors.ts';
import { wholeCharacters } from '../../lib/text.ts';
import { fencedBlocks, findJson } from './find-json.ts';
import type { ParsedAnswer, ReadAnswer } from './progress.ts';
import { CannotAskError } from './prompt.ts';
import type { SchemaCheck, Violation } from './schema-check.ts';

/** What reads the answers to a recipe. A schema is compiled for it. Rejects with CannotAskError if the schema is none. */
export async function readerFor({ format, schema, extract }: OutputRules): Promise<ReadAnswer> {
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

/** What the code block of an answer holds, with a line break at its end. Of several the model is to say which one. */
function readFencedAnswer(text: string): ParsedAnswer {
  const blocks = fencedBlocks(text).filter(({ content }) => content.trim() !== '');
  const last = blocks.at(-1);
  if (last === undefined) {
    const message = 'The answer holds no code block, which the recipe asks for (output.extract: fenced)';
    return { kind: 'broken', code: 'no-code-block', message, complaint: null };
  }
  const different = new Set(blocks.map(({ content }) => content.trim())).size;
  if (different > 1) return severalAnswers(`${different} different code blocks`, ONE_BLOCK);
  const notes = last.closed ? [] : ['The code block of the answer was not closed: it was taken to the end.'];
  return { kind: 'sound', text: `${last.content}\n`, notes };
}

const ONE_BLOCK = 'Write that code block alone, whole: no words before or after it, and no other block.';

const JSON_ALONE =
  'Give the whole answer again, mended. Write the JSON alone: no words before or after it, no code fence.';

/** As many as a model can repair at once. */
const MOST_VIOLATIONS = 20;
const LONGEST_VIOLATION = 300;

/** The JSON of a reply, if it satisfies the schema: of several values, the last that does, unless others that do differ. */
function readJsonAnswer(text: string, check: SchemaCheck): ParsedAnswer {
  const json = findJson(text);
  if (json.kind === 'broken') {
    const { reason } = json;
    return broken('invalid-json', `The answer is no valid JSON: ${reason}`, `- It is no valid JSON: ${reason}.`);
  }
  const { values } = json;
  const sound = values.filter(({ value }) => check(value).length === 0);
  const last = sound.at(-1);
  if (last === undefined) return schemaBroken(check(values.at(-1)?.value));
  const different = new Set(sound.map(({ pretty }) => pretty)).size;
  if (different > 1)
    return severalAnswers(`${different} different JSON values that satisfy what was asked for`, JSON_ALONE);
  const notes =
    values.length === 1 ? [] : [`The reply held ${values.length} JSON values: the last that holds was taken.`];
  return { kind: 'sound', text: `${last.pretty}\n`, notes };
}

function schemaBroken(violations: readonly Violation[]): ParsedAnswer {
  const faults = violations
    .slice(0, MOST_VIOLATIONS)
    .map(({ detail }) => `- ${detail.slice(0, wholeCharacters(detail, LONGEST_VIOLATION))}`);
  return broken('schema-broken', `The answer does not satisfy the schema: ${inWords(violations)}`, faults.join('\n'));
}

function severalAnswers(held: string, how: string): ParsedAnswer {
  const message = `The answer holds ${held}, and does not say which one is meant`;
  return broken('several-answers', message, `- It holds ${held}: decide which one is the answer.`, how);
}

function broken(code: string, message: string, faults: string, how: string = JSON_ALONE): ParsedAnswer {
  return { kind: 'broken', code, message, complaint: `${faults}\n\n${how}` };
}

function inWords(violations: readonly Violation[]): string {
  const rules = [...new Set(violations.map(({ rule }) => rule))];
  const first = rules.slice(0, 3).join('; ');
  return rules.length > 3 ? `${first}; and ${rules.length - 3} more` : first;
}
