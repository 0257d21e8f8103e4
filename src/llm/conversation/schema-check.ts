import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { JsonRecord } from '../../lib/json.ts';

export interface Violation {
  /** In the words of the schema alone. */
  readonly rule: string;
  /** With the place in the value, which may hold names that a document brought in. */
  readonly detail: string;
}

const SETTINGS = {
  // Words that only people or other tools read are no mistake.
  strict: false,
  logger: false,
  // `toString` and the like are in no answer unless it says so itself.
  ownProperties: true,
  // A number too large for a double is a number still; the result keeps its digits.
  strictNumbers: false,
} as const;

/** What of a value breaks a schema; nothing if it holds. */
export type SchemaCheck = (value: unknown) => readonly Violation[];

/** Characters of a schema times those of a value: above, the list of all errors may be larger than the memory. */
const MOST_THOROUGH = 25_000_000;

/** More than is ever shown. */
const MOST_VIOLATIONS = 1000;

/**
 * Compiles a JSON Schema (draft 7, or 2020-12 if its `$schema` says so), once for many values. Of a value that is too
 * large for it, the first violation alone is reported.
 *
 * @throws Error if it is no schema.
 */
export function createSchemaCheck(schema: JsonRecord): SchemaCheck {
  const { length } = JSON.stringify(schema);
  const validate = compiled(schema, false);
  let validateAll: ValidateFunction | null = null;
  return (value) => {
    if (validate(value)) return [];
    if (length * JSON.stringify(value).length > MOST_THOROUGH) return (validate.errors ?? []).map(violation);
    validateAll ??= compiled(schema, true);
    validateAll(value);
    return (validateAll.errors ?? []).slice(0, MOST_VIOLATIONS).map(violation);
  };
}

/** Each schema has an Ajv of its own: what it compiled can go with it, and an `$id` is known to no other. */
function compiled(schema: JsonRecord, allErrors: boolean): ValidateFunction {
  const settings = { ...SETTINGS, allErrors };
  const ajv = String(schema['$schema']).includes('2020-12') ? new Ajv2020(settings) : new Ajv(settings);
  formats.default(ajv);
  return ajv.compile(schema as AnySchema);
}

function violation({ schemaPath, instancePath, message = 'does not hold', params }: ErrorObject): Violation {
  const named: unknown = params['additionalProperty'] ?? params['allowedValues'];
  const place = instancePath === '' ? 'the value itself' : instancePath;
  return {
    rule: `${schemaPath} ${message}`,
    detail: `${place} ${message}${named === undefined ? '' : `: ${JSON.stringify(named)}`}`,
  };
}
