import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { errorMessage } from '../lib/errors.ts';
import { asArray, isRecord, type JsonRecord } from '../lib/json.ts';
import { type ReportProblem, type Shape, scalar, shown } from '../lib/shapes.ts';
import { nearest } from '../lib/text.ts';
import { picoschema } from './picoschema.ts';
import { onlyOwner } from './recipe-file.ts';

/** Keywords for people or for other programs. */
const VOCABULARY = ['discriminator', 'example', 'externalDocs', 'propertyOrdering', 'xml'];

const UNKNOWN_KEYWORD = /unknown keyword: "(.*)"/;

/** For the author's own keywords. */
const OWN_KEYWORD = /^x-/;

const NO_KEYWORD = 'which is no keyword of JSON Schema: that is what a schema with a type is taken for';

const BUSY = 'which could keep the program busy without end';

/** Of a schema: its unknown keywords, and its regular expressions. */
type Findings = Readonly<Record<'keywords' | 'patterns', Set<string>>>;

/**
 * Reports why no answer could be checked by a JSON Schema: of draft 7, or of 2020-12 if its `$schema` says so. What may
 * keep a validator busy is refused in recipes of the inbox; the owner's may have it, at their own risk.
 */
function checkSchema(schema: JsonRecord, trusted: boolean, where: string, report: ReportProblem): void {
  const costs = trusted ? [] : costsOf(schema);
  for (const cost of costs) report(where, onlyOwner(`${cost}, ${BUSY}`));
  if (costs.length > 0) return;

  const findings: Findings = { keywords: new Set(), patterns: new Set() };
  try {
    compile(schema, findings);
  } catch (error) {
    report(where, `is no valid JSON Schema: ${errorMessage(error)}`);
  }
  for (const keyword of findings.keywords) report(where, `has ${JSON.stringify(keyword)}, ${NO_KEYWORD}`);

  if (!trusted && findings.patterns.size > 0) report(where, onlyOwner(`has a pattern, ${BUSY}`));
}

function compile(schema: JsonRecord, findings: Findings): void {
  if (Object.hasOwn(schema, '$async')) throw new SyntaxError('$async is not for answers');

  const ajv = createAjv(schema, findings);
  if (ajv.validateSchema(schema) !== true) throw new SyntaxError(mistakesIn(schema, ajv.errors ?? []));

  // What was found so far is in the schema that schemas are checked by.
  findings.keywords.clear();
  findings.patterns.clear();
  // Compiling would not end either.
  if (isEndless(schema)) throw new SyntaxError('it refers to itself without end');
  ajv.compile(schema);
}

/** One mistake for each place, the most telling: ajv gives one for each way in which that could have been right. */
function mistakesIn(schema: JsonRecord, errors: readonly ErrorObject[]): string {
  const byPlace = new Map<string, ErrorObject>();
  for (const error of errors)
    if (!byPlace.has(error.instancePath) || error.keyword === 'enum') byPlace.set(error.instancePath, error);
  const places = [...byPlace.values()];
  // What is wrong with a part is also told of the whole.
  const inner = places.filter((one) => !places.some((other) => other.instancePath.startsWith(`${one.instancePath}/`)));
  return inner.map((error) => mistakeInWords(schema, error)).join('; ');
}

function mistakeInWords(schema: JsonRecord, { instancePath, message, params }: ErrorObject): string {
  const where = `schema${instancePath}`;
  const allowed = asArray(params['allowedValues']).map(String);
  if (allowed.length === 0) return `${where} ${message ?? 'is not valid'}`;
  const given = pointed(schema, `#${instancePath}`);
  const meant = nearest(String(given), allowed);
  return `${where} must be one of ${allowed.join(', ')}, not ${shown(given)}${meant === null ? '' : ` (did you mean ${meant}?)`}`;
}

function createAjv(schema: JsonRecord, { keywords, patterns }: Findings): Ajv {
  const note = (warning: unknown): void => {
    const [, keyword] = UNKNOWN_KEYWORD.exec(String(warning)) ?? [];
    if (keyword !== undefined && !OWN_KEYWORD.test(keyword)) keywords.add(keyword);
  };
  const regExp = Object.assign(
    (pattern: string, flags: string) => {
      patterns.add(pattern);
      return new RegExp(pattern, flags);
    },
    { code: 'new RegExp' },
  );
  const options: Options = {
    strict: false,
    strictSchema: 'log',
    logger: { log: note, warn: note, error: note },
    code: { regExp },
  };
  const ajv = String(schema['$schema']).includes('2020-12') ? new Ajv2020(options) : new Ajv(options);
  formats.default(ajv);
  ajv.addVocabulary(VOCABULARY);
  return ajv;
}

const TYPES = new Set<unknown>(['any', 'boolean', 'integer', 'null', 'number', 'string', 'object', 'array']);

const schemaOrType = scalar(
  'Picoschema or JSON Schema',
  (value): value is string | JsonRecord => typeof value === 'string' || isRecord(value),
  { type: ['string', 'object'] },
);

/** The JSON Schema of an answer, from a JSON Schema or a Picoschema. */
export function schemaShape(trusted: boolean): Shape<JsonRecord> {
  return {
    allowed: schemaOrType.allowed,
    schema: schemaOrType.schema,
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
  if (TYPES.has(type) || Array.isArray(type) || isRecord(properties)) return true;

  return (
    ['$schema', '$id', '$ref', '$defs'].some((keyword) => Object.hasOwn(others, keyword)) ||
    [...CHOICES, 'enum'].some((keyword) => Array.isArray(others[keyword]))
  );
}

const MOST_CHARACTERS = 20_000;

/** Members of `anyOf`, `oneOf` and `allOf`: each may be tried for each value of an answer. */
const MOST_CHOICES = 100;

const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'];

const CHOICES = ['anyOf', 'oneOf', 'allOf'];

/**
 * What in a schema may keep a validator busy for longer than a moment, beside regular expressions: references may
 * double the work at each level, and the time of other words grows with the square of an answer.
 */
function costsOf(schema: JsonRecord): readonly string[] {
  const { length } = JSON.stringify(schema);
  if (length > MOST_CHARACTERS) return [`is longer than ${MOST_CHARACTERS} characters`];

  const words = wordsOf(schema);
  const choices = words.flatMap(([word, value]) => (CHOICES.includes(word) ? asArray(value) : []));
  const costs = words.map(([word, value]) => costOf(word, value)).filter((cost) => cost !== null);
  return [...new Set(costs), ...(choices.length > MOST_CHOICES ? [`has more than ${MOST_CHOICES} choices`] : [])];
}

/** All words and values, at any depth. */
function wordsOf(value: unknown): readonly [string, unknown][] {
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  if (!isRecord(value)) return [];

  const entries = Object.entries(value);
  return [...entries, ...entries.flatMap(([, inner]) => wordsOf(inner))];
}

/** A property with the name of such a keyword does not count: its value is a schema, no text and no `true`. */
function costOf(word: string, value: unknown): string | null {
  if (REFERENCES.includes(word) && typeof value === 'string') return `has a ${word}`;
  if (word === 'uniqueItems' && value === true) return 'has uniqueItems';

  return word === 'format' && value === 'url' ? 'has the format url (uri is another)' : null;
}

/** Keywords whose schemas are for the value itself, not for what is in it. */
const SAME_VALUE = [...CHOICES, 'not', 'if', 'then', 'else'];

/**
 * Whether a part of a JSON Schema leads back to itself for one and the same value: no validator comes to an end there.
 * A reference to an `$id` is followed if it is written like it; none is resolved against another.
 */
function isEndless(schema: JsonRecord): boolean {
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
  // The loop also visits what is added to the set meanwhile.
  for (const part of parts)
    for (const value of Object.values(part).flat(Infinity)) if (isRecord(value)) parts.add(value);
  return [...parts];
}

function anchorsOf({ $anchor, $dynamicAnchor, $id }: JsonRecord): readonly string[] {
  const named = [$anchor, $dynamicAnchor].filter((name) => typeof name === 'string').map((name) => `#${name}`);
  return typeof $id === 'string' ? [...named, $id] : named;
}

function nextOf(part: JsonRecord, root: JsonRecord, anchors: ReadonlyMap<string, JsonRecord>): readonly JsonRecord[] {
  const referred = REFERENCES.map((keyword) => part[keyword])
    .filter((reference) => typeof reference === 'string')
    .map((reference) => anchors.get(reference) ?? pointed(root, reference));
  return [...referred, ...SAME_VALUE.flatMap((keyword) => part[keyword])].filter(isRecord);
}

/** What a JSON Pointer in a fragment leads to (RFC 6901). */
function pointed(root: JsonRecord, reference: string): unknown {
  const [base, ...steps] = reference.split('/');
  if (base !== '#') return undefined;

  let value: unknown = root;
  for (const step of steps) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    value = isRecord(value) || Array.isArray(value) ? Reflect.get(value, name) : null;
  }
  return value;
}
