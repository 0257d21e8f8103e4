import type { DocumentEvent, PipelineEvent } from '../domain/events.ts';

interface RedoSettings {
  /** Documents that it asked before it was stopped. */
  readonly asked: ReadonlySet<string>;
  /** Called once nothing is left to ask. */
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
    if (event.type === 'document-reopened') this.#left.add(event.id);
    if (!SETTLED.has(event.type) || !this.#left.delete(event.id)) return;
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#isFinished || !this.#allSeen || this.#left.size > 0) return;
    this.#isFinished = true;
    this.#settings.onFinished();
  }
}
