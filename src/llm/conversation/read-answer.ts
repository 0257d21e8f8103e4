import { from, map, type Observable, of } from 'rxjs';
import { readFencedAnswer } from '../../dialogue/read-fenced-answer.ts';
import { readJsonAnswer } from '../../dialogue/read-json-answer.ts';
import type { ReadText } from '../../dialogue/reading.ts';
import { errorMessage } from '../../domain/errors.ts';
import type { OutputRules } from '../../domain/recipe.ts';
import type { JsonRecord } from '../../lib/json.ts';
import { Unaskable } from './errors.ts';
import type { SchemaCheck } from './schema-check.ts';

/**
 * Gives what reads the answers to a recipe. A schema is compiled once, and the validator loaded for the first.
 * Emits once; errors with Unaskable where the schema is none.
 */
export function createReaders(): (output: OutputRules) => Observable<ReadText> {
  const checks = new WeakMap<JsonRecord, Promise<SchemaCheck>>();
  const checkOf = (schema: JsonRecord) => {
    const check = checks.get(schema) ?? compiled(schema);
    checks.set(schema, check);
    return check;
  };
  return ({ format, schema, extract }) => {
    if (format === 'text') return of(extract === null ? asItIs : readFencedAnswer);
    if (schema === null) return of((text) => readJsonAnswer(text, () => []));
    return from(checkOf(schema)).pipe(map((check) => (text) => readJsonAnswer(text, check)));
  };
}

const asItIs: ReadText = (text) => ({ kind: 'sound', text, notes: [] });

async function compiled(schema: JsonRecord): Promise<SchemaCheck> {
  const { createSchemaCheck } = await import('./schema-check.ts');
  try {
    return createSchemaCheck(schema);
  } catch (error) {
    throw new Unaskable('unusable-schema', `output.schema of the recipe is no JSON Schema: ${errorMessage(error)}`);
  }
}
