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
