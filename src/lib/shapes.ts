import { isRecord, type JsonRecord } from './json.ts';
import { nearest } from './text.ts';

/** What a value may be. Reading reports all that is wrong with it, so that a person sees it at once. */
export interface Shape<Value = unknown> {
  /** What is allowed, in words that end the sentence "it takes ...". */
  readonly allowed: string;
  /** The same as a JSON Schema of draft 7, for editors: it may take more than `read` does. */
  readonly schema: JsonRecord;
  /** The value; undefined if it is none of these, which is reported. */
  read(value: unknown, where: string, report: ReportProblem): Value | undefined;
}

/** Is called with each problem and its place: `config.temperature`, `is 3; it takes a number from 0 to 2`. */
export type ReportProblem = (where: string, problem: string) => void;

/** Enough to recognise a value by. */
const LONGEST_SHOWN = 60;

export function shown(value: unknown): string {
  const written = JSON.stringify(value) ?? String(value);
  return written.length > LONGEST_SHOWN ? `${written.slice(0, LONGEST_SHOWN)}…` : written;
}

/** @param parse the value as it is used; undefined if it is refused */
export function parsed<Value>(
  allowed: string,
  parse: (value: unknown) => Value | undefined,
  schema: JsonRecord = {},
): Shape<Value> {
  return {
    allowed,
    schema,
    read: (value, where, report) => {
      const result = parse(value);
      if (result === undefined) report(where, `is ${shown(value)}; it takes ${allowed}`);
      return result;
    },
  };
}

export function scalar<Value>(
  allowed: string,
  fits: (value: unknown) => value is Value,
  schema: JsonRecord = {},
): Shape<Value> {
  return parsed(allowed, (value) => (fits(value) ? value : undefined), schema);
}

export const anything: Shape = { allowed: 'anything', schema: {}, read: (value) => value };

export const trueOrFalse = scalar('true or false', (value) => typeof value === 'boolean', { type: 'boolean' });

export const anyText = scalar('a text', (value) => typeof value === 'string', { type: 'string' });

/** Not blank. */
export const text = scalar('a text', (value): value is string => typeof value === 'string' && value.trim() !== '', {
  type: 'string',
  minLength: 1,
});

export function textUpTo(most: number): Shape<string> {
  const fits = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= most;
  return scalar(`a text of at most ${most} characters`, fits, { type: 'string', minLength: 1, maxLength: most });
}

export function number(min = -Infinity, max = Infinity): Shape<number> {
  return scalar(`a number${range(min, max)}`, (value) => isWithin(value, min, max), {
    type: 'number',
    ...schemaBounds(min, max),
  });
}

export function wholeNumber(min = -Infinity, max = Infinity): Shape<number> {
  return scalar(
    `a whole number${range(min, max)}`,
    (value): value is number => Number.isSafeInteger(value) && isWithin(value, min, max),
    { type: 'integer', ...schemaBounds(min, max) },
  );
}

export function oneOf<Value extends string>(...values: readonly Value[]): Shape<Value> {
  const allowed = values.length === 1 ? values.join('') : `one of ${values.join(', ')}`;
  return scalar(allowed, (value): value is Value => values.some((candidate) => candidate === value), { enum: values });
}

/** For the API, null is not the same as a field that is not there. */
export function orNull<Value>(shape: Shape<Value>): Shape<Value | null> {
  return {
    ...shape,
    schema: { anyOf: [shape.schema, { type: 'null' }] },
    read: (value, where, report) => (value === null ? null : shape.read(value, where, report)),
  };
}

export function either(...shapes: readonly Shape[]): Shape {
  const allowed = shapes.map((shape) => shape.allowed).join(', or ');
  const schema = { anyOf: shapes.map((shape) => shape.schema) };
  return scalar(allowed, (value): value is unknown => shapes.some((shape) => takes(shape, value)), schema);
}

function takes(shape: Shape, value: unknown): boolean {
  let good = true;
  shape.read(value, '', () => (good = false));
  return good;
}

export function schemaBounds(min: number, max: number): JsonRecord {
  return { ...(min !== -Infinity && { minimum: min }), ...(max !== Infinity && { maximum: max }) };
}

function range(min: number, max: number): string {
  if (max !== Infinity) return ` from ${min} to ${max}`;

  return min === -Infinity ? '' : ` of ${min} or more`;
}

export function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max;
}

export function listOf<Value>(items: Shape<Value>, { min = 0, max = Infinity } = {}): Shape<readonly Value[]> {
  const size = max === Infinity ? (min === 0 ? '' : ', not empty') : `, at most ${max}`;
  const list = scalar(`a list (each ${items.allowed}${size})`, (value): value is readonly unknown[] => {
    return Array.isArray(value) && value.length >= min && value.length <= max;
  });
  return {
    allowed: list.allowed,
    schema: { type: 'array', items: items.schema, minItems: min, ...(max !== Infinity && { maxItems: max }) },
    read: (value, where, report) =>
      list
        .read(value, where, report)
        ?.map((item, index) => items.read(item, `${where}[${index}]`, report))
        .filter((item) => item !== undefined),
  };
}

/** A map with names of the author's own. */
export function mapOf(values: Shape, most: number = Infinity): Shape<JsonRecord> {
  const size = most === Infinity ? '' : `, at most ${most}`;
  const map = scalar(`a map (each ${values.allowed}${size})`, (value): value is JsonRecord => {
    return isRecord(value) && Object.keys(value).length <= most;
  });
  return {
    allowed: map.allowed,
    schema: { type: 'object', additionalProperties: values.schema },
    read: (value, where, report) => {
      const record = map.read(value, where, report);
      for (const [name, item] of Object.entries(record ?? {})) values.read(item, `${where}.${name}`, report);
      return record;
    },
  };
}

/** Known fields by their names; an undefined one is as if it were not there. If `open`, a name that looks like none of them passes: the API may know more. */
export function fields(
  table: Readonly<Record<string, Shape>>,
  { open = false, required = [] }: { open?: boolean; required?: readonly string[] } = {},
): Shape<JsonRecord> {
  const known = Object.keys(table);
  const map = scalar(`a map of ${known.join(', ')}`, isRecord);
  const unknown = open ? nearMiss : unknownName;
  return {
    allowed: map.allowed,
    schema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(table).map(([name, shape]) => [name, shape.schema])),
      required,
      additionalProperties: open,
    },
    read: (value, where, report) => {
      const given = map.read(value, where, report);
      if (given === undefined) return undefined;

      const record = Object.fromEntries(Object.entries(given).filter(([, item]) => item !== undefined));
      for (const name of required) if (!Object.hasOwn(record, name)) report(`${where}.${name}`, 'is missing');
      for (const [name, item] of Object.entries(record)) {
        const problem = Object.hasOwn(table, name) ? null : unknown(name, known);
        if (problem === null) table[name]?.read(item, `${where}.${name}`, report);
        else report(`${where}.${name}`, problem);
      }
      return record;
    },
  };
}

function nearMiss(name: string, known: readonly string[]): string | null {
  const meant = meantName(name, known);
  return meant === null ? null : notThatName(meant);
}

/** With more differences it may be a field of the API that is newer than this program. */
const FARTHEST_TYPO = 2;

const SHORTEST_BEGINNING = 3;

/** The known name that `name` was meant to be: in another notation, cut short or misspelt; null if it looks like none. */
export function meantName(name: string, known: readonly string[]): string | null {
  const plain = snakeCase(name);
  const names = new Map(known.map((candidate) => [snakeCase(candidate), candidate]));
  const plainNames = [...names.keys()];
  const meant =
    plainNames.find((candidate) => candidate === plain) ??
    plainNames.find((candidate) => plain.length >= SHORTEST_BEGINNING && candidate.startsWith(plain)) ??
    nearest(plain, plainNames, Math.min(FARTHEST_TYPO, Math.floor(plain.length * 0.4)));
  return meant === null ? null : (names.get(meant) ?? null);
}

/** The same, however far it is from that. */
export function likelyName(name: string, known: readonly string[]): string | null {
  return meantName(name, known) ?? nearest(name, known);
}

/** The problem with a name that is not among the known ones. */
export function unknownName(name: string, known: readonly string[]): string {
  const meant = likelyName(name, known);
  return meant === null ? `is not known; known are ${known.join(', ')}` : notThatName(meant);
}

export function notThatName(meant: string): string {
  return `is not known: did you mean ${meant}?`;
}

/** For comparing: `maxOutputTokens`, `max-output-tokens` and `max_output_tokens` are one name. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}
