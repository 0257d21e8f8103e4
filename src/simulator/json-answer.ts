import { asArray, asObject, isRecord, type JsonRecord } from '../lib/json.ts';
import { cutText } from './answer-text.ts';
import type { JsonFormat } from './chat-request.ts';

const EXCERPT_LENGTH = 2_000;
const LONGEST_PHRASE = 120;

/** An answer in JSON that satisfies the format, its texts taken from the document's lines. */
export function jsonAnswer(text: string, { schema }: JsonFormat): string {
  const root = schema ?? ANY_OBJECT;
  return JSON.stringify(new SchemaValues(root, text).valueFor(root, 0), null, 2);
}

/** JSON that breaks any schema with properties: its first property has the wrong type. */
export function wrongJson({ schema }: JsonFormat): string {
  const [first] = Object.entries(asObject(asObject(schema)['properties']));
  if (first === undefined) return JSON.stringify({ wrong: true });
  const [name, property] = first;
  return JSON.stringify({ [name]: asObject(property)['type'] === 'object' ? 'wrong' : { wrong: true } });
}

const ANY_OBJECT = { type: 'object', properties: { title: { type: 'string' }, summary: { type: 'string' } } };

function phrasesOf(text: string): readonly string[] {
  const phrases = cutText(text, EXCERPT_LENGTH)
    .split('\n')
    .map((line) => cutText(line.replace(/^[\s#>*-]+/, '').trim(), LONGEST_PHRASE))
    .filter((line) => line !== '');
  return phrases.length === 0 ? ['nothing'] : phrases;
}

/** Deeper than this, and after so many values, only what the schema requires is made: it may refer to itself. */
const DEEPEST = 12;
const MOST_VALUES = 1_000;

/** A string of each format. */
const FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['date', '2026-01-31'],
  ['date-time', '2026-01-31T09:30:00Z'],
  ['time', '09:30:00Z'],
  ['duration', 'PT1H'],
  ['email', 'someone@example.org'],
  ['hostname', 'example.org'],
  ['ipv4', '192.0.2.1'],
  ['ipv6', '2001:db8::1'],
  ['uri', 'https://example.org/'],
  ['uri-reference', '/a'],
  ['uuid', '3f2b8c1a-5d4e-4f60-9a7b-1c2d3e4f5a6b'],
]);

/** Makes values that satisfy a JSON Schema. It ignores the `pattern` of strings, and cannot satisfy rules that contradict each other. */
class SchemaValues {
  readonly #root: unknown;
  /** Taken one after the other. At least one. */
  readonly #phrases: readonly string[];
  readonly #text: string;
  /** Chooses among the values of an `enum` of which the text names none, always the same for a document. */
  readonly #choice: number;
  #phrasesTaken = 0;
  #valuesMade = 0;

  constructor(root: unknown, text: string) {
    this.#root = root;
    this.#phrases = phrasesOf(text);
    this.#text = cutText(text, EXCERPT_LENGTH);
    this.#choice = text.length;
  }

  /** A value that satisfies `given`, a part of the root; at level 0 the root itself. */
  valueFor(given: unknown, level: number): unknown {
    // No value satisfies a schema that requires itself without end.
    if (level > 2 * DEEPEST || this.#valuesMade > 100 * MOST_VALUES) return null;
    this.#valuesMade += 1;
    const depth = this.#valuesMade > MOST_VALUES ? Math.max(level, DEEPEST) : level;
    const isSmall = depth >= DEEPEST;
    const schema = this.#resolved(given, isSmall, 0);
    if ('const' in schema) return schema['const'];
    const values = asArray(schema['enum']);
    if (values.length > 0) return this.#chosenFrom(values);
    const type = typeOf(schema, isSmall);
    switch (type) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, depth);
      case 'integer':
      case 'number':
        return numberOf(schema, type === 'integer');
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return this.#string(schema);
    }
  }

  /** The first that the document names; of none, one that depends on its length. */
  #chosenFrom(values: readonly unknown[]): unknown {
    const named = values.find((value) => typeof value === 'string' && value !== '' && this.#text.includes(value));
    return named ?? values[this.#choice % values.length];
  }

  #object(schema: JsonRecord, depth: number): JsonRecord {
    const properties = asObject(schema['properties']);
    const required = asArray(schema['required']).filter((name) => typeof name === 'string');
    const names = depth < DEEPEST ? new Set([...Object.keys(properties), ...required]) : new Set(required);
    return Object.fromEntries(Array.from(names, (name) => [name, this.valueFor(properties[name] ?? {}, depth + 1)]));
  }

  /** One item, unless the schema wants more or none. */
  #array(schema: JsonRecord, depth: number): readonly unknown[] {
    const first = asArray(schema['prefixItems']);
    const least = limitOf(schema['minItems'], first.length);
    const usual = depth < DEEPEST && schema['items'] !== false ? Math.max(1, first.length) : first.length;
    const length = Math.min(Math.max(least, usual), limitOf(schema['maxItems'], Infinity));
    return Array.from({ length }, (_, index) => this.valueFor(first[index] ?? schema['items'] ?? {}, depth + 1));
  }

  #string(schema: JsonRecord): string {
    const example = FORMATS.get(schema['format']);
    if (example !== undefined) return example;
    const phrase = this.#phrases[this.#phrasesTaken % this.#phrases.length] ?? '';
    this.#phrasesTaken += 1;
    const text = phrase.padEnd(limitOf(schema['minLength'], 0), '.');
    return cutText(text, limitOf(schema['maxLength'], text.length));
  }

  /** The schema with its reference followed and its parts merged; of alternatives the first, or if `isSmall` a plain one. */
  #resolved(given: unknown, isSmall: boolean, steps: number): JsonRecord {
    if (!isRecord(given) || steps > DEEPEST) return {};
    const { $ref: reference, allOf, anyOf, oneOf, ...own } = given;
    const alternatives = [...asArray(anyOf), ...asArray(oneOf)];
    const alternative = (isSmall ? alternatives.find(isPlain) : undefined) ?? alternatives[0];
    const others = [
      ...(typeof reference === 'string' ? [this.#at(reference)] : []),
      ...asArray(allOf),
      ...(alternative === undefined ? [] : [alternative]),
    ];
    return others.reduce<JsonRecord>((whole, other) => merged(whole, this.#resolved(other, isSmall, steps + 1)), own);
  }

  /** What a reference such as `#/$defs/name` points to in the schema. */
  #at(reference: string): unknown {
    if (!reference.startsWith('#')) return {};
    const keys = reference.split('/').slice(1);
    return keys
      .map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), this.#root);
  }
}

function merged(one: JsonRecord, other: JsonRecord): JsonRecord {
  return {
    ...one,
    ...other,
    properties: { ...asObject(one['properties']), ...asObject(other['properties']) },
    required: [...asArray(one['required']), ...asArray(other['required'])],
  };
}

/** Whether values of the schema hold no others. */
function isPlain(schema: unknown): boolean {
  return (
    isRecord(schema) && schema['$ref'] === undefined && !['object', 'array'].includes(String(typeOf(schema, true)))
  );
}

/** Of several types, the first that is not `null`, or `null` if the value is to be small; of none, what the other keys suggest. */
function typeOf(schema: JsonRecord, isSmall: boolean): unknown {
  const { type } = schema;
  if (Array.isArray(type))
    return (isSmall && type.includes('null') ? 'null' : type.find((name) => name !== 'null')) ?? 'null';
  if (type !== undefined) return type;
  if (schema['items'] !== undefined || schema['prefixItems'] !== undefined) return 'array';
  if (asArray(schema['required']).length > 0 || Object.keys(asObject(schema['properties'])).length > 0) return 'object';
  return schema['minimum'] === undefined && schema['maximum'] === undefined ? 'string' : 'number';
}

/** The first multiple at or above the least that is allowed, or at or below the most; if no multiple fits, the middle. */
function numberOf(schema: JsonRecord, isWhole: boolean): number {
  const step = limitOf(schema['multipleOf'], 1);
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = schema;
  const least = Math.max(limitOf(minimum, -Infinity), limitOf(above, -Infinity));
  const most = Math.min(limitOf(maximum, Infinity), limitOf(below, Infinity));
  const steps = Number.isFinite(least) ? Math.ceil(least / step) : Math.min(1, Math.floor(most / step));
  const fitting = [steps - 1, steps, steps + 1]
    .map((count) => count * step)
    .find((value) => value >= least && value <= most && value !== above && value !== below);
  return fitting ?? (isWhole ? steps * step : (least + most) / 2);
}

function limitOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
