import type { AttemptRecord, DroppedField, Limit } from './attempt.ts';
import type { DocumentRef, LeftOut } from './document.ts';
import type { Options } from './options.ts';

/** What the inbox reports. */
export type InboxEvent =
  /** A file stands still and may be read. `initial` while the first scan runs. Comes again with later scans. */
  | { readonly type: 'document-seen'; readonly document: DocumentRef; readonly initial: boolean }
  /** A file that does not stand still yet; told only to a trial, which chooses by names. `document-seen` follows once it does. */
  | { readonly type: 'document-young'; readonly document: DocumentRef }
  /** The file was still being written when the wait for young files, or the run, ended. */
  | { readonly type: 'document-unsettled'; readonly id: string }
  /** A scan of the whole inbox ended. `ignored` counts the entries that are never read, by kind in words. */
  | {
      readonly type: 'scan-finished';
      readonly initial: boolean;
      readonly documents: number;
      readonly settling: number;
      readonly ignored: Readonly<Record<string, number>>;
      /** The globs of `--include` and `--exclude` that match no document, each with its flag; absent: none. */
      readonly unmatched?: readonly string[];
      readonly seconds: number;
    }
  /** File events cannot be relied on; scans go on. */
  | { readonly type: 'watcher-degraded'; readonly reason: string }
  /** The inbox cannot be listed at the moment (deleted, unmounted); the next scan tries again. */
  | { readonly type: 'inbox-lost'; readonly reason: string }
  | { readonly type: 'inbox-found' };

/** What the gate reports. */
export type GateEvent =
  /** No call to this model until the time is over. `limit`: the one that the API said was reached. */
  | {
      readonly type: 'gate-cooling';
      readonly model: string;
      readonly seconds: number;
      readonly reason: string;
      readonly limit?: Limit;
    }
  /** Calls to this model that may be in flight from now on, if that changed by much: by `--concurrency auto`, or by the API. */
  | { readonly type: 'gate-limited'; readonly model: string; readonly calls: number; readonly reason: string }
  /** Calls to this model are spread to as many a minute as the API was found to take; null: no longer. */
  | { readonly type: 'gate-paced'; readonly model: string; readonly callsPerMinute: number | null }
  /** Too many calls to this model fail: one at a time until answers come back. */
  | { readonly type: 'gate-probing'; readonly model: string; readonly reason: string }
  | { readonly type: 'gate-recovered'; readonly model: string }
  /** No call in this scope until the cause is gone. `until` (ms since the epoch): when it ends by itself. */
  | ({ readonly type: 'gate-paused'; readonly reason: string; readonly until?: number } & Pause)
  | ({ readonly type: 'gate-resumed' } & Pause);

/** What is paused: every call, or those to one model. `person`: someone at the screen asked for it. */
export type Pause =
  | { readonly scope: 'account' | 'disk' | 'budget' | 'person' }
  | { readonly scope: 'model'; readonly model: string };

/** What ended a run before its work was done. */
export type Stop = 'account' | 'model' | 'disk' | 'budget' | 'duration' | 'request' | 'signal' | 'reload';

/** What happens to documents. Every figure in progress, log and summary is counted from these alone. */
export type DocumentEvent =
  /** It is work: it was never answered, or its bytes changed. */
  | { readonly type: 'document-queued'; readonly id: string; readonly bytes: number }
  /** It has its result already. Once per document. `stale`: a run would ask something else now. */
  | { readonly type: 'document-skipped'; readonly id: string; readonly reason: string; readonly stale: boolean }
  /** It waits for the answer to the same bytes under another name, or queues again: its recipe changed. */
  | { readonly type: 'document-waiting'; readonly id: string; readonly reason: string }
  /** `repeated`: it is not the first of those that count. */
  | { readonly type: 'attempt-started'; readonly id: string; readonly number: number; readonly repeated: boolean }
  /** `retryInSeconds` is the document's own wait; null if no further attempt follows. */
  | {
      readonly type: 'attempt-finished';
      readonly id: string;
      readonly attempt: AttemptRecord;
      readonly retryInSeconds: number | null;
    }
  /** Found at start: the process before this one died while the call was in flight. It may have been billed. */
  | { readonly type: 'attempt-interrupted'; readonly id: string; readonly attempt: AttemptRecord }
  | {
      readonly type: 'document-succeeded';
      readonly id: string;
      /** Path below the outbox. */
      readonly result: string;
      readonly attempts: number;
      readonly model: string | null;
      readonly costUsd: number | null;
      /** Seconds from the first prepared request to the filed result, waits included. */
      readonly seconds: number;
    }
  /** The ledger held the answer to the same bytes and recipe: no call was made. */
  | {
      readonly type: 'document-reused';
      readonly id: string;
      /** Path below the outbox. */
      readonly result: string;
      /** The document whose answer it is; its own id if its result was restored. */
      readonly from: string;
    }
  /** The input left the inbox after success; `to` is its path below the archive, null if it was deleted. */
  | { readonly type: 'document-departed'; readonly id: string; readonly to: string | null }
  /** Kept back for a person: whether it was paid for is in doubt. `earlier` as with failures. */
  | {
      readonly type: 'document-held';
      readonly id: string;
      readonly code: string;
      readonly reason: string;
      readonly earlier: boolean;
    }
  /** `earlier`: a run before this one failed it, and nothing changed since. */
  | {
      readonly type: 'document-failed';
      readonly id: string;
      readonly code: string;
      readonly reason: string;
      readonly report: string | null;
      readonly earlier: boolean;
    }
  /** A failure was taken back: it was the configuration's, not the document's. It is pending now. */
  | { readonly type: 'document-reopened'; readonly id: string; readonly reason: string }
  /** It stays in the inbox unanswered; a later scan, the due time or the next run brings it again. */
  | {
      readonly type: 'document-pending';
      readonly id: string;
      readonly reason: string;
      /** Milliseconds since the epoch; null if no time is set. */
      readonly dueAt: number | null;
      /**
       * What may be spent with its recipe is spent, it waits for a recipe that can be used, or `--limit` leaves it to another
       * run; absent for other reasons.
       */
      readonly cause?: 'budget' | 'recipe' | 'limit';
    }
  /** Its result was filed, and the model was not given all of it. Once for each result, also for one that is reused. */
  | { readonly type: 'document-read-in-part'; readonly id: string; readonly leftOut: LeftOut }
  /** Something that a person should know of it, and that changes nothing about its state. */
  | { readonly type: 'document-noted'; readonly id: string; readonly message: string }
  /** It vanished from the inbox before it was sent. */
  | { readonly type: 'document-gone'; readonly id: string };

/** What happens to the run itself. */
export type RunEvent =
  /** It begins, or a daemon goes on with another configuration: its first event. */
  | ({
      readonly type: 'run-started';
      /** Null where documents come from elsewhere, and where answers go elsewhere. */
      readonly inbox: string | null;
      readonly outbox: string | null;
      /** What says what to ask of documents, in words. */
      readonly recipe: string;
      readonly model: string;
      /** A base URL, or `simulator`. */
      readonly api: string;
      /** The longest answer of one call, and the most that it and a million tokens of prompt can cost, USD; null if not known. */
      readonly maxTokens: number;
      readonly answerUsd: number | null;
      readonly promptUsd: number | null;
      /** There may be recipes in the inbox, which may ask other models, and for longer answers. */
      readonly inboxRecipes: boolean;
      /** A recipe uses what may cost a fee of its own, such as plugins: those are not counted. */
      readonly fees: boolean;
    } & Pick<Options, 'once' | 'concurrency' | 'concurrencyMax' | 'rpm' | 'tpm' | 'maxCostUsd'>)
  /**
   * Nothing is asked with this recipe as it is: its documents are pending. Once per reason. Without a name: of documents that
   * have no recipe, `document` is the first.
   */
  | { readonly type: 'recipe-barred'; readonly name: string; readonly reason: string; readonly document: string }
  /** No new call starts; calls in flight finish, at most within the grace if the reason is a signal. */
  | {
      readonly type: 'run-stopping';
      readonly reason: Stop;
      readonly signal: 'SIGINT' | 'SIGTERM' | null;
      readonly graceSeconds: number;
      /** What was wrong, and what to do; absent where nothing was. */
      readonly cause?: string;
    }
  /** Something that a person should know, and that belongs to no document. */
  | {
      readonly type: 'run-noted';
      readonly level: 'info' | 'warn';
      readonly message: string;
      /** The fields of ours that an API does not take, where that is what is noted. */
      readonly dropped?: readonly DroppedField[];
    };

export type PipelineEvent =
  | Exclude<InboxEvent, { type: 'document-seen' | 'document-young' | 'document-unsettled' }>
  | GateEvent
  | DocumentEvent
  | RunEvent;

/** The one kind of ignored entry that is a problem: documents may lie behind it. */
export const UNREADABLE = 'entries that cannot be read';

/** The kind of ignored entry that would be a document. */
export const LEFT_OUT = 'left out by --include or --exclude';

/** Why a document is pending that a run did not come to. */
export const RUN_ENDED = 'the run ended before it could be sent';
