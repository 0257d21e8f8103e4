import { isRecord, type JsonRecord } from '../lib/json.ts';
import { type ReportProblem, shown, unknownName } from '../lib/shapes.ts';

const SCALARS = ['any', 'boolean', 'integer', 'null', 'number', 'string'];

const CONTAINERS = ['array', 'enum', 'object'];

/** `name?(array, what it is)`. */
const KEY = /^(?<name>[^(]*?)(?<optional>\?)?(?:\((?<type>[^,]*)(?:,(?<description>.*))?\))?$/s;

const ANY_OTHER_NAME = '(*)';

/**
 * The JSON Schema that a Picoschema stands for, as dotprompt's own makes it. That one cannot be used: it is
 * asynchronous, names no place, and takes a property `__proto__` for the prototype.
 */
export function picoschema(pico: unknown, where: string, report: ReportProblem): JsonRecord {
  if (typeof pico === 'string') return scalarSchema(pico, where, report);
  if (isRecord(pico)) return objectSchema(pico, where, report);

  report(where, `is ${shown(pico)}; Picoschema takes a type (${SCALARS.join(', ')}) or a map of properties`);
  return {};
}

function scalarSchema(pico: string, where: string, report: ReportProblem): JsonRecord {
  const comma = pico.indexOf(',');
  const type = comma === -1 ? pico : pico.slice(0, comma);
  if (!SCALARS.includes(type)) report(where, `${shown(type)} ${unknownName(type, SCALARS)}`);

  return { ...(type !== 'any' && { type }), ...(comma !== -1 && { description: pico.slice(comma + 1).trimStart() }) };
}

function objectSchema(pico: JsonRecord, where: string, report: ReportProblem): JsonRecord {
  const keys = Object.keys(pico).filter((key) => key !== ANY_OTHER_NAME);
  const properties = keys.map((key) => property(key, pico[key], `${where}.${key}`, report));
  const required = properties.filter(({ optional }) => !optional).map(({ name }) => name);
  const others = Object.hasOwn(pico, ANY_OTHER_NAME)
    ? picoschema(pico[ANY_OTHER_NAME], `${where}.${ANY_OTHER_NAME}`, report)
    : false;
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: others,
  };
}

function property(
  key: string,
  pico: unknown,
  where: string,
  report: ReportProblem,
): { readonly name: string; readonly optional: boolean; readonly schema: JsonRecord } {
  const { name = key, optional, type, description = '' } = KEY.exec(key)?.groups ?? {};
  const schema = type === undefined ? picoschema(pico, where, report) : container(type, pico, where, report);
  return {
    name,
    optional: optional !== undefined,
    schema: {
      ...(optional === undefined ? schema : nullable(schema)),
      ...(description.trim() !== '' && { description: description.trimStart() }),
    },
  };
}

function container(type: string, pico: unknown, where: string, report: ReportProblem): JsonRecord {
  if (type === 'array') return { type, items: picoschema(pico, where, report) };
  if (type === 'object') return picoschema(pico, where, report);
  if (type === 'enum' && Array.isArray(pico)) return { enum: pico };

  if (type === 'enum') report(where, `is ${shown(pico)}; an enum takes a list`);
  else report(where, `${shown(type)} ${unknownName(type, CONTAINERS)}`);
  return {};
}

/** What need not be there may as well be null: with a strict schema, models must name every property. */
function nullable(schema: JsonRecord): JsonRecord {
  const { type, enum: values } = schema;
  if (typeof type === 'string') return { ...schema, type: [type, 'null'] };

  return Array.isArray(values) && !values.includes(null) ? { ...schema, enum: [...values, null] } : schema;
}
