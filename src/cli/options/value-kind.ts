import type { Options } from '../../domain/options.ts';
import { bounds, isWithin, oneOf, parsed, type Shape, scalar, wholeNumber } from '../../lib/shapes.ts';
import { isProxyUrl } from '../../llm/access.ts';
import { API_NAMES } from '../../llm/api.ts';

/** One option. Its flag, environment variable, configuration key, help and line in docs/options.md come from here. */
export interface OptionRow<Value> {
  readonly kind: ValueKind<NonNullable<Value>>;
  /** A relative path is one in the workspace (for `root`: in the current folder). */
  readonly default: Value;
  /** The default in words, if the value does not say it. */
  readonly defaultText?: string;
  readonly help: string;
  /** The letter of its short flag. */
  readonly short?: string;
  /** Stands on the first screen of help; in these words, if the beginning of `help` is not short enough. */
  readonly common?: true | string;
}

export type OptionTable = { readonly [Key in keyof Options]: OptionRow<Options[Key]> };

/** What an option's text may be, from any origin. An empty text was refused before. */
export interface ValueKind<Value> extends Shape<Value> {
  /** What a word that is refused may be a misspelling of. */
  readonly names?: readonly string[];
  /** What stands for the value in help and docs; null for a switch. */
  readonly placeholder: string | null;
  /** The flag may be given several times, the configuration may hold a list: `read` gets the values, a line each. */
  readonly repeatable?: true;
  /** Whether a value is a path, resolved against the folder of its origin; absent: none is. */
  readonly isPath?: (value: string) => boolean;
}

const SWITCH: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

export const onOrOff: ValueKind<boolean> = {
  placeholder: null,
  ...parsed('true or false (also 1 or 0)', (text) => SWITCH.get(text), { enum: [true, false, 0, 1] }),
};

/** @param word is taken as it is: `./WORD` is the path */
export function path(placeholder: 'DIR' | 'FILE', word?: string): ValueKind<string> {
  const allowed = `the path of a ${placeholder === 'DIR' ? 'folder' : 'file'}${word === undefined ? '' : `, or ${word}`}`;
  const read = parsed(allowed, (text) => (String(text).includes('\0') ? undefined : String(text)), {
    type: 'string',
  });
  return {
    placeholder: word === undefined ? placeholder : `${placeholder}|${word}`,
    isPath: (text) => text !== word,
    ...read,
  };
}

export function choice<Value extends string>(placeholder: string, values: readonly Value[]): ValueKind<Value> {
  return { placeholder, names: values, ...oneOf(...values) };
}

/** Globs over paths, any number of them. A variable holds them a line each, as a name may have any other character. */
export const globs: ValueKind<readonly string[]> = {
  placeholder: 'GLOB',
  repeatable: true,
  ...parsed(
    'globs such as **/*.pdf',
    (lines) => {
      const given = String(lines).split('\n');
      return given.some((glob) => glob.trim() === '' || glob.includes('\0')) ? undefined : given;
    },
    { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  ),
};

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The first group of `written` is the number, the second one, if there is any, its unit. */
function numeric(placeholder: string, written: RegExp, allowed: string, { min, max }: Bounds): ValueKind<number> {
  const read = (text: unknown): number | undefined => {
    const [, digits, unit = ''] = written.exec(String(text)) ?? [];
    const value = Number(digits) * (UNITS.get(unit) ?? Number.NaN);
    return isWithin(value, min, max) ? value : undefined;
  };
  // YAML has digits alone as a number.
  const schema = {
    anyOf: [
      { type: 'number', ...bounds(min, max) },
      { type: 'string', pattern: written.source },
    ],
  };
  return { placeholder, ...parsed(allowed, read, schema) };
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
]);

const DECIMALS = /^(\d+(?:\.\d+)?)$/;

export function count(bounds: Bounds): ValueKind<number> {
  return numeric('N', /^(\d+)$/, wholeNumber(bounds.min, bounds.max).allowed, bounds);
}

/** A whole number of bytes; `k`, `M` and `G` are powers of ten: `10M` is 10,000,000. */
export function bytes({ max }: Pick<Bounds, 'max'>): ValueKind<number> {
  return numeric('N', /^(\d+)([kMG]?)$/, `bytes from 1 to ${max}, also as 500k or 10M`, { min: 1, max });
}

/** A whole number, or `auto`. */
export function countOrAuto(bounds: Bounds): ValueKind<number | 'auto'> {
  const number = count(bounds);
  return {
    placeholder: 'N|auto',
    allowed: `${number.allowed}, or auto`,
    schema: { anyOf: [{ const: 'auto' }, number.schema] },
    read: (text, where, report) => (text === 'auto' ? text : number.read(text, where, report)),
  };
}

/** US dollars, with decimals. */
export function dollars({ min }: Pick<Bounds, 'min'>): ValueKind<number> {
  const max = 1_000_000;
  return numeric('USD', DECIMALS, `US dollars from ${min} to ${max}, as 2.50`, { min, max });
}

/** `setTimeout` takes 2^31 - 1 ms; more fires at once. */
const LONGEST_TIMER_SECONDS = 2_147_483;

export function seconds({
  min,
  max = LONGEST_TIMER_SECONDS,
}: Pick<Bounds, 'min'> & Partial<Bounds>): ValueKind<number> {
  const allowed = `seconds from ${min} to ${max}, also as 90s, 15m, 26h or 2d`;
  return numeric('S', /^(\d+(?:\.\d+)?)([smhd]?)$/, allowed, { min, max });
}

/** A known name, or a base URL: without user, which must not be logged, and without what would follow the path. */
export const apiOrUrl: ValueKind<string> = {
  placeholder: 'NAME|URL',
  names: API_NAMES,
  ...scalar(
    `${API_NAMES.join(', ')}, or a base URL such as http://host:8080/api/v1 (no user, query or fragment)`,
    (text): text is string => typeof text === 'string' && (API_NAMES.includes(text) || isBaseUrl(text)),
    { anyOf: [{ enum: API_NAMES }, { type: 'string', pattern: '^https?://' }] },
  ),
};

/** It may hold a user and a password, which are kept out of messages. */
export const proxyOrEnv: ValueKind<string> = {
  placeholder: 'URL|env',
  ...scalar(
    'env, or the URL of a proxy such as http://host:3128',
    (text): text is string => text === 'env' || (typeof text === 'string' && isProxyUrl(text)),
    { anyOf: [{ const: 'env' }, { type: 'string', format: 'uri' }] },
  ),
};

function isBaseUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;

  const { username, password, search, hash } = new URL(text);
  return username + password + search + hash === '';
}
