import { type DocumentEvent, type PipelineEvent, RUN_ENDED } from '../domain/events.ts';

interface RedoSettings {
  /** Documents that it asked before it was stopped. */
  readonly asked: ReadonlySet<string>;
  /** Called once nothing is left that could be asked. */
  readonly onFinished: () => void;
}

/** What becomes of a document that is settled: nothing is left to ask of it. */
const SETTLED: ReadonlySet<PipelineEvent['type']> = new Set<DocumentEvent['type']>([
  'document-succeeded',
  'document-reused',
  'document-skipped',
  'document-failed',
  'document-held',
  'document-gone',
]);

/** One `--redo all`: the documents that it has still to ask. It may take several runs: a stopped one leaves the rest to the next. */
export class RedoAll {
  readonly #settings: RedoSettings;
  /** Documents that are to be asked, and are not settled yet. */
  readonly #left = new Set<string>();
  /** Those of them that cannot be asked as things are. They are asked if that changes in this run, and hold nothing up. */
  readonly #parked = new Set<string>();
  #allSeen = false;
  #isFinished = false;

  constructor(settings: RedoSettings) {
    this.#settings = settings;
  }

  /** Whether this redo asked the document in an earlier run. */
  hasAsked(id: string): boolean {
    return this.#settings.asked.has(id);
  }

  /** Whether the document is still to be asked. */
  leaves(id: string): boolean {
    return this.#left.has(id);
  }

  add(id: string): void {
    this.#left.add(id);
  }

  /** The first scan came to its end: no other document is to be asked. */
  allSeen(): void {
    this.#allSeen = true;
    this.#finishIfDone();
  }

  /** Called with each event of the run. */
  onEvent(event: PipelineEvent): void {
    if (!('id' in event)) return;
    const { id } = event;
    if (event.type === 'document-reopened') this.#left.add(id);
    if (!this.#left.has(id)) return;
    // What the run did not come to, or had no money for, is left to the next one.
    const isParked = event.type === 'document-pending' && event.reason !== RUN_ENDED && event.cause !== 'budget';
    const isSettled = SETTLED.has(event.type);
    if (isParked) this.#parked.add(id);
    if (isSettled || event.type === 'document-queued') this.#parked.delete(id);
    if (isSettled) this.#left.delete(id);
    if (isParked || isSettled) this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#isFinished || !this.#allSeen || this.#left.size > this.#parked.size) return;
    this.#isFinished = true;
    this.#settings.onFinished();
  }
}
