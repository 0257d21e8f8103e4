import { UsageError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import { asObject, isRecord, type JsonRecord } from '../lib/json.ts';
import {
  anyText,
  anything,
  either,
  fields,
  isWithin,
  listOf,
  mapOf,
  number,
  oneOf,
  type Shape,
  scalar,
  shown,
  trueOrFalse,
  unknownName,
  wholeNumber,
} from '../lib/shapes.ts';
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

/** Waits of many days would not fit a timer. */
const DAY_SECONDS = 86_400;

const duration = number(0, DAY_SECONDS);

const range = scalar('[from, to]', (value): value is readonly [number, number] => {
  const [from, to, ...more] = Array.isArray(value) ? value : [];
  return isWithin(to, 0, DAY_SECONDS) && isWithin(from, 0, to) && more.length === 0;
});

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Nothing that node:http would refuse to send. */
function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]*$/.test(value);
}

const headers = scalar('headers of HTTP, each a text of printable ASCII', (value): value is Fault['headers'] => {
  return isRecord(value) && Object.entries(value).every(([name, text]) => HEADER_NAME.test(name) && isHeaderText(text));
});

const regularExpression: Shape<string> = {
  ...anyText,
  read: (value, where, report) => {
    const text = anyText.read(value, where, report);
    try {
      RegExp(text ?? '', 'u');
    } catch (error) {
      report(where, `is not a regular expression: ${errorMessage(error)}`);
    }
    return text;
  },
};

/** Of each key that some fault takes. */
const FAULT_SHAPES: Readonly<Record<keyof Fault, Shape>> = {
  kind: anyText,
  status: wholeNumber(200, 599),
  retryAfter: either(number(0), scalar('a text of printable ASCII', isHeaderText)),
  retryAfterMs: number(0),
  headers,
  body: oneOf('json', 'html', 'empty'),
  metadata: mapOf(anything),
  message: anyText,
  seconds: duration,
  word: anyText,
  tokens: wholeNumber(1),
  usage: mapOf(anything),
  encoding: oneOf(...ENCODINGS),
  framing: oneOf(...FRAMINGS),
  place: oneOf(...COST_PLACES),
  share: number(0, 1),
  attempts: listOf(wholeNumber(1)),
  document: regularExpression,
};

/** Keys that every fault takes. */
const SCOPE_KEYS = ['kind', 'share', 'attempts', 'document'];

/** The keys of a fault depend on its kind. */
const faultShape: Shape<JsonRecord> = {
  allowed: 'a fault, such as {kind: hang}',
  schema: {},
  read: (value, where, report) => {
    const { kind } = asObject(value);
    if (typeof kind !== 'string') {
      if (isRecord(value) && kind === undefined) report(`${where}.kind`, 'is missing');
      else report(where, `is ${shown(value)}; it takes ${faultShape.allowed}`);
      return undefined;
    }
    if (!isFaultKind(kind)) {
      report(`${where}.kind`, `${shown(kind)} ${unknownName(kind, Object.keys(FAULT_KINDS))}`);
      return undefined;
    }
    const { keys, needs } = faultTraits(kind);
    const shapes = Object.entries(FAULT_SHAPES).filter(([name]) => [...SCOPE_KEYS, ...keys].includes(name));
    return fields(Object.fromEntries(shapes), { required: needs }).read(value, where, report);
  },
};

const PLAN_SHAPES: Readonly<Record<keyof FaultPlan, Shape>> = {
  seed: wholeNumber(0, 2 ** 32 - 1),
  latency: either(duration, range),
  capacity: wholeNumber(1),
  rpm: wholeNumber(1, 1_000_000),
  tpm: wholeNumber(1, 1_000_000_000),
  window: fields(
    { calls: wholeNumber(1, 1_000_000), seconds: number(0.001, DAY_SECONDS), hint: oneOf('exact', 'whole') },
    { required: ['calls', 'seconds'] },
  ),
  slots: wholeNumber(1),
  spending: fields({ usd: number(0), hint: number(0) }, { required: ['usd'] }),
  dailyQuota: wholeNumber(0),
  account: oneOf('good', 'refused', 'no-credit'),
  unavailable: listOf(anyText),
  answerTokens: wholeNumber(1, 1_000_000),
  reasoning: trueOrFalse,
  faults: listOf(faultShape),
};

/**
 * Reads a plan from a parsed YAML or JSON value; null and undefined are the empty plan.
 *
 * @throws UsageError with all that is wrong with it
 */
export function parseFaultPlan(value: unknown): FaultPlan {
  const problems: string[] = [];
  const plan = fields(PLAN_SHAPES).read(value ?? {}, 'the plan', (where, problem) => {
    problems.push(`${where.replace(/^the plan\./, '')} ${problem}`);
  });
  if (problems.length > 0) throw new UsageError(`Fault plan: ${problems.join('; ')}.`);
  return { faults: [], ...plan };
}

/** What the plan does to one attempt. */
export interface FaultDraw {
  readonly fault: Fault | undefined;
  /** Seconds. */
  readonly latency: number;
}

export interface DrawnAttempt {
  /** Hex SHA-256. */
  readonly document: string;
  /** 1 for the document's first. */
  readonly attempt: number;
  /** The document's text, with the names and labels of its files. */
  readonly text: string;
}

/** The purposes of faults are their places in the plan. */
const LATENCY_PURPOSE = -1;

/** A function that draws by the plan. Its regular expressions are compiled once. */
export function createFaultDraw(plan: FaultPlan): (attempt: DrawnAttempt) => FaultDraw {
  const { seed = 1, latency = 0, faults = [] } = plan;
  const [from, to] = typeof latency === 'number' ? [latency, latency] : latency;
  const matchers = faults.map((fault, index) => faultMatcher(seed, fault, index));
  return (drawn) => ({
    fault: faults[matchers.findIndex((matches) => matches(drawn))],
    latency: from + (to - from) * draw(seed, drawn.document, drawn.attempt, LATENCY_PURPOSE),
  });
}

function faultMatcher(seed: number, fault: Fault, index: number): (attempt: DrawnAttempt) => boolean {
  const share = fault.share ?? 1;
  const pattern = fault.document === undefined ? undefined : new RegExp(fault.document, 'u');
  return ({ document, attempt, text }) =>
    (fault.attempts?.includes(attempt) ?? true) &&
    (share === 1 || draw(seed, document, attempt, index) < share) &&
    (pattern?.test(text) ?? true);
}

/** A number from 0 up to but not including 1: always the same for the same seed, document (hex), attempt and purpose. */
export function draw(seed: number, document: string, attempt: number, purpose: number): number {
  let state = mix(seed ^ Number.parseInt(document.slice(0, 8), 16));
  state = mix(state ^ attempt);
  return mix(state ^ (purpose + 0x9e37_79b9)) / 2 ** 32;
}

/** The finalizer of MurmurHash3: every bit of the input changes half the bits of the output. */
function mix(value: number): number {
  let state = value;
  state = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
