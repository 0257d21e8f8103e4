import { UsageError } from '../domain/errors.ts';
import { isRecord } from '../lib/json.ts';

interface NumberRange {
  readonly minimum: number;
  readonly maximum?: number;
  readonly whole?: boolean;
}

/** Reads the keys of one object of a fault plan; what is wrong becomes a `UsageError` that names the key. */
export class PlanFields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** `path` is where the object stands in the plan, e.g. `faults[0]`; empty for the plan itself. */
  constructor(value: unknown, path: string) {
    if (!isRecord(value))
      throw new UsageError(`Fault plan: ${path === '' ? 'the plan' : path} is ${shown(value)}; allowed is an object.`);

    this.#values = value;
    this.#path = path;
  }

  names(): readonly string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  value(name: string): unknown {
    return this.#values[name];
  }

  allowOnly(names: readonly string[]): void {
    const unknown = this.names().find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new UsageError(`Fault plan: unknown key ${this.#pathOf(unknown)}; allowed are ${names.join(', ')}.`);
  }

  require(names: readonly string[]): void {
    const missing = names.find((name) => !this.has(name));
    if (missing !== undefined) throw this.#missing(missing);
  }

  /** The value of a key that must be there, as one of the readers below gave it. */
  needed<Value>(name: string, value: Value | undefined): Value {
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  number(name: string, range: NumberRange): number | undefined {
    const value = this.#values[name];
    return value === undefined || isWithin(value, range) ? value : this.refuse(name, describeRange(range));
  }

  numbers(name: string, range: NumberRange): readonly number[] | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.refuse(name, `a list, each ${describeRange(range)}`);
    const entries: readonly unknown[] = value;
    return entries.map((entry) =>
      isWithin(entry, range) ? entry : this.refuse(name, `a list, each ${describeRange(range)}`),
    );
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return value === undefined || typeof value === 'string' ? value : this.refuse(name, 'a text');
  }

  texts(name: string): readonly string[] | undefined {
    if (this.#values[name] === undefined) return undefined;
    return this.list(name).map((entry) => (typeof entry === 'string' ? entry : this.refuse(name, 'a list of texts')));
  }

  flag(name: string): boolean | undefined {
    const value = this.#values[name];
    return value === undefined || typeof value === 'boolean' ? value : this.refuse(name, 'true or false');
  }

  choice<const Name extends string>(name: string, allowed: readonly Name[]): Name | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    return allowed.find((entry) => entry === value) ?? this.refuse(name, allowed.join(', '));
  }

  object(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.#values[name];
    return value === undefined || isRecord(value) ? value : this.refuse(name, 'an object');
  }

  /** An object in this one, read by `parse`. */
  nested<Value>(name: string, parse: (fields: PlanFields) => Value): Value | undefined {
    const value = this.#values[name];
    return value === undefined ? undefined : parse(new PlanFields(value, this.#pathOf(name)));
  }

  list(name: string): readonly unknown[] {
    const value = this.#values[name] ?? [];
    return Array.isArray(value) ? value : this.refuse(name, 'a list');
  }

  refuse(name: string, allowed: string): never {
    throw new UsageError(`Fault plan: ${this.#pathOf(name)} is ${shown(this.#values[name])}; allowed is ${allowed}.`);
  }

  #missing(name: string): UsageError {
    return new UsageError(`Fault plan: ${this.#pathOf(name)} is missing.`);
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

function isWithin(value: unknown, range: NumberRange): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (range.whole === true && !Number.isInteger(value)) return false;
  return value >= range.minimum && value <= (range.maximum ?? Number.POSITIVE_INFINITY);
}

function describeRange({ minimum, maximum, whole }: NumberRange): string {
  const noun = whole === true ? 'a whole number' : 'a number';
  return maximum === undefined ? `${noun} of ${minimum} or more` : `${noun} from ${minimum} to ${maximum}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** `exact`: `Retry-After` in decimals, to the millisecond. `whole`: rounded up to seconds. */
export type WaitHint = 'exact' | 'whole';

export interface WindowLimit {
  readonly calls: number;
  readonly seconds: number;
  /** @default `whole` */
  readonly hint?: WaitHint | undefined;
}

export interface SpendingLimit {
  readonly usd: number;
  /** The `Retry-After` of what is over it, in seconds. @default 1 */
  readonly hint?: number | undefined;
}

const DAY_SECONDS = 86_400;

export function parseWindowLimit(fields: PlanFields): WindowLimit {
  fields.allowOnly(['calls', 'seconds', 'hint'] satisfies readonly (keyof WindowLimit)[]);
  return {
    calls: fields.needed('calls', fields.number('calls', { minimum: 1, maximum: 1_000_000, whole: true })),
    seconds: fields.needed('seconds', fields.number('seconds', { minimum: 0.001, maximum: DAY_SECONDS })),
    hint: fields.choice('hint', ['exact', 'whole']),
  };
}

export function parseSpendingLimit(fields: PlanFields): SpendingLimit {
  fields.allowOnly(['usd', 'hint'] satisfies readonly (keyof SpendingLimit)[]);
  return {
    usd: fields.needed('usd', fields.number('usd', { minimum: 0 })),
    hint: fields.number('hint', { minimum: 0 }),
  };
}
