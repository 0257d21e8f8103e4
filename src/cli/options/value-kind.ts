/** What `--api` takes beside a base URL. */
const API_NAMES: readonly string[] = ['openrouter', 'openai', 'ollama', 'simulator'];

/** A type of option values: the one place where a value's text is checked, whatever its origin. */
export interface ValueKind<Value> {
  /** What stands for the value in help and README; null for a switch. */
  readonly placeholder: string | null;
  /** What is taken, in words that end the sentence "it takes ...". */
  readonly allowed: string;
  /** True where the value is a path, resolved against the folder of its origin. */
  readonly isPath: boolean;
  /** The value, or undefined where the text is refused. The text is never empty. */
  parse(text: string): Value | undefined;
}

/** `setTimeout` takes 2^31 - 1 ms; more fires at once. */
const LONGEST_TIMER_SECONDS = 2_147_483;

export const onOrOff: ValueKind<boolean> = {
  placeholder: null,
  allowed: 'true or false (also 1 or 0)',
  isPath: false,
  parse: (text) => (['true', '1'].includes(text) ? true : ['false', '0'].includes(text) ? false : undefined),
};

export function anyText(placeholder: string): ValueKind<string> {
  return { placeholder, allowed: 'a text', isPath: false, parse: (text) => text };
}

export function path(placeholder: 'DIR' | 'FILE'): ValueKind<string> {
  const allowed = placeholder === 'DIR' ? 'the path of a folder' : 'the path of a file';
  return { placeholder, allowed, isPath: true, parse: (text) => (text.includes('\0') ? undefined : text) };
}

export function oneOf<Value extends string>(placeholder: string, values: readonly Value[]): ValueKind<Value> {
  const allowed = `one of ${values.join(', ')}`;
  return { placeholder, allowed, isPath: false, parse: (text) => values.find((value) => value === text) };
}

export function wholeNumber({ min, max }: { min: number; max: number }): ValueKind<number> {
  const parse = (text: string): number | undefined => (/^\d+$/.test(text) ? within(Number(text), min, max) : undefined);
  return { placeholder: 'N', allowed: `a whole number from ${min} to ${max}`, isPath: false, parse };
}

/** A whole number, or `auto`. */
export function wholeNumberOrAuto(range: { min: number; max: number }): ValueKind<number | 'auto'> {
  const number = wholeNumber(range);
  return {
    placeholder: 'N|auto',
    allowed: `${number.allowed}, or auto`,
    isPath: false,
    parse: (text) => (text === 'auto' ? text : number.parse(text)),
  };
}

/** US dollars, with decimals. */
export function dollars({ min, max = 1_000_000 }: { min: number; max?: number }): ValueKind<number> {
  const parse = (text: string): number | undefined =>
    /^\d+(\.\d+)?$/.test(text) ? within(Number(text), min, max) : undefined;
  return { placeholder: 'USD', allowed: `US dollars from ${min} to ${max}, as 2.50`, isPath: false, parse };
}

export function seconds({ min, max = LONGEST_TIMER_SECONDS }: { min: number; max?: number }): ValueKind<number> {
  const parse = (text: string): number | undefined =>
    /^\d+(\.\d+)?$/.test(text) ? within(Number(text), min, max) : undefined;
  return { placeholder: 'S', allowed: `seconds from ${min} to ${max}`, isPath: false, parse };
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

/** A whole number of bytes, or with a decimal `k`, `M` or `G`: `10M` is 10,000,000. */
export function bytes({ max }: { max: number }): ValueKind<number> {
  const parse = (text: string): number | undefined => {
    const [, digits, unit] = /^(\d+)([kMG]?)$/.exec(text) ?? [];
    return digits === undefined ? undefined : within(Number(digits) * (BYTES_PER_UNIT[unit ?? ''] ?? NaN), 1, max);
  };
  return { placeholder: 'N', allowed: `bytes from 1 to ${max}, also as 500k or 10M`, isPath: false, parse };
}

/** A known name, or a base URL without anything that must not be logged or that would stand behind the path. */
export const apiOrUrl: ValueKind<string> = {
  placeholder: 'NAME|URL',
  allowed: `${API_NAMES.join(', ')}, or a base URL such as http://host:8080/api/v1 (no user, query or fragment)`,
  isPath: false,
  parse: (text) => (API_NAMES.includes(text) || isBaseUrl(text) ? text : undefined),
};

function isBaseUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;

  const { username, password, search, hash } = new URL(text);
  return username + password + search + hash === '';
}

function within(value: number, min: number, max: number): number | undefined {
  return value >= min && value <= max ? value : undefined;
}
