import { UsageError } from '../domain/errors.ts';
import { isRecord, type JsonRecord } from '../lib/json.ts';
import { anyText, listOf, number, type Shape, scalar, shown, trueOrFalse, wholeNumber } from '../lib/shapes.ts';

interface NumberRange {
  readonly minimum: number;
  readonly maximum?: number;
  readonly whole?: boolean;
}

const object = scalar('an object', isRecord);
const list = scalar('a list', (value): value is readonly unknown[] => Array.isArray(value));

/** Reads the keys of one object of a fault plan; what is wrong becomes a `UsageError` that names the key. */
export class PlanFields {
  readonly #values: JsonRecord;
  readonly #path: string;

  /** `path`: the object's place in the plan, e.g. `faults[0]`; empty for the plan itself. */
  constructor(value: unknown, path: string) {
    if (!isRecord(value)) throw mismatch(path === '' ? 'the plan' : path, value, object.allowed);
    this.#values = value;
    this.#path = path;
  }

  names(): readonly string[] {
    return Object.keys(this.#values);
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
    for (const name of names) this.needed(name, this.#values[name]);
  }

  /** The value of a key that must be there, as one of the readers below gave it. */
  needed<Value>(name: string, value: Value | undefined): Value {
    if (value === undefined) throw new UsageError(`Fault plan: ${this.#pathOf(name)} is missing.`);
    return value;
  }

  number(name: string, range: NumberRange): number | undefined {
    return this.#read(name, numberIn(range));
  }

  numbers(name: string, range: NumberRange): readonly number[] | undefined {
    const each = numberIn(range);
    return this.#read(name, listOf(each), `a list, each ${each.allowed}`);
  }

  text(name: string): string | undefined {
    return this.#read(name, anyText);
  }

  texts(name: string): readonly string[] | undefined {
    this.list(name);
    return this.#read(name, listOf(anyText), 'a list of texts');
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, trueOrFalse);
  }

  choice<const Name extends string>(name: string, allowed: readonly Name[]): Name | undefined {
    const isAllowed = (value: unknown): value is Name => allowed.some((entry) => entry === value);
    return this.#read(name, scalar(allowed.join(', '), isAllowed));
  }

  object(name: string): JsonRecord | undefined {
    return this.#read(name, object);
  }

  /** An object in this one, read by `parse`. */
  nested<Value>(name: string, parse: (fields: PlanFields) => Value): Value | undefined {
    const value = this.#values[name];
    return value === undefined ? undefined : parse(new PlanFields(value, this.#pathOf(name)));
  }

  list(name: string): readonly unknown[] {
    return this.#read(name, list) ?? [];
  }

  refuse(name: string, allowed: string): never {
    throw mismatch(this.#pathOf(name), this.#values[name], allowed);
  }

  #read<Value>(name: string, shape: Shape<Value>, allowed = shape.allowed): Value | undefined {
    const value = this.#values[name];
    return value === undefined ? undefined : shape.read(value, name, () => this.refuse(name, allowed));
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

function mismatch(path: string, value: unknown, allowed: string): UsageError {
  return new UsageError(`Fault plan: ${path} is ${shown(value)}; allowed is ${allowed}.`);
}

function numberIn({ minimum, maximum, whole }: NumberRange): Shape<number> {
  return (whole === true ? wholeNumber : number)(minimum, maximum);
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
