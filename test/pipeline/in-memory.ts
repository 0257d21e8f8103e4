import { map, Observable, of, timer } from 'rxjs';
import {
  type AttemptOutcome,
  type AttemptRecord,
  countsTowardsRetries,
  type Verdict,
} from '../../src/domain/attempt.ts';
import type { DocumentContent, DocumentRef, ReadOutcome } from '../../src/domain/document.ts';
import { DiskError } from '../../src/domain/errors.ts';
import type { InboxEvent, PipelineEvent } from '../../src/domain/events.ts';
import type {
  AttemptProgress,
  Converter,
  Dialogue,
  FailureReport,
  Outbox,
  PreparedRequest,
} from '../../src/domain/ports.ts';
import type { Receipt } from '../../src/domain/receipt.ts';
import { PLAIN_HANDLING, type Recipe } from '../../src/domain/recipe.ts';
import type { Answer, ChatMessage, ResultPlace } from '../../src/domain/request.ts';
import { Budget } from '../../src/gate/budget.ts';
import { createGate, type GateControl } from '../../src/gate/gate.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { DiskGuard } from '../../src/pipeline/disk-retry.ts';
import { Bulk } from '../../src/pipeline/memory-limit.ts';
import { FirstAttempts } from '../../src/pipeline/model-check.ts';
import { type PipelinePorts, type PipelineSettings, pipeline } from '../../src/pipeline/pipeline.ts';
import { Flights } from '../../src/pipeline/single-flight.ts';
import { MemoryLedger } from './memory-ledger.ts';

export function document(id: string, version = 1): DocumentRef {
  return { id, size: version, mtimeMs: version };
}

export function seen(id: string, version = 1, initial = true): InboxEvent {
  return { type: 'document-seen', document: document(id, version), initial };
}

/** An outbox of two Maps; `refusals` is how many writes the disk still refuses, `barred` which documents have no place. */
export class MemoryOutbox implements Outbox {
  readonly results = new Map<string, string>();
  readonly receipts = new Map<string, Receipt>();
  readonly attachments = new Map<string, readonly string[]>();
  readonly reports = new Map<string, FailureReport>();
  /** Documents whose path is barred, with the reason. */
  readonly barred = new Map<string, string>();
  /** Documents whose places are free again. */
  readonly vacated: string[] = [];
  refusals = 0;

  obstacle(id: string): string | null {
    return this.barred.get(id) ?? null;
  }
  vacate(id: string): void {
    this.vacated.push(id);
  }
  /** Results end in an error that no disk gives. */
  broken = false;

  resultOf({ name, ending }: ResultPlace): { readonly path: string; readonly mtimeMs: number } | null {
    return this.results.has(name) ? { path: `${name}${ending}`, mtimeMs: 1 } : null;
  }

  holds(path: string): boolean {
    return this.results.has(path.replace(/\.md$/, ''));
  }

  failedVersion(id: string): { readonly size: number; readonly mtimeMs: number } | null {
    return this.reports.get(id)?.document ?? null;
  }

  fileResult(id: string, { ending }: ResultPlace, text: string): Observable<string> {
    return new Observable((subscriber) => {
      if (this.broken) subscriber.error(new TypeError('a mistake'));
      else if (this.refuses()) subscriber.error(new DiskError('no space left'));
      else {
        this.results.set(id, text);
        this.reports.delete(id);
        subscriber.next(`${id}${ending}`);
        subscriber.complete();
      }
    });
  }

  fileReceipt({ name }: ResultPlace, receipt: Receipt): Observable<void> {
    this.receipts.set(name, receipt);
    return of(undefined);
  }

  fileAttachments({ name }: ResultPlace, keep: readonly string[]): Observable<void> {
    this.attachments.set(name, keep);
    return of(undefined);
  }

  fileFailure(report: FailureReport): Observable<string> {
    this.reports.set(report.document.id, report);
    return of(`${report.document.id}.error.json`);
  }

  withdrawFailure(id: string): Observable<void> {
    this.reports.delete(id);
    return of(undefined);
  }

  private refuses(): boolean {
    this.refusals -= 1;
    return this.refusals >= 0;
  }
}

export const answer: Verdict = { kind: 'answer' };
export const fail: Verdict = { kind: 'fail', suspect: false };
export const refusedRequest: Verdict = { kind: 'fail', suspect: true };
export const pauseAccount: Verdict = { kind: 'pause', scope: 'account' };

export function retryVerdict(hintSeconds: number | null = null, cools: 'document' | 'model' = 'document'): Verdict {
  return { kind: 'retry', cools, hintSeconds, counts: hintSeconds === null };
}

function attemptRecord(number: number, verdict: Verdict, code: string = verdict.kind): AttemptRecord {
  return {
    number,
    startedAt: '2026-01-01T00:00:00.000Z',
    seconds: 0.001,
    status: verdict.kind === 'answer' ? 200 : 400,
    code,
    message: `it ended in ${code}`,
    provider: null,
    generationId: null,
    model: 'model',
    billing: verdict.kind === 'answer' ? 'known' : 'none',
    costUsd: verdict.kind === 'answer' ? 0.01 : null,
    promptTokens: null,
    cachedTokens: null,
    completionTokens: null,
    verdict: verdict.kind,
    counts: countsTowardsRetries(verdict, verdict.kind === 'answer' ? 'known' : 'none'),
  };
}

export function outcomeOf(number: number, verdict: Verdict, text: string): AttemptOutcome {
  const good = verdict.kind === 'answer';
  const reply = good ? { text, cut: false, extras: {} } : null;
  return { record: attemptRecord(number, verdict), verdict, reply, partial: null, annotations: null };
}

export interface Scenario {
  readonly budget?: Budget;
  /** What the inbox tells. */
  readonly inbox: Observable<InboxEvent>;
  /** The verdicts of each document's attempts in order; the last one goes on for ever. Default: an answer. */
  readonly verdicts?: Readonly<Record<string, readonly Verdict[]>>;
  /** What reading a document comes to, where it is not its content. */
  readonly reading?: Readonly<Record<string, ReadOutcome>>;
  /** The SHA-256 of documents that have another than their own. */
  readonly bytes?: Readonly<Record<string, string>>;
  /** What the ledger holds beforehand. */
  readonly ledger?: MemoryLedger;
  /** How long a call takes (ms). Default: 10. */
  readonly callMs?: number;
  readonly settings?: Partial<PipelineSettings>;
  readonly concurrency?: number;
  readonly longestCooldownSeconds?: number;
  /** Attempts end as those that never reached the API. */
  readonly unreachable?: boolean;
  /** Calls end in a mistake of the program. */
  readonly broken?: boolean;
  /** The document whose recipe cannot be chosen. */
  readonly noRecipeFor?: string;
}

export interface Running {
  readonly events: Observable<PipelineEvent>;
  readonly gate: GateControl;
  readonly ledger: MemoryLedger;
  readonly outbox: MemoryOutbox;
  /** The ids of the documents that were asked, in order. */
  readonly asked: string[];
  /** How many calls were in flight at most. */
  readonly most: () => number;
}

/** The pipeline over ports that live in memory and a gate that is the real one. */
export function runningPipeline(clock: Clock, scenario: Scenario): Running {
  const ledger = scenario.ledger ?? new MemoryLedger();
  const outbox = new MemoryOutbox();
  const gate = createGate({
    concurrency: scenario.concurrency ?? 5,
    concurrencyMax: 256,
    pacer: null,
    budget: scenario.budget ?? null,
    openPurse,
    clock,
    ...(scenario.longestCooldownSeconds === undefined
      ? {}
      : { longestCooldownSeconds: scenario.longestCooldownSeconds }),
  });
  const asked: string[] = [];
  let inFlight = 0;
  let most = 0;
  const ports: PipelinePorts = {
    inbox: {
      events: scenario.inbox,
      read: (ref) => of(scenario.reading?.[ref.id] ?? reading(ref, scenario.bytes)),
      release: ({ id }) => of(id),
    },
    recipes: {
      choose: ({ id: chosen }) => {
        if (chosen === scenario.noRecipeFor) throw new TypeError('there is no recipe');
        return recipe;
      },
    },
    converter: asText,
    dialogue: oneRequest,
    llm: {
      prepare: ({ messages }) =>
        preparedAs(
          ({ number }) =>
            new Observable<AttemptProgress>((subscriber) => {
              const id = textOf(messages[0]);
              const verdicts = scenario.verdicts?.[id] ?? [answer];
              const verdict = verdicts[Math.min(number, verdicts.length) - 1] ?? answer;
              asked.push(id);
              inFlight += 1;
              most = Math.max(most, inFlight);
              subscriber.add(() => {
                inFlight -= 1;
              });
              return timer(scenario.callMs ?? 10, clock.scheduler)
                .pipe(
                  map(() => outcomeOf(number, verdict, `answer to ${id}`)),
                  map((outcome) => (scenario.unreachable ? neverSent(outcome) : outcome)),
                  map((outcome): AttemptProgress => {
                    if (scenario.broken) throw new TypeError('a mistake');
                    return { kind: 'ended', outcome };
                  }),
                )
                .subscribe(subscriber);
            }),
        ),
    },
    // A call costs a cent at most.
    prices: { of: () => ({ prompt: 0, completion: 0.0001, request: 0 }) },
    models: { facts: () => of(null) },
    gate,
    ledger,
    outbox,
    firstAttempts: new FirstAttempts(),
    flights: new Flights(),
    disk: new DiskGuard(gate, clock),
    bulk: new Bulk(),
  };
  const events = pipeline(ports, {
    api: 'api',
    redo: 'changed',
    retries: 2,
    retryDelaySeconds: 2,
    waitsForParked: true,
    inDoubt: 'resend',
    after: 'keep',
    receipts: false,
    startedAt: '2026-01-01T00:00:00.000Z',
    openDocuments: 1000,
    limit: null,
    test: false,
    clock,
    random: () => 1,
    firstLook: true,
    ...scenario.settings,
  });
  return { events, gate, ledger, outbox, asked, most: () => most };
}

/** A request that is sent as `attempt` says. */
export function preparedAs(attempt: PreparedRequest['attempt']): PreparedRequest {
  const tokens = { promptTokensAtMost: 35, likelyPromptTokens: 10, maxTokens: 100, feesUsdAtMost: 0, surcharge: 1 };
  return { bodySha256: 'body', models: ['model'], bytes: 35, ...tokens, attempt };
}

/** What no run spent yet. */
export function openPurse(): Budget {
  return new Budget({ limitUsd: Number.POSITIVE_INFINITY, spentUsd: 0, perDay: false, wall: () => 0 });
}

/** Every file is text. */
export const asText: Converter = {
  convert: ({ files }) =>
    of({
      kind: 'converted' as const,
      parts: files.map(({ bytes }) => ({ kind: 'text' as const, text: bytes.toString() })),
    }),
};

/** Every document takes one request, and its reply is the answer. */
export const oneRequest: Dialogue = {
  next: ({ document: asked, parts, recipe: by }) =>
    by.render(asked, parts).pipe(
      map((prompt) => ({
        kind: 'ask',
        prompt,
        judge: ({ text, extras }) => ({ kind: 'answer', answer: { ...plainAnswer(text), extras } }),
      })),
    ),
};

export const identity = { name: '', model: 'model', api: 'api', hash: 'recipe' };

/** The document's id is the prompt. */
export const recipe: Recipe = {
  ...identity,
  barred: null,
  handling: PLAIN_HANDLING,
  fixedTokens: 0,
  circumstances: () => '',
  place: ({ id }) => ({ name: id, ending: '.md' }),
  render: ({ id }) => of({ model: 'model', messages: [{ role: 'user', content: id }] }),
};

function neverSent(outcome: AttemptOutcome): AttemptOutcome {
  return { ...outcome, record: { ...outcome.record, status: null, billing: 'none' } };
}

function reading(ref: DocumentRef, bytes: Scenario['bytes']): ReadOutcome {
  const sha256 = bytes?.[ref.id] ?? `${ref.id}#${ref.size}`;
  const files = [{ name: ref.id, bytes: Buffer.from(`text of ${ref.id}`) }];
  const content: DocumentContent = { document: ref, sha256, files };
  return { kind: 'read', content };
}

/** An answer with nothing beside its text. */
export function plainAnswer(text: string): Answer {
  return { text, extras: {}, notes: [] };
}

/** Of a message that is nothing but text. */
export function textOf(message: ChatMessage | undefined): string {
  return typeof message?.content === 'string' ? message.content : '';
}
