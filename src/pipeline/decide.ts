import { type DocumentRef, isSameState } from '../domain/document.ts';
import { DiskError } from '../domain/errors.ts';
import { type InboxEvent, LEFT_OUT, type PipelineEvent, RUN_ENDED } from '../domain/events.ts';
import type { DocumentRecord, Settlement } from '../domain/ledger.ts';
import type { Recipe } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import { afterSuccess } from './chores.ts';
import type { Context, PipelineSettings } from './context.ts';
import { type DocumentStatus, failedEarlier, heldEarlier, skippedEvent, statusOf } from './document-status.ts';
import { chooseForTrial } from './trial-choice.ts';
import { type Chore, newWorkItem, pendingEvent, type WorkItem } from './work-item.ts';

type DecideContext = Pick<Context, 'ledger' | 'outbox' | 'recipes' | 'converter' | 'closing'> & {
  readonly settings: Pick<
    PipelineSettings,
    'api' | 'redo' | 'redoAll' | 'firstLook' | 'after' | 'test' | 'limit' | 'only' | 'clock'
  >;
};

/** What follows from an event of the inbox. */
export interface Decision {
  readonly events: readonly PipelineEvent[];
  readonly work: readonly WorkItem[];
  readonly chores: readonly Chore[];
}

const NOTHING: Decision = { events: [], work: [], chores: [] };

/** Documents of one chore. */
const COMPLETED_AT_ONCE = 1000;

type Seen = Extract<InboxEvent, { type: 'document-seen' }>;
type ScanFinished = Extract<InboxEvent, { type: 'scan-finished' }>;

/**
 * Decides by stat alone, against the ledger and the outbox, whether a document is work. Runs for every file of every
 * scan, so it reads nothing and, after the first scan, reports nothing about documents that are done.
 */
export function decide(context: DecideContext): (event: InboxEvent) => Decision {
  const decisions = new Decisions(context);
  return (event) => {
    switch (event.type) {
      case 'document-seen':
        return decisions.ofDocument(event);
      case 'document-young':
        return decisions.ofYoung(event.document);
      case 'document-unsettled':
        return decisions.ofUnsettled(event);
      case 'scan-finished':
        return decisions.ofScan(event);
      case 'watcher-degraded':
      case 'inbox-lost':
      case 'inbox-found':
        return reporting(event);
    }
  };
}

class Decisions {
  readonly #context: DecideContext;
  readonly #settings: DecideContext['settings'];
  #firstLook: boolean;
  /** Documents reported by a file event before the first scan reached them. */
  readonly #hinted = new Set<string>();
  /** What earlier runs tried in vain: after a restart, untried documents go first. */
  #tried: WorkItem[] = [];
  /** What a trial chooses from, once all is seen. */
  #candidates: WorkItem[] = [];
  /** Files of the first scan that did not stand still: all at first, then those that the trial chose. */
  readonly #young = new Set<string>();
  /** Documents that were reported as waiting for a barred recipe, and why that is barred. */
  readonly #barred = new Map<string, string>();
  /** Those reasons. */
  readonly #reasons = new Set<string>();
  /** Documents whose records do not say all of the states of their files. */
  #incomplete: DocumentRef[] = [];
  #found = 0;
  #left: number;

  constructor(context: DecideContext) {
    const { settings } = context;
    this.#context = context;
    this.#settings = settings;
    this.#firstLook = settings.firstLook;
    this.#left = settings.limit ?? Number.POSITIVE_INFINITY;
  }

  ofDocument({ document, initial }: Seen): Decision {
    if (this.#settings.only?.has(document.id) === false) return NOTHING;
    if (this.#settings.test && !this.#firstLook && !this.#young.delete(document.id)) return NOTHING;
    const isFirst = initial && this.#settings.firstLook && !this.#hinted.has(document.id);
    if (this.#context.closing.happened) return isFirst ? reporting(this.#countedAs(document)) : NOTHING;
    if (this.#firstLook && !initial) this.#hinted.add(document.id);
    const { recipes } = this.#context;
    try {
      const recipe = recipes.choose(document);
      const record = this.#context.ledger.recall(document.id);
      const status = this.#look(document, record, recipe);
      const redo = this.#isRedone(document, status, initial);
      const decision = this.#ofStatus(document, recipe, status, { isFirst, redo });
      const isIncomplete = record?.ctimeMs === null && decision.work.length === 0 && isSameState(document, record);
      return isIncomplete ? this.#completing(document, decision) : decision;
    } catch (error) {
      // The disk does not say whether it is done: no guess may have it paid for again.
      const reported = reporting(pending(document, errorMessage(error)));
      if (isFirst) this.#settings.redoAll?.add(document.id);
      if (!(error instanceof DiskError)) return reported;
      const { ledger } = this.#context;
      const look = () => this.#look(document, ledger.recall(document.id), recipes.choose(document));
      const chores = [{ kind: 'look', key: 'look into the outbox', look } as const];
      // Reported per document only during the first scan; later the pause event is enough.
      return { ...(isFirst ? reported : NOTHING), chores };
    }
  }

  /** A trial chooses among these, too, and takes those that it chose once they stand still. */
  ofYoung(document: DocumentRef): Decision {
    this.#young.add(document.id);
    return this.ofDocument({ type: 'document-seen', document, initial: true });
  }

  ofUnsettled({ id }: { readonly id: string }): Decision {
    const isMeant = this.#settings.only?.has(id) !== false && (!this.#settings.test || this.#young.has(id));
    return isMeant ? reporting(pending({ id }, 'it is still being written')) : NOTHING;
  }

  ofScan(event: ScanFinished): Decision {
    const chores = this.#incomplete.length === 0 ? [] : [this.#completion()];
    if (!event.initial) return { ...NOTHING, events: [event], chores };
    const { test } = this.#settings;
    const found = test ? this.#chosenForTrial() : this.#tried;
    const work = found.filter(() => this.#mayTake());
    const left = test ? [] : found.slice(work.length).map(leftByLimit);
    const events = [...left, event, ...noteUnmatched(event), ...this.#ofFound()];
    // Of a few documents alone, or when it was stopped, the redo has others left.
    if (!this.#context.closing.happened && this.#settings.only == null) this.#settings.redoAll?.allSeen();
    this.#firstLook = false;
    this.#hinted.clear();
    this.#tried = [];
    return { events, work, chores };
  }

  /** Those that stand still. The others that were chosen stay in `#young`, and no more of them. */
  #chosenForTrial(): readonly WorkItem[] {
    const chosen = chooseForTrial(this.#candidates, this.#left);
    this.#candidates = [];
    const young = chosen.filter(({ document }) => this.#young.has(document.id));
    this.#young.clear();
    for (const { document } of young) this.#young.add(document.id);
    return chosen.filter(({ document }) => !this.#young.has(document.id));
  }

  /** Many at a time: after a change of the schema there may be hundreds of thousands. */
  #completing(document: DocumentRef, decision: Decision): Decision {
    this.#incomplete.push(document);
    if (this.#incomplete.length < COMPLETED_AT_ONCE) return decision;
    return { ...decision, chores: [...decision.chores, this.#completion()] };
  }

  #completion(): Chore {
    const documents = this.#incomplete;
    this.#incomplete = [];
    return { kind: 'complete', key: `complete what is known of the file of ${documents[0]?.id}`, documents };
  }

  /** When the run ends, documents are only counted: by the ledger, without a look at the disk. */
  #countedAs(document: DocumentRef): PipelineEvent {
    const record = this.#context.ledger.recall(document.id);
    if (record?.api !== this.#settings.api || !isSameState(document, record)) return pending(document, RUN_ENDED);
    switch (record.state) {
      case 'done':
        return skippedEvent(document, 'done', false);
      case 'failed':
        return failedEarlier(document);
      case 'held':
        return heldEarlier(document);
      case 'pending':
      case 'replaced':
        return pending(document, RUN_ENDED);
    }
  }

  #look(document: DocumentRef, record: DocumentRecord | undefined, recipe: Recipe): DocumentStatus {
    const { redo, clock } = this.#settings;
    return statusOf(document, record, recipe, this.#context, { redo, now: clock.wall() });
  }

  #ofStatus(
    document: DocumentRef,
    recipe: Recipe,
    status: DocumentStatus,
    { isFirst, redo }: { readonly isFirst: boolean; readonly redo: boolean },
  ): Decision {
    if (redo) this.#settings.redoAll?.add(document.id);
    if ((redo || status.kind === 'work') && recipe.barred !== null)
      return this.#ofBarred(document, recipe, recipe.barred);

    this.#barred.delete(document.id);
    if (redo && status.kind !== 'work') return this.#take(newWorkItem(document, { redo }), isFirst);
    switch (status.kind) {
      case 'work': {
        const work = newWorkItem(document, { ...status, redo });
        if (!isFirst || !status.tried) return this.#take(work, isFirst);
        this.#tried.push(work);
        return NOTHING;
      }
      case 'found': {
        this.#found += isFirst ? 1 : 0;
        const settlement = foundResult(document, recipe, status.result);
        const chores = [{ kind: 'record', key: `record the result of ${document.id}`, settlement } as const];
        return { ...(isFirst ? reporting(status.event) : NOTHING), chores };
      }
      case 'skip': {
        const reported = isFirst ? reporting(status.event) : NOTHING;
        if (!status.leaves || afterSuccess(this.#settings, recipe) === 'keep') return reported;
        return { ...reported, chores: [{ kind: 'release', key: `release ${document.id}`, document }] };
      }
    }
  }

  /** Reported once for each document and recipe, not with every scan. */
  #ofBarred(document: DocumentRef, { name }: Recipe, reason: string): Decision {
    if (this.#barred.get(document.id) === reason) return NOTHING;
    this.#barred.set(document.id, reason);
    const { id } = document;
    const event = { type: 'document-pending', id, reason, dueAt: null, cause: 'recipe' } as const;
    if (this.#reasons.has(reason)) return reporting(event);
    this.#reasons.add(reason);
    return reporting({ type: 'recipe-barred', name, reason, document: id }, event);
  }

  /**
   * With `--redo all`: what has a result or failed, in the first look at it, or later if it could not be asked then. Not what
   * is held for a person, nor what was asked before this redo was stopped and would be asked the same now.
   */
  #isRedone({ id }: DocumentRef, status: DocumentStatus, initial: boolean): boolean {
    const { redoAll } = this.#settings;
    if (redoAll === null) return false;
    const isFirst = initial ? !this.#hinted.has(id) : this.#firstLook;
    if (!isFirst && !redoAll.leaves(id)) return false;
    // What a stopped redo began has its result still; what never had one is asked anyway.
    if (status.kind === 'work') return this.#context.ledger.resultPath(id) !== undefined;
    const { event } = status;
    if (event.type === 'document-pending') redoAll.add(id);
    if (event.type === 'document-skipped') return event.stale || !redoAll.hasAsked(id);
    return event.type === 'document-failed' && !redoAll.hasAsked(id);
  }

  #take(work: WorkItem, isFirst: boolean): Decision {
    if (this.#settings.test && this.#firstLook) {
      this.#candidates.push(work);
      return NOTHING;
    }
    if (this.#mayTake()) return { ...NOTHING, work: [work] };
    return isFirst ? reporting(leftByLimit(work)) : NOTHING;
  }

  #mayTake(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }

  #ofFound(): readonly PipelineEvent[] {
    if (this.#found === 0) return [];
    const results = this.#found === 1 ? '1 result' : `${this.#found} results`;
    const message = `${results} in the outbox had no record in the ledger and count as done; whether the document changed since was told by the time of its file`;
    return [{ type: 'run-noted', level: 'warn', message }];
  }
}

function reporting(...events: readonly PipelineEvent[]): Decision {
  return { ...NOTHING, events };
}

function pending({ id }: Pick<DocumentRef, 'id'>, reason: string): PipelineEvent {
  return pendingEvent({ document: { id } }, reason);
}

function leftByLimit({ document: { id } }: WorkItem): PipelineEvent {
  return { type: 'document-pending', id, reason: 'left by --limit', dueAt: null, cause: 'limit' };
}

function foundResult(document: DocumentRef, { api }: Recipe, result: string): Settlement {
  const made = { recipe: null, fingerprint: null, sha256: null, reused: false, readers: null };
  return { document, api, ...made, state: 'done', result };
}

/** A mistake in a glob would have documents paid for, or look like an inbox in which everything is done. */
function noteUnmatched({ documents, settling, ignored, unmatched = [] }: ScanFinished): readonly PipelineEvent[] {
  const notes = unmatched.map(
    (pattern) => ({ type: 'run-noted', level: 'warn', message: `${pattern} matches no document` }) as const,
  );
  const leftOut = ignored[LEFT_OUT] ?? 0;
  if (documents + settling > 0 || leftOut === 0) return notes;
  const message = `No document is chosen: ${leftOut === 1 ? 'the only one' : `all ${leftOut}`} in the inbox ${leftOut === 1 ? 'is' : 'are'} ${LEFT_OUT}`;
  return [...notes, { type: 'run-noted', level: 'warn', message }];
}
