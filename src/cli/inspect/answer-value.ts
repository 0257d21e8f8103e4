import { isRecord, parseJson } from '../../lib/json.ts';

/** Deeper than any answer that was checked, and far from overflowing the stack. */
const DEEPEST = 200;

/** The object or list that an answer is JSON of, with its numbers to the last digit; else the answer itself. */
export function answerValue(answer: string): unknown {
  // Most answers are text, and a failed parse costs more than the rest of a row.
  if (!/^\s*[[{]/.test(answer)) return answer;
  const value = parseJson(answer);
  return value === undefined || isDeeper(value, DEEPEST) ? answer : withExactNumbers(value, answer);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

const NUMBER_OR_QUOTE = /-?\d[\d.eE+-]*|"|\\./g;

/**
 * `value`, which `json` was parsed to, with each number as it is written there. JSON.parse does not keep that: so the
 * text is parsed once more, with the index of each number in its place.
 */
function withExactNumbers(value: unknown, json: string): unknown {
  const tokens: string[] = [];
  let inString = false;
  // One regular expression for a whole string would overflow the stack at some millions of escapes.
  const numbered = json.replaceAll(NUMBER_OR_QUOTE, (token) => {
    if (token === '"') inString = !inString;
    return inString || token === '"' ? token : String(tokens.push(token) - 1);
  });
  const numbers = tokens.map(numberOf);
  // A reviver takes long, and most answers need none.
  if (numbers.every((number) => typeof number === 'number')) return value;
  return JSON.parse(numbered, (_, field: unknown) => (typeof field === 'number' ? numbers[field] : field)) as unknown;
}

/**
 * A number as it stands in JSON, if JavaScript would write it in another way: `12345678901234567890`, `1e400`, `1.10`.
 * Has no public field that could be mistaken for one of an answer.
 */
export class ExactNumber {
  readonly #digits: string;

  constructor(digits: string) {
    this.#digits = digits;
  }

  toString(): string {
    return this.#digits;
  }
}

/** The number that a JSON token stands for, which is written as that token again. */
export function numberOf(token: string): number | ExactNumber {
  const number = Number(token);
  return String(number) === token ? number : new ExactNumber(token);
}

/** What JSON.stringify writes of parsed JSON, and exact numbers by their digits. Undefined fields are left out. */
export function jsonText(value: unknown): string {
  if (value instanceof ExactNumber) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item)).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${jsonText(field)}`).join(',')}}`;
}

/** The keys that lead to a list in an answer; empty if the answer is the list itself. */
export type ListPath = readonly string[];

/** A dot that no backslash escapes. */
const DOT_BETWEEN = /(?<=(?<!\\)(?:\\{2})*)\./;

/** The path that a name stands for: `lines`, `data.lines`, `.` for the answer itself. */
export function listPath(name: string): ListPath {
  return name === '.' ? [] : name.split(DOT_BETWEEN).map((key) => key.replaceAll(/\\([\\.])/g, '$1'));
}

/** The name of a path, as `--rows` takes it and columns have it. A dot in a key is `\.` there, a backslash `\\`. */
export function nameOf(path: ListPath): string {
  return path.length === 0 ? '.' : path.map((key) => key.replaceAll(/[\\.]/g, String.raw`\$&`)).join('.');
}

/**
 * The value once for each item of the list at `path`, with the item in place of the list; lists on the way there are
 * unrolled, too. Once as it is if there is no such list; once with undefined in its place if it is empty or null.
 */
export function* unrolled(value: unknown, path: ListPath): Generator {
  const [key, ...rest] = path;
  for (const item of itemsOf(value)) {
    if (key === undefined || !isRecord(item) || !Object.hasOwn(item, key)) yield item;
    else for (const inner of unrolled(item[key], rest)) yield { ...item, [key]: inner };
  }
}

/** Whether there is a list at the path; null counts as an empty one. */
export function hasList(value: unknown, [key, ...rest]: ListPath): boolean {
  if (key === undefined) return Array.isArray(value) || value === null;
  const items = Array.isArray(value) ? value : [value];
  return items.some((item) => isRecord(item) && Object.hasOwn(item, key) && hasList(item[key], rest));
}

/** The names of all lists in a value; a name may come more than once. */
export function* listNames(value: unknown, path: ListPath = []): Generator<string> {
  if (Array.isArray(value)) {
    yield nameOf(path);
    for (const item of value) yield* listNames(item, path);
  } else if (isRecord(value)) for (const [key, field] of Object.entries(value)) yield* listNames(field, [...path, key]);
}

function itemsOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value ?? undefined];
  return value.length === 0 ? [undefined] : value;
}
