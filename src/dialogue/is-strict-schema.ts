import { isRecord, type JsonRecord } from '../lib/json.ts';

/** What APIs refuse in a schema that is to hold strictly (OpenAI, structured outputs: supported schemas). */
const LOOSE_KEYWORDS = ['allOf', 'oneOf', 'not', 'if', 'patternProperties', 'dependentRequired', 'dependentSchemas'];

const SAYS_WHAT_IT_IS = ['type', '$ref', 'anyOf'];

/**
 * Whether a schema can be held to strictly: each value has a type, or is one of several; every object names all its
 * properties, requires them, and has no others; every array says what it holds.
 */
export function isStrictSchema(schema: JsonRecord): boolean {
  return isOf('object', schema) && isStrict(schema);
}

function isStrict(node: unknown): boolean {
  if (!isRecord(node) || !SAYS_WHAT_IT_IS.some((keyword) => keyword in node)) return false;
  if (LOOSE_KEYWORDS.some((keyword) => keyword in node)) return false;
  if ((isOf('object', node) || 'properties' in node) && !isClosed(node)) return false;
  if (isOf('array', node) && node['items'] === undefined) return false;
  return childrenOf(node).every(isStrict);
}

function isOf(kind: 'object' | 'array', { type }: JsonRecord): boolean {
  return type === kind || (Array.isArray(type) && type.includes(kind));
}

function isClosed({ additionalProperties, properties, required }: JsonRecord): boolean {
  const names = isRecord(properties) ? Object.keys(properties) : [];
  return additionalProperties === false && Array.isArray(required) && names.every((name) => required.includes(name));
}

function childrenOf({ properties, $defs, definitions, items, prefixItems, anyOf }: JsonRecord): readonly unknown[] {
  const named = [properties, $defs, definitions].flatMap((map) => (isRecord(map) ? Object.values(map) : []));
  const listed = [items, prefixItems, anyOf].filter((nodes) => nodes !== undefined).flat();
  return [...named, ...listed];
}
