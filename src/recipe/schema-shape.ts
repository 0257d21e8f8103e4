import { isRecord, type JsonRecord } from '../lib/json.ts';
import { picoschema } from './picoschema.ts';
import { checkSchema } from './schema.ts';
import { type Shape, scalar } from './shapes.ts';

const TYPES: ReadonlySet<string> = new Set([
  'any',
  'boolean',
  'integer',
  'null',
  'number',
  'string',
  'object',
  'array',
]);

const schemaOrType = scalar('Picoschema or JSON Schema', (value): value is string | JsonRecord => {
  return typeof value === 'string' || isRecord(value);
});

/** The JSON Schema of an answer, of a JSON Schema or a Picoschema. */
export function schemaShape(trusted: boolean): Shape<JsonRecord> {
  return {
    allowed: schemaOrType.allowed,
    read: (value, where, report) => {
      const given = schemaOrType.read(value, where, report);
      if (given === undefined) return undefined;
      const schema =
        typeof given === 'string' || !isJsonSchema(given)
          ? picoschema(given, where, report)
          : { ...(isRecord(given['properties']) && { type: 'object' }), ...given };
      checkSchema(schema, trusted, where, report);
      return schema;
    },
  };
}

/** dotprompt's rule, and what it leaves out: schemas that begin with a reference, a choice or a list of types. */
function isJsonSchema({ type, properties, ...others }: JsonRecord): boolean {
  if (typeof type === 'string' && TYPES.has(type)) return true;
  if (Array.isArray(type) || isRecord(properties)) return true;

  return (
    ['$schema', '$id', '$ref', '$defs'].some((keyword) => Object.hasOwn(others, keyword)) ||
    ['anyOf', 'oneOf', 'allOf', 'enum'].some((keyword) => Array.isArray(others[keyword]))
  );
}
