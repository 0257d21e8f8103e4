import { UsageError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import { FAULT_KINDS, type FaultKind, faultTraits, isFaultKind } from './fault-kinds.ts';
import {
  PlanFields,
  parseSpendingLimit,
  parseWindowLimit,
  type SpendingLimit,
  type WindowLimit,
} from './plan-fields.ts';

/** What the simulator does beside answering well, as a person writes it. Durations are seconds. */
export interface FaultPlan {
  /** Draws are a pure function of it, the document and the attempt. @default 1 */
  readonly seed?: number | undefined;
  /** Before the first byte of any reply to an admitted call; two numbers: drawn evenly between them. @default 0 */
  readonly latency?: number | readonly [number, number] | undefined;
  /** Calls at once; one more gets 429 without a hint. @default unlimited */
  readonly capacity?: number | undefined;
  /** Calls in any 60 seconds; one more gets 429 with `Retry-After`. @default unlimited */
  readonly rpm?: number | undefined;
  /** Prompt tokens in any 60 seconds; a call too many gets 429 with `Retry-After`. @default unlimited */
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
  readonly account?: AccountState | undefined;
  /**
   * Which answers the response cache keeps of callers that ask for it: all that were `made`, also if the caller hung
   * up meanwhile, or those alone that were `sent` to their end. What OpenRouter does is not known. @default `made`
   */
  readonly replayed?: ReplayedAnswers | undefined;
  /** Ids of models that no provider serves: the next of a call's `models` does, or it gets 503. @default none */
  readonly unavailable?: readonly string[] | undefined;
  /** How long an answer is at least, in tokens; answers in JSON are as long as they are. @default as short as it can be */
  readonly answerTokens?: number | undefined;
  /** Whether models think before they answer, if the call allows it. @default false */
  readonly reasoning?: boolean | undefined;
  /** The first that matches an attempt is what happens to it. */
  readonly faults?: readonly Fault[] | undefined;
}

type AccountState = 'good' | 'refused' | 'no-credit';

type ReplayedAnswers = 'made' | 'sent';

export interface Fault {
  readonly kind: FaultKind;
  /** The HTTP status of `status`; the code inside the error of the kinds that carry one. */
  readonly status?: number | undefined;
  /** Seconds, or a text that is sent as it is (an HTTP date, nonsense). */
  readonly retryAfter?: number | string | undefined;
  /** The `retry-after-ms` header. */
  readonly retryAfterMs?: number | undefined;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @default `json` */
  readonly body?: ErrorBody | undefined;
  /** Merged into `error.metadata`. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly message?: string | undefined;
  readonly seconds?: number | undefined;
  /** Of the attempts that no earlier fault took, by the draw. @default 1 */
  readonly share?: number | undefined;
  /** Of a document, 1 being its first. @default all */
  readonly attempts?: readonly number[] | undefined;
  /** A regular expression that the document's text must match. @default all */
  readonly document?: string | undefined;
}

type ErrorBody = 'json' | 'html' | 'empty';

/** A day at most: longer waits do not fit a timer. */
const SECONDS = { minimum: 0, maximum: 86_400 };
const PLAN_KEYS = [
  'seed',
  'latency',
  'capacity',
  'rpm',
  'tpm',
  'window',
  'slots',
  'spending',
  'dailyQuota',
  'account',
  'replayed',
  'unavailable',
  'answerTokens',
  'reasoning',
  'faults',
] satisfies readonly (keyof FaultPlan)[];
const SCOPE_KEYS = ['kind', 'share', 'attempts', 'document'] satisfies readonly (keyof Fault)[];

/** A parsed YAML or JSON value as a plan; nothing at all is the empty plan. Throws `UsageError` that names the wrong key. */
export function parseFaultPlan(value: unknown): FaultPlan {
  const fields = new PlanFields(value ?? {}, '');
  fields.allowOnly(PLAN_KEYS);
  return {
    seed: fields.number('seed', { minimum: 0, maximum: 2 ** 32 - 1, whole: true }),
    latency: parseLatency(fields),
    capacity: fields.number('capacity', { minimum: 1, whole: true }),
    rpm: fields.number('rpm', { minimum: 1, maximum: 1_000_000, whole: true }),
    tpm: fields.number('tpm', { minimum: 1, maximum: 1_000_000_000, whole: true }),
    window: fields.nested('window', parseWindowLimit),
    slots: fields.number('slots', { minimum: 1, whole: true }),
    spending: fields.nested('spending', parseSpendingLimit),
    dailyQuota: fields.number('dailyQuota', { minimum: 0, whole: true }),
    account: fields.choice('account', ['good', 'refused', 'no-credit']),
    replayed: fields.choice('replayed', ['made', 'sent']),
    unavailable: fields.texts('unavailable'),
    answerTokens: fields.number('answerTokens', { minimum: 1, maximum: 1_000_000, whole: true }),
    reasoning: fields.flag('reasoning'),
    faults: fields.list('faults').map((fault, index) => parseFault(fault, `faults[${index}]`)),
  };
}

function parseLatency(fields: PlanFields): FaultPlan['latency'] {
  if (!Array.isArray(fields.value('latency'))) return fields.number('latency', SECONDS);
  const [from, to, ...more] = fields.numbers('latency', SECONDS) ?? [];
  if (from === undefined || to === undefined || from > to || more.length > 0)
    return fields.refuse('latency', 'a number of seconds, or [from, to]');

  return [from, to];
}

function parseFault(value: unknown, path: string): Fault {
  const fields = new PlanFields(value, path);
  const kind = parseKind(fields);
  const { keys, needs } = faultTraits(kind);
  fields.allowOnly([...SCOPE_KEYS, ...keys]);
  fields.require(needs);
  return {
    kind,
    status: fields.number('status', { minimum: 200, maximum: 599, whole: true }),
    retryAfter:
      typeof fields.value('retryAfter') === 'string'
        ? parseHeaderText(fields, 'retryAfter')
        : fields.number('retryAfter', { minimum: 0 }),
    retryAfterMs: fields.number('retryAfterMs', { minimum: 0 }),
    headers: fields.nested('headers', parseHeaders),
    body: fields.choice('body', ['json', 'html', 'empty']),
    metadata: fields.object('metadata'),
    message: fields.text('message'),
    seconds: fields.number('seconds', SECONDS),
    share: fields.number('share', { minimum: 0, maximum: 1 }),
    attempts: fields.numbers('attempts', { minimum: 1, whole: true }),
    document: parsePattern(fields, path),
  };
}

function parseKind(fields: PlanFields): FaultKind {
  fields.require(['kind']);
  const kind = fields.text('kind') ?? '';
  return isFaultKind(kind) ? kind : fields.refuse('kind', Object.keys(FAULT_KINDS).join(', '));
}

function parseHeaders(fields: PlanFields): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.names().map((name) => [name, parseHeader(fields, name)]));
}

function parseHeader(fields: PlanFields, name: string): string {
  const isName = /^[\w!#$%&'*+.^`|~-]+$/.test(name);
  return (isName ? parseHeaderText(fields, name) : undefined) ?? fields.refuse(name, 'a header of HTTP');
}

/** What node:http would refuse to send must not get as far as a reply. */
function parseHeaderText(fields: PlanFields, name: string): string | undefined {
  const text = fields.text(name);
  return text === undefined || /^[\x20-\x7e]*$/.test(text) ? text : fields.refuse(name, 'printable ASCII');
}

function parsePattern(fields: PlanFields, path: string): string | undefined {
  const pattern = fields.text('document');
  try {
    if (pattern !== undefined) RegExp(pattern, 'u');
    return pattern;
  } catch (error) {
    throw new UsageError(`Fault plan: ${path}.document is not a regular expression: ${errorMessage(error)}.`);
  }
}
