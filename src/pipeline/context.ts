import { isSameState } from '../domain/document.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Models } from '../domain/models.ts';
import type { Options } from '../domain/options.ts';
import type { Conversation, Converter, Gate, Inbox, Llm, Outbox, Prices } from '../domain/ports.ts';
import type { Recipes } from '../domain/recipe.ts';
import type { Clock } from '../lib/clock.ts';
import { Signal } from '../lib/signal.ts';
import { DiskRetry } from './disk-retry.ts';
import { MemoryLimit } from './memory-limit.ts';
import { ModelCheck } from './model-check.ts';
import { Outages } from './outages.ts';
import type { RedoAll } from './redo-all.ts';
import { SingleFlight } from './single-flight.ts';
import type { Chore, WorkItem } from './work-item.ts';
import { WorkQueue } from './work-queue.ts';

/** The rooms that the pipeline works with. */
export interface PipelinePorts {
  readonly inbox: Inbox;
  readonly recipes: Recipes;
  readonly gate: Gate;
  readonly converter: Converter;
  readonly conversation: Conversation;
  readonly llm: Llm;
  readonly prices: Prices;
  readonly models: Pick<Models, 'facts' | 'misnamed' | 'meant'>;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
}

/** The options of the run that concern the pipeline, and what follows from others. */
export interface PipelineSettings
  extends Pick<
    Options,
    'retries' | 'retryDelaySeconds' | 'inDoubt' | 'redo' | 'after' | 'receipts' | 'test' | 'limit'
  > {
  /** The API's name in the ledger and in the gate. */
  readonly api: string;
  /** Whether a document that has to wait very long comes back to this run; else it stays pending. */
  readonly waitsForParked: boolean;
  /** With `--redo all`: what it has still to ask; else null. */
  readonly redoAll: RedoAll | null;
  /** When that began, maybe in an earlier run, ISO 8601: what it asks gets younger answers only. */
  readonly redoSince: string;
  /** Documents that are open at once: far more than calls in flight, so that those that wait hold up no other. */
  readonly openDocuments: number;
  /** False if this process reported all documents already, before a change of configuration. */
  readonly firstLook: boolean;
  /** Ids of the only documents that count; null: all do. @default null */
  readonly only?: ReadonlySet<string> | null;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What the steps of the pipeline share during a run. */
export interface Context extends PipelinePorts {
  readonly settings: PipelineSettings;
  readonly queue: WorkQueue<WorkItem>;
  readonly chores: WorkQueue<Chore>;
  /** No further call starts. */
  readonly closing: Signal;
  /** Calls in flight are cut off. */
  readonly cutting: Signal;
  readonly disk: DiskRetry;
  readonly memory: MemoryLimit;
  readonly singleFlight: SingleFlight;
  readonly modelCheck: ModelCheck;
  readonly outages: Outages;
}

/** At the same time. */
export const CHORES_AT_ONCE = 8;

export function createContext(ports: PipelinePorts, settings: PipelineSettings): Context {
  const { clock, openDocuments } = settings;
  const cutting = new Signal();
  return {
    ...ports,
    settings,
    queue: new WorkQueue<WorkItem>({
      key: ({ document }) => document.id,
      same: (earlier, later) => isSameState(earlier.document, later.document),
      limit: openDocuments,
      clock,
    }),
    chores: new WorkQueue<Chore>({ key: ({ key }) => key, same: () => true, limit: CHORES_AT_ONCE, clock }),
    closing: new Signal(),
    cutting,
    disk: new DiskRetry(ports.gate, clock, cutting),
    memory: new MemoryLimit(),
    singleFlight: new SingleFlight(),
    modelCheck: new ModelCheck(),
    outages: new Outages(clock, settings),
  };
}
