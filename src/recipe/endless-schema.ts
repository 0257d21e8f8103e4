import { isRecord, type JsonRecord } from '../lib/json.ts';

const REFERENCE_KEYWORDS = ['$ref', '$dynamicRef', '$recursiveRef'];

/** Keywords whose schemas are for the value itself, not for what is in it. */
const SAME_VALUE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'];

/**
 * Whether a part of a JSON Schema leads back to itself for one and the same value: no validator comes to an end there.
 * References to an `$id` are not followed.
 */
export function isEndless(schema: JsonRecord): boolean {
  const parts = partsOf(schema);
  const anchors = new Map(parts.flatMap((part) => anchorsOf(part).map((anchor) => [anchor, part])));
  const open = new Set<JsonRecord>();
  const ended = new Set<JsonRecord>();
  const leadsBack = (part: JsonRecord): boolean => {
    if (open.has(part)) return true;
    if (ended.has(part)) return false;
    open.add(part);
    const found = nextOf(part, schema, anchors).some(leadsBack);
    open.delete(part);
    ended.add(part);
    return found;
  };
  return parts.some(leadsBack);
}

function partsOf(schema: JsonRecord): readonly JsonRecord[] {
  const parts = new Set([schema]);
  // A set goes on to what is added meanwhile.
  for (const part of parts)
    for (const value of Object.values(part).flat(Infinity)) if (isRecord(value)) parts.add(value);
  return [...parts];
}

function anchorsOf({ $anchor, $dynamicAnchor, $id }: JsonRecord): readonly string[] {
  const named = [$anchor, $dynamicAnchor].filter((name) => typeof name === 'string').map((name) => `#${name}`);
  return typeof $id === 'string' ? [...named, $id] : named;
}

function nextOf(part: JsonRecord, root: JsonRecord, anchors: ReadonlyMap<string, JsonRecord>): readonly JsonRecord[] {
  const referred = REFERENCE_KEYWORDS.map((keyword) => part[keyword])
    .filter((reference) => typeof reference === 'string')
    .map((reference) => anchors.get(reference) ?? pointed(root, reference));
  return [...referred, ...SAME_VALUE.flatMap((keyword) => part[keyword])].filter(isRecord);
}

/** What a JSON Pointer in a fragment leads to (RFC 6901). */
function pointed(root: JsonRecord, reference: string): unknown {
  const [base, ...steps] = reference.split('/');
  if (base !== '#') return undefined;

  let value: unknown = root;
  for (const step of steps) value = isRecord(value) || Array.isArray(value) ? Reflect.get(value, decoded(step)) : null;
  return value;
}

function decoded(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
}
