import type { AttemptRecord } from '../domain/attempt.ts';
import type { KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import type { Context } from './context.ts';
import { type Disposition, gaveUp, type Question } from './disposition.ts';
import {
  failedEarlier,
  hasResult,
  heldEarlier,
  isUsable,
  ownResult,
  skippedEvent,
  staleness,
} from './document-status.ts';
import { type GivenUp, givenUp, isOutage } from './retry-policy.ts';
import type { Joined } from './single-flight.ts';
import { type History, NO_HISTORY, type WorkItem } from './work-item.ts';

/**
 * Looks up what is known of a document's bytes. Resolves to what becomes of it if it need not be asked; else to its work item
 * with the attempts of earlier runs.
 */
export async function lookUp(
  context: Context,
  work: WorkItem,
  question: Question,
  joined: Exclude<Joined, { kind: 'follows' }>,
): Promise<Disposition | WorkItem> {
  const { ledger, converter, settings } = context;
  const { document, sha256, recipe, fingerprint } = question;
  const { id } = document;
  // A document that was never seen has no versions: most come once.
  const version = ledger.recall(id) === undefined ? undefined : await ledger.version(id, sha256);
  if (version !== undefined && stands(context, work, question, version)) return touched(context, question, version);

  const answer = await ledger.answer(fingerprint, work.redo ? settings.redoSince : undefined);
  const isOwn = answer?.document === id || (version?.state === 'done' && version.recipe === recipe.hash);
  if (answer !== undefined && isUsable({ answer, recipe, isOwn }, { converter, redo: settings.redo })) {
    const attempts = ownAttempts(id, answer, version);
    return { kind: 'file', work: { ...work, attempts }, question, answer, reused: true, isRecorded: true };
  }
  const result = work.redo || version === undefined ? null : unnotedResult(context, question, version);
  if (result !== null) {
    const event = skippedEvent(document, 'its result was filed before the ledger could note it', false);
    return { kind: 'skip', event, question, result };
  }

  const caughtUp =
    sha256 === work.sha256 ? work : withHistory(work, historyOf(work, version, settings.redoSince), sha256);
  const why = joined.kind === 'shares' ? sharedFate(joined) : givenUp(settings, caughtUp.attempts);
  return why === null ? caughtUp : gaveUp(caughtUp, question, why);
}

/** Whether these bytes need not be asked again, by what became of them before. */
function stands(context: Context, work: WorkItem, { document, recipe }: Question, version: VersionRecord): boolean {
  if (work.redo || version.api !== recipe.api) return false;
  const stale = staleness(version, document, recipe, context.converter) !== null;
  switch (version.state) {
    case 'done':
      return hasResult(context, document, recipe, stale) && !(stale && context.settings.redo === 'stale');
    case 'failed':
      return !work.startOver && context.outbox.failedVersion(document.id) !== null;
    case 'held':
      return !work.startOver;
    case 'pending':
    case 'replaced':
      return false;
  }
}

/** The file was touched, and its bytes are as they were. */
function touched({ converter }: Context, question: Question, version: VersionRecord): Disposition {
  const { document, recipe } = question;
  if (version.state !== 'done')
    return { kind: 'skip', event: (version.state === 'held' ? heldEarlier : failedEarlier)(document), question };
  const stale = staleness(version, document, recipe, converter) !== null;
  const event = skippedEvent(document, 'its bytes have not changed', stale);
  return { kind: 'skip', event, question };
}

/** The attempts that brought an answer, if it was made for this very document; else none. */
function ownAttempts(
  id: string,
  { document, attempt: answered }: KnownAnswer,
  version: VersionRecord | undefined,
): readonly AttemptRecord[] {
  if (document !== id) return [];
  return version === undefined || version.attempts.length === 0 ? [answered] : version.attempts;
}

/**
 * The path of a result that was filed while the ledger refused to record the end of its attempt: that is in doubt, but the
 * result is complete, so it is not paid for again. Null if there is none, or an older one.
 */
function unnotedResult(context: Context, { document, recipe }: Question, version: VersionRecord): string | null {
  const { state, api, recipe: asked, attempts } = version;
  const last = attempts.at(-1);
  if (state !== 'pending' || last?.billing !== 'in doubt' || api !== recipe.api || asked !== recipe.hash) return null;
  const found = ownResult(context, document.id, recipe.place(document));
  return found !== null && found.mtimeMs >= Date.parse(last.startedAt) ? found.path : null;
}

function historyOf({ startOver, redo }: WorkItem, version: VersionRecord | undefined, redoSince: string): History {
  if (version === undefined) return NO_HISTORY;
  const { lastNumber, lastBilling } = version;
  if (startOver) return { attempts: [], lastNumber, forgiven: lastNumber, lastBilling };
  const attempts = redo ? version.attempts.filter(({ startedAt }) => startedAt >= redoSince) : version.attempts;
  const forgiven = (attempts[0]?.number ?? lastNumber + 1) - 1;
  return { attempts: attempts.filter((made) => !isOutage(made)), lastNumber, forgiven, lastBilling };
}

function withHistory(
  work: WorkItem,
  { attempts, lastNumber, forgiven, lastBilling }: History,
  sha256: string,
): WorkItem {
  return { ...work, attempts, lastNumber, forgiven, lastBilling, sha256 };
}

function sharedFate({ why, with: leader }: { readonly why: GivenUp; readonly with: string }): GivenUp {
  return { ...why, reason: `the same bytes were asked as ${leader}, in vain: ${why.reason}` };
}
