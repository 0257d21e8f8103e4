import { type AttemptRecord, unheard } from '../../src/domain/attempt.ts';
import type { CallResult } from '../../src/domain/ports.ts';
import type { CallStart } from '../../src/gate/adaptive-limit.ts';
import type { ModelLimiter } from '../../src/gate/model-limiter.ts';
import { backoffSeconds } from '../../src/pipeline/retry-policy.ts';
import { Agenda } from './agenda.ts';
import { type Refusal, type SimulatedApi, seededRandom } from './simulated-api.ts';

interface RunSettings {
  readonly documents: number;
  readonly api: SimulatedApi;
  /** Decides when a call may start, as in the program. */
  readonly limiter: ModelLimiter;
  /** Calls in flight at most; half of them may be repeated ones while fresh documents wait. */
  readonly ceiling?: number;
  /** The first wait of a refused document; it doubles, and is drawn between half and the whole. @default 2 */
  readonly retryDelaySeconds?: number;
  readonly seed?: number;
  /** When a document is there (ms), by its number. @default all from the beginning */
  readonly arrivesAt?: (document: number) => number;
  /** The run is cut off then (ms). @default never */
  readonly until?: number;
}

export interface Call extends CallStart {
  readonly endedAt: number;
  readonly refused: boolean;
  /** The limit after it ended. */
  readonly limit: number;
  /** Calls per second of the learned rate after it ended; null if it did not limit. */
  readonly perSecond: number | null;
}

const RECORD = unheard({ number: 1, startedAt: '', seconds: 0, code: '', message: '' });
const ANSWER: CallResult = { verdict: { kind: 'answer' }, record: { ...RECORD, billing: 'known' } };

/** What the program makes of it. */
function resultOf({ hintMs, status = 429, limit }: Refusal): CallResult {
  const record: AttemptRecord = { ...RECORD, status, billing: 'none' };
  const hintSeconds = hintMs === null ? null : hintMs / 1000;
  if (hintMs === null && status !== 429)
    return { verdict: { kind: 'retry', cools: 'document', hintSeconds, counts: true }, record };
  const found = limit ?? (hintMs === null ? 'concurrency' : 'rate');
  const cools = found === 'concurrency' ? 'document' : 'model';
  return {
    verdict: { kind: 'retry', cools, hintSeconds, counts: false, limit: found },
    record: { ...record, counts: false },
  };
}

/** Works off all documents in virtual time, as the gate does, and gives back the calls in the order of their ends. */
export function simulateRun(settings: RunSettings): readonly Call[] {
  return new Run(settings).workOff();
}

/** The attempts that a document has had. */
type Attempts = readonly AttemptRecord[];

class Run {
  readonly #settings: RunSettings;
  readonly #limiter: ModelLimiter;
  readonly #random: () => number;
  readonly #agenda = new Agenda();
  readonly #repeated: Attempts[] = [];
  readonly #calls: Call[] = [];
  #fresh = 0;
  #repeatedInFlight = 0;
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.#limiter = settings.limiter;
    this.#random = seededRandom(settings.seed ?? 1);
  }

  workOff(): readonly Call[] {
    const { documents, arrivesAt, until = Number.POSITIVE_INFINITY } = this.#settings;
    if (arrivesAt === undefined) this.#arrive(0, documents);
    else for (let document = 0; document < documents; document += 1) this.#arrive(arrivesAt(document), 1);
    for (let event = this.#agenda.next(); event !== undefined && event.at <= until; event = this.#agenda.next()) {
      event.happen();
      this.#startReady(event.at);
    }
    return this.#calls;
  }

  #arrive(at: number, documents: number): void {
    this.#agenda.plan(at, () => {
      this.#fresh += documents;
    });
  }

  #startReady(now: number): void {
    const limiter = this.#limiter;
    while (limiter.inFlight < limiter.calls && this.#fresh + this.#repeated.length > 0) {
      if (limiter.nextStart > now) {
        this.#wakeAt(limiter.nextStart);
        return;
      }
      this.#start(now, this.#next());
    }
  }

  #next(): Attempts {
    const { ceiling = Number.POSITIVE_INFINITY } = this.#settings;
    const isRepeated = this.#fresh === 0 || this.#repeatedInFlight < Math.max(1, Math.floor(ceiling / 2));
    const attempts = isRepeated ? this.#repeated.shift() : undefined;
    if (attempts === undefined) this.#fresh -= 1;
    return attempts ?? [];
  }

  #wakeAt(time: number): void {
    if (time >= this.#wakesAt) return;
    this.#wakesAt = time;
    this.#agenda.plan(time, () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
    });
  }

  #start(now: number, attempts: Attempts): void {
    const call = this.#limiter.started(now);
    if (attempts.length > 0) this.#repeatedInFlight += 1;
    const { repliesAt, refusal } = this.#settings.api(now);
    this.#agenda.plan(repliesAt, () => this.#end(repliesAt, call, attempts, refusal));
  }

  #end(now: number, call: CallStart, attempts: Attempts, refusal: Refusal | undefined): void {
    const limiter = this.#limiter;
    const result = refusal === undefined ? ANSWER : resultOf(refusal);
    const seconds = limiter.record(now, call, attempts.length > 0, result);
    if (seconds !== null) limiter.cooldown.extend(now + seconds * 1000);
    limiter.finished(now, call);
    if (attempts.length > 0) this.#repeatedInFlight -= 1;
    if (result.verdict.kind === 'retry') {
      const all = [...attempts, result.record];
      const retryDelaySeconds = this.#settings.retryDelaySeconds ?? 2;
      const wait = backoffSeconds({ retryDelaySeconds }, all, result.verdict, this.#random());
      this.#agenda.plan(now + wait * 1000, () => this.#repeated.push(all));
    }
    const { perSecond } = limiter.rate;
    this.#calls.push({ ...call, endedAt: now, refused: refusal !== undefined, limit: limiter.limit.calls, perSecond });
  }
}
