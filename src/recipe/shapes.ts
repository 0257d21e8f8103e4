import type { Report } from './report.ts';

/** A type of values in a recipe. */
export interface Shape<Value = unknown> {
  /** What is taken, in words that end the sentence "it takes ...". */
  readonly allowed: string;
  /** The value; undefined where it is none of these, which is reported. */
  read(value: unknown, where: string, report: Report): Value | undefined;
}

/** Enough to recognise a value by. */
const LONGEST_SHOWN = 60;

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

export function scalar<Value>(allowed: string, fits: (value: unknown) => value is Value): Shape<Value> {
  return {
    allowed,
    read: (value, where, report) => {
      if (fits(value)) return value;

      report(where, `is ${shown(value)}; it takes ${allowed}`);
      return undefined;
    },
  };
}

export const anything: Shape = { allowed: 'anything', read: (value) => value };

export const trueOrFalse = scalar('true or false', (value) => typeof value === 'boolean');

export const text = scalar('a text', (value): value is string => typeof value === 'string' && value.trim() !== '');

export function textUpTo(most: number): Shape<string> {
  const fits = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= most;
  return scalar(`a text of at most ${most} characters`, fits);
}

export function number(min = -Infinity, max = Infinity): Shape<number> {
  return scalar(`a number${range(min, max)}`, (value): value is number => isWithin(value, min, max));
}

export function wholeNumber(min = -Infinity, max = Infinity): Shape<number> {
  return scalar(
    `a whole number${range(min, max)}`,
    (value): value is number => Number.isSafeInteger(value) && isWithin(value, min, max),
  );
}

export function oneOf<Value extends string>(...values: readonly Value[]): Shape<Value> {
  const allowed = values.length === 1 ? values.join('') : `one of ${values.join(', ')}`;
  return scalar(allowed, (value): value is Value => values.some((candidate) => candidate === value));
}

/** The API tells a null from a field that is not there. */
export function orNull<Value>(shape: Shape<Value>): Shape<Value | null> {
  return { ...shape, read: (value, where, report) => (value === null ? null : shape.read(value, where, report)) };
}

export function either(...shapes: readonly Shape[]): Shape {
  const allowed = shapes.map((shape) => shape.allowed).join(', or ');
  return scalar(allowed, (value): value is unknown => shapes.some((shape) => takes(shape, value)));
}

function takes(shape: Shape, value: unknown): boolean {
  let good = true;
  shape.read(value, '', () => (good = false));
  return good;
}

function range(min: number, max: number): string {
  if (max !== Infinity) return ` from ${min} to ${max}`;

  return min === -Infinity ? '' : ` of ${min} or more`;
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max;
}
