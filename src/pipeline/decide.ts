import type { DocumentRef } from '../domain/document.ts';
import { DiskTrouble } from '../domain/errors.ts';
import type { InboxEvent, PipelineEvent } from '../domain/events.ts';
import type { Ledger, Settlement } from '../domain/ledger.ts';
import type { Outbox } from '../domain/ports.ts';
import type { Recipe, Recipes } from '../domain/recipe.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage } from '../lib/errors.ts';
import { type Standing, type StandingSettings, standingOf } from './document-status.ts';
import { afterwards } from './file-answer.ts';
import { newWork, type Work } from './work-item.ts';

export interface DecideSettings extends Pick<StandingSettings, 'redo'> {
  /** False where an earlier look of this process told of all documents already (after a change of configuration). */
  readonly firstLook: boolean;
  /** What becomes of an input that is done with. */
  readonly after: 'keep' | 'archive' | 'delete';
  /** A trial asks all anew, also what failed in the one before. */
  readonly test: boolean;
  /** At most this many documents are taken as work; null for all. */
  readonly limit: number | null;
  /** Ids beside which nothing is there; null: all are. @default null */
  readonly only?: ReadonlySet<string> | null;
  readonly clock: Clock;
}

interface DecidePorts {
  readonly ledger: Pick<Ledger, 'recall' | 'resultPath' | 'ownerOf'>;
  readonly outbox: Outbox;
  readonly recipes: Recipes;
}

/** What a look at the inbox comes to: work, or something to tell, or something to remember, or nothing. */
interface Decision {
  readonly works?: readonly Work[];
  readonly events?: readonly PipelineEvent[];
  /** A result that was found in the outbox: the ledger is to know of it. */
  readonly found?: Settlement;
  /** It is answered, so that its input is to go. */
  readonly departs?: DocumentRef;
  /** The look that the disk refused, to be repeated until it is well: the next scan decides then. */
  readonly untold?: () => unknown;
}

const nothing: Decision = {};

type Seen = Extract<InboxEvent, { type: 'document-seen' }>;
type ScanFinished = Extract<InboxEvent, { type: 'scan-finished' }>;

/**
 * Decides by stat alone, against the ledger and the outbox, whether a document is work. Runs for every file of every
 * scan, so it reads nothing and, after the first scan, tells nothing of documents that are done.
 */
export function decide(ports: DecidePorts, settings: DecideSettings): (event: InboxEvent) => Decision {
  const decisions = new Decisions(ports, settings);
  return (event) => {
    switch (event.type) {
      case 'document-seen':
        return decisions.ofDocument(event);
      case 'document-unsettled':
        return settings.only?.has(event.id) === false
          ? nothing
          : { events: [pending(event.id, 'it is still being written')] };
      case 'scan-finished':
        return event.initial ? decisions.ofFirstScan(event) : { events: [event] };
      case 'watcher-degraded':
      case 'inbox-lost':
      case 'inbox-found':
        return { events: [event] };
    }
  };
}

class Decisions {
  readonly #ports: DecidePorts;
  readonly #settings: DecideSettings;
  #firstLook: boolean;
  /** Documents that a hint showed before the first scan came by them: to that scan they are nothing new. */
  readonly #hinted = new Set<string>();
  /** What earlier runs tried in vain: after a restart, untried documents go first. */
  #tried: Work[] = [];
  /** Documents that were told of as waiting for a recipe to be mended, and why. */
  readonly #barred = new Map<string, string>();
  /** Why recipes are barred that were told of. */
  readonly #reasons = new Set<string>();
  #found = 0;
  #left: number;

  constructor(ports: DecidePorts, settings: DecideSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#firstLook = settings.firstLook;
    this.#left = settings.limit ?? Number.POSITIVE_INFINITY;
  }

  ofDocument({ document, initial }: Seen): Decision {
    if (this.#settings.only?.has(document.id) === false) return nothing;
    const isFirst = initial && this.#settings.firstLook && !this.#hinted.has(document.id);
    if (this.#firstLook && !initial) this.#hinted.add(document.id);
    const { recipes } = this.#ports;
    try {
      const recipe = recipes.choose(document);
      return this.#ofStanding(document, recipe, this.#look(document, recipe), isFirst);
    } catch (error) {
      // The disk does not tell whether it is done: paying for it again on the guess that it is not would be wrong.
      const told = [pending(document.id, errorMessage(error))];
      if (!(error instanceof DiskTrouble)) return { events: told };
      // Told of every document in the first look alone: what is done stays so, and the pause is told anyway.
      const untold = () => this.#look(document, recipes.choose(document));
      return isFirst ? { events: told, untold } : { untold };
    }
  }

  ofFirstScan(event: ScanFinished): Decision {
    const works = this.#tried.filter(() => this.#mayTake());
    const events = [event, ...this.#ofFound()];
    this.#firstLook = false;
    this.#hinted.clear();
    this.#tried = [];
    return { events, works };
  }

  #look(document: DocumentRef, recipe: Recipe): Standing {
    const { redo, clock } = this.#settings;
    const record = this.#ports.ledger.recall(document.id);
    return standingOf(document, record, recipe, this.#ports, { redo, now: clock.wall() });
  }

  #ofStanding(document: DocumentRef, recipe: Recipe, standing: Standing, isFirst: boolean): Decision {
    const isRedone = isFirst && this.#isRedone(standing);
    if ((isRedone || standing.kind === 'work') && recipe.barred !== null)
      return this.#ofBarred(document, recipe, recipe.barred);

    this.#barred.delete(document.id);
    if (isRedone) return this.#take(newWork(document, { redo: true }));
    switch (standing.kind) {
      case 'work': {
        const work = newWork(document, standing);
        if (!isFirst || !standing.tried) return this.#take(work);
        this.#tried.push(work);
        return nothing;
      }
      case 'found': {
        this.#found += isFirst ? 1 : 0;
        const found = this.#settlement(document, recipe, standing.result);
        return isFirst ? { events: [standing.event], found } : { found };
      }
      case 'settled':
        return {
          ...(isFirst && { events: [standing.event] }),
          ...(standing.leaves && afterwards(this.#settings, recipe) !== 'keep' && { departs: document }),
        };
    }
  }

  /** Told once for each document and recipe, not with every scan. */
  #ofBarred({ id }: DocumentRef, { name }: Recipe, reason: string): Decision {
    if (this.#barred.get(id) === reason) return nothing;
    this.#barred.set(id, reason);
    const told: PipelineEvent[] = [pending(id, reason)];
    if (!this.#reasons.has(reason)) told.unshift({ type: 'recipe-barred', name, reason });
    this.#reasons.add(reason);
    return { events: told };
  }

  /** What has a result, or in a trial a report. */
  #isRedone(standing: Standing): boolean {
    const { redo, test } = this.#settings;
    if (redo !== 'all' || standing.kind === 'work') return false;
    const { type } = standing.event;
    return type === 'document-skipped' || (test && type === 'document-failed');
  }

  #take(work: Work): Decision {
    return this.#mayTake() ? { works: [work] } : nothing;
  }

  #mayTake(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }

  #settlement(document: DocumentRef, { api }: Recipe, result: string): Settlement {
    const made = { recipe: null, fingerprint: null, sha256: null, reused: false };
    return { document, api, ...made, state: 'done', result };
  }

  #ofFound(): readonly PipelineEvent[] {
    if (this.#found === 0) return [];
    const results = this.#found === 1 ? '1 result' : `${this.#found} results`;
    const message = `${results} in the outbox had no record in the ledger and count as done; whether the document changed since was told by the time of its file`;
    return [{ type: 'run-noted', level: 'warn', message }];
  }
}

function pending(id: string, reason: string): PipelineEvent {
  return { type: 'document-pending', id, reason, dueAt: null };
}
