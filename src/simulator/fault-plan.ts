import { UsageError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import { isRecord } from '../lib/json.ts';
import { anyText, listOf, number, oneOf, type Shape, scalar, shown, trueOrFalse, wholeNumber } from '../lib/shapes.ts';
import { FAULT_KINDS, type FaultKind, faultTraits, isFaultKind } from './fault-kinds.ts';

/** What the simulator does besides answering well, as a person writes it. Durations are in seconds. */
export interface FaultPlan {
  /** With the document and the attempt, it decides every draw. @default 1 */
  readonly seed?: number | undefined;
  /** Before the first byte of any reply to an admitted call; two numbers: drawn evenly between them. @default 0 */
  readonly latency?: number | readonly [number, number] | undefined;
  /** Calls at once; one more gets 429 without a hint. @default unlimited */
  readonly capacity?: number | undefined;
  /** Calls in any 60 seconds; one more gets 429 with `Retry-After`. @default unlimited */
  readonly rpm?: number | undefined;
  /** Prompt tokens in any 60 seconds; a call with more gets 429 with `Retry-After`. @default unlimited */
  readonly tpm?: number | undefined;
  /** Calls in any so many seconds; one more gets 429 with `Retry-After`. @default unlimited */
  readonly window?: WindowLimit | undefined;
  /** Calls that are worked on at once; the others wait their turn, and none is refused. @default unlimited */
  readonly slots?: number | undefined;
  /** What the calls in flight may cost at most, all together; one more gets 402 with `Retry-After`. @default unlimited */
  readonly spending?: SpendingLimit | undefined;
  /** Calls of `:free` models in a UTC day; one more gets 429 until the day ends. @default unlimited */
  readonly dailyQuota?: number | undefined;
  /** `refused`: every call and `/key` get 401. `no-credit`: every call gets 402. @default `good` */
  readonly account?: 'good' | 'refused' | 'no-credit' | undefined;
  /** Ids of models that no provider serves: the next of a call's `models` answers, or the call gets 503. @default none */
  readonly unavailable?: readonly string[] | undefined;
  /** How long an answer is at least, in tokens; does not apply to JSON. @default as short as it can be */
  readonly answerTokens?: number | undefined;
  /** Whether models think before they answer, if the call allows it. @default false */
  readonly reasoning?: boolean | undefined;
  /** The first fault that matches an attempt happens to it. */
  readonly faults?: readonly Fault[] | undefined;
}

interface WindowLimit {
  readonly calls: number;
  readonly seconds: number;
  /** `Retry-After` is `exact`, to the millisecond, or rounded up to `whole` seconds. @default `whole` */
  readonly hint?: 'exact' | 'whole' | undefined;
}

interface SpendingLimit {
  readonly usd: number;
  /** The `Retry-After` of a call that exceeds it, in seconds. @default 1 */
  readonly hint?: number | undefined;
}

export interface Fault {
  readonly kind: FaultKind;
  /** The HTTP status of `status`; the code inside the error of the kinds that carry one. */
  readonly status?: number | undefined;
  /** Seconds, or any text, which is sent as it is. */
  readonly retryAfter?: number | string | undefined;
  /** The `retry-after-ms` header. */
  readonly retryAfterMs?: number | undefined;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @default `json` */
  readonly body?: 'json' | 'html' | 'empty' | undefined;
  /** Merged into `error.metadata`. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly message?: string | undefined;
  readonly seconds?: number | undefined;
  /** The `finish_reason`. */
  readonly word?: string | undefined;
  readonly tokens?: number | undefined;
  /** Merged into the usage. */
  readonly usage?: Readonly<Record<string, unknown>> | undefined;
  /** @default `gzip` */
  readonly encoding?: (typeof ENCODINGS)[number] | undefined;
  readonly framing?: (typeof FRAMINGS)[number] | undefined;
  readonly place?: (typeof COST_PLACES)[number] | undefined;
  /** The share of attempts, drawn from those that no earlier fault took. @default 1 */
  readonly share?: number | undefined;
  /** Numbers of a document's attempts; 1 is its first. @default all */
  readonly attempts?: readonly number[] | undefined;
  /** A regular expression that the document's text must match. @default all */
  readonly document?: string | undefined;
}

export const ENCODINGS = ['gzip', 'deflate', 'br'] as const;
/** Line ends, spaces, comments and names of fields that readers of event streams meet. */
export const FRAMINGS = ['crlf', 'cr', 'no-space', 'bom', 'multi-line', 'named', 'one-newline'] as const;
export const COST_PLACES = ['ticks', 'estimated', 'total', 'header'] as const;

/** Reads a plan from a parsed YAML or JSON value; null and undefined are the empty plan. Throws `UsageError` that names the wrong key. */
export function parseFaultPlan(value: unknown): FaultPlan {
  return { faults: [], ...readFields(value ?? {}, '', PLAN) };
}

/** Reads the value at a path of the plan, e.g. `faults[0].kind`. Throws `UsageError` that names it. */
type Reader<Value> = (value: unknown, path: string) => Value;
type Readers<Fields> = { readonly [Name in keyof Fields]-?: Reader<Fields[Name]> };

/** Waits of many days would not fit a timer. */
const DAY_SECONDS = 86_400;

const seconds = reader(number(0, DAY_SECONDS));
const notNegative = reader(number(0));
const text = reader(anyText);
const list = reader(scalar('a list', (value): value is readonly unknown[] => Array.isArray(value)));
const object = reader(scalar('an object', isRecord));

const WINDOW: Readers<WindowLimit> = {
  calls: reader(wholeNumber(1, 1_000_000)),
  seconds: reader(number(0.001, DAY_SECONDS)),
  hint: choice('exact', 'whole'),
};

const FAULT: Readers<Fault> = {
  kind: readKind,
  status: reader(wholeNumber(200, 599)),
  retryAfter: (value, path) => (typeof value === 'string' ? readHeaderText : notNegative)(value, path),
  retryAfterMs: notNegative,
  headers: readHeaders,
  body: choice('json', 'html', 'empty'),
  metadata: object,
  message: text,
  seconds,
  word: text,
  tokens: reader(wholeNumber(1)),
  usage: object,
  encoding: choice(...ENCODINGS),
  framing: choice(...FRAMINGS),
  place: choice(...COST_PLACES),
  share: reader(number(0, 1)),
  attempts: listReader(wholeNumber(1)),
  document: readPattern,
};

/** Keys that every fault takes. */
const SCOPE_KEYS: readonly (keyof Fault)[] = ['kind', 'share', 'attempts', 'document'];

const PLAN: Readers<FaultPlan> = {
  seed: reader(wholeNumber(0, 2 ** 32 - 1)),
  latency: (value, path) => (Array.isArray(value) ? readRange : seconds)(value, path),
  capacity: reader(wholeNumber(1)),
  rpm: reader(wholeNumber(1, 1_000_000)),
  tpm: reader(wholeNumber(1, 1_000_000_000)),
  window: (value, path) => readFields(value, path, WINDOW, { needs: ['calls', 'seconds'] }),
  slots: reader(wholeNumber(1)),
  spending: (value, path) =>
    readFields<SpendingLimit>(value, path, { usd: notNegative, hint: notNegative }, { needs: ['usd'] }),
  dailyQuota: reader(wholeNumber(0)),
  account: choice('good', 'refused', 'no-credit'),
  unavailable: (value, path) => reader(listOf(anyText), 'a list of texts')(list(value, path), path),
  answerTokens: reader(wholeNumber(1, 1_000_000)),
  reasoning: reader(trueOrFalse),
  faults: (value, path) => list(value, path).map((fault, index) => readFault(fault, `${path}[${index}]`)),
};

function reader<Value>(shape: Shape<Value>, allowed = shape.allowed): Reader<Value> {
  return (value, path) => shape.read(value, path, () => refuse(path, value, allowed)) ?? refuse(path, value, allowed);
}

function listReader<Value>(items: Shape<Value>): Reader<readonly Value[]> {
  return reader(listOf(items), `a list, each ${items.allowed}`);
}

function choice<Value extends string>(...values: readonly Value[]): Reader<Value> {
  return reader(oneOf(...values), values.join(', '));
}

function refuse(path: string, value: unknown, allowed: string): never {
  throw new UsageError(`Fault plan: ${path} is ${shown(value)}; allowed is ${allowed}.`);
}

function requireThere(value: unknown, path: string): void {
  if (value === undefined) throw new UsageError(`Fault plan: ${path} is missing.`);
}

/** `path` is empty for the plan itself. Throws `UsageError` for a key that is not `allowed`, or if one that it `needs` is missing. */
function readFields<Fields>(
  value: unknown,
  path: string,
  readers: Readers<Fields>,
  { allowed = Object.keys(readers), needs = [] }: { allowed?: readonly string[]; needs?: readonly string[] } = {},
): Fields {
  const given = object(value, path === '' ? 'the plan' : path);
  const placeOf = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const unknown = Object.keys(given).find((name) => !allowed.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`Fault plan: unknown key ${placeOf(unknown)}; allowed are ${allowed.join(', ')}.`);

  for (const name of needs) requireThere(given[name], placeOf(name));
  const read = Object.entries<Reader<unknown>>(readers)
    .filter(([name]) => given[name] !== undefined)
    .map(([name, readOne]) => [name, readOne(given[name], placeOf(name))]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each field was read by its own reader
  return Object.fromEntries(read) as Fields;
}

function readFault(value: unknown, path: string): Fault {
  const { keys, needs } = faultTraits(readKind(object(value, path)['kind'], `${path}.kind`));
  return readFields(value, path, FAULT, { allowed: [...SCOPE_KEYS, ...keys], needs });
}

function readKind(value: unknown, path: string): FaultKind {
  requireThere(value, path);
  const kind = text(value, path);
  return isFaultKind(kind) ? kind : refuse(path, value, Object.keys(FAULT_KINDS).join(', '));
}

function readRange(value: unknown, path: string): readonly [number, number] {
  const [from, to, ...more] = listReader(number(0, DAY_SECONDS))(value, path);
  if (from === undefined || to === undefined || from > to || more.length > 0)
    return refuse(path, value, 'a number of seconds, or [from, to]');

  return [from, to];
}

function readHeaders(value: unknown, path: string): Readonly<Record<string, string>> {
  const readHeader = (name: string, header: unknown): string => {
    const isName = /^[\w!#$%&'*+.^`|~-]+$/.test(name);
    return isName ? readHeaderText(header, `${path}.${name}`) : refuse(`${path}.${name}`, header, 'a header of HTTP');
  };
  return Object.fromEntries(
    Object.entries(object(value, path)).map(([name, header]) => [name, readHeader(name, header)]),
  );
}

/** Refuses what node:http would refuse to send. */
function readHeaderText(value: unknown, path: string): string {
  const header = text(value, path);
  return /^[\x20-\x7e]*$/.test(header) ? header : refuse(path, value, 'printable ASCII');
}

function readPattern(value: unknown, path: string): string {
  const pattern = text(value, path);
  try {
    RegExp(pattern, 'u');
    return pattern;
  } catch (error) {
    throw new UsageError(`Fault plan: ${path} is not a regular expression: ${errorMessage(error)}.`);
  }
}
