import { createHash, hash } from 'node:crypto';
import type { AttemptRecord } from '../domain/attempt.ts';
import {
  type DocumentContent,
  isWhole,
  leftOutInWords,
  type Provenance,
  type ReadOutcome,
} from '../domain/document.ts';
import { StoppedError } from '../domain/errors.ts';
import type { KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import type { Converted, Converter, Inquiry } from '../domain/ports.ts';
import { type Recipe, takesSeveralRequests } from '../domain/recipe.ts';
import type { Prompt, Reply } from '../domain/request.ts';
import { endedBy } from '../lib/signal.ts';
import type { Context } from './context.ts';
import type { Disposition, Question, Request } from './disposition.ts';
import {
  failedEarlier,
  hasResult,
  heldEarlier,
  isSameRecipe,
  isUsable,
  ownResult,
  skippedEvent,
  staleness,
} from './document-status.ts';
import { type GivenUp, givenUp, isOutage } from './retry-policy.ts';
import type { Joined } from './single-flight.ts';
import { type History, NO_HISTORY, type WorkItem } from './work-item.ts';

/** Reads the document, looks up what is known of its bytes, and writes its next request; or says what becomes of it. */
export async function prepareRequest(context: Context, work: WorkItem, recipe: Recipe): Promise<Request | Disposition> {
  const { inbox, singleFlight, converter, disk, closing, settings } = context;
  const outcome = await inbox.read(work.document);
  if (outcome.kind !== 'read') return unread(work, outcome);
  const { content } = outcome;
  const { document, sha256 } = content;
  const fingerprint = fingerprintOf(content, recipe);
  const question: Question = { document, sha256, recipe, fingerprint };
  // Before the lookup, so that two identical documents never both find nothing and both ask.
  const joined = singleFlight.join(fingerprint, document.id);
  if (joined.kind === 'follows') return follow(work, joined.landed);

  const found = await disk.untilOk(() => lookUp(context, work, question, joined), closing);
  if ('kind' in found) {
    // No call follows: it wakes its followers, all of them if there is an answer, else the next one.
    if (found.kind === 'file') singleFlight.decided(document.id, 'answered');
    singleFlight.leave(document.id);
    return found;
  }

  const again = joined.kind === 'answered' ? singleFlight.join(fingerprint, document.id) : joined;
  if (again.kind === 'follows') return follow(work, again.landed);

  const timed = { ...found, startedAt: found.startedAt ?? settings.clock.now() };
  const converted = await convertFor(converter, content, recipe);
  if (converted.kind === 'refused')
    return { kind: 'fail', work: timed, failure: { ...question, ...converted, partial: null } };
  const { parts, leftOut, readers } = converted;
  return requestAfterReplies(context, timed, question, { document, recipe, fingerprint, parts }, { leftOut, readers });
}

/** Makes of a document what its recipe says; refused, too, if something must be left out, and the recipe has it fail then. */
export async function convertFor(
  converter: Pick<Converter, 'convert'>,
  content: DocumentContent,
  { handling }: Pick<Recipe, 'handling'>,
): Promise<Converted> {
  const converted = await converter.convert(content, handling.pdf);
  if (converted.kind === 'refused' || handling.leftOut === 'note' || isWhole(converted)) return converted;
  const reason =
    `It holds what cannot be given to the model: ${leftOutInWords(converted.leftOut)}. ` +
    'Its recipe takes no document in part (sluice.left_out: fail): drop it again in another form, or have that noted alone.';
  return { kind: 'refused', code: 'left-out', reason };
}

/** Too many open files: descriptors get free within a second. */
const BUSY_MS = 1000;

function unread(work: WorkItem, outcome: Exclude<ReadOutcome, { kind: 'read' }>): Disposition {
  const { document } = work;
  switch (outcome.kind) {
    case 'gone':
      return { kind: 'skip', event: { type: 'document-gone', id: document.id } };
    case 'busy': {
      const event = { type: 'document-waiting', id: document.id, reason: outcome.reason } as const;
      return { kind: 'requeue', work, after: BUSY_MS, event };
    }
    case 'overtaken':
      return { kind: 'park', work, reason: outcome.reason };
    case 'refused':
      return { kind: 'fail', work, failure: { ...outcome, document, recipe: null, partial: null } };
  }
}

function follow(work: WorkItem, landed: Extract<Joined, { kind: 'follows' }>['landed']): Disposition {
  const reason = 'the same is being asked under another name';
  const event = { type: 'document-waiting', id: work.document.id, reason } as const;
  return { kind: 'requeue', work, after: landed, stays: () => true, event };
}

/** What becomes of a document that need not be asked; else its work item with the attempts of earlier runs. */
async function lookUp(
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

function sharedFate({ why, with: leader }: { readonly why: GivenUp; readonly with: string }): GivenUp {
  return { ...why, reason: `the same bytes were asked as ${leader}, in vain: ${why.reason}` };
}

/** It is not asked again by itself: it fails, or is held for a person. */
export function gaveUp(work: WorkItem, question: Question, why: GivenUp, partial: string | null = null): Disposition {
  const { state, code, reason } = why;
  const failure = { ...question, code, reason, partial };
  return { kind: state === 'held' ? 'hold' : 'fail', work, failure };
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

function withHistory(
  work: WorkItem,
  { attempts, lastNumber, forgiven, lastBilling }: History,
  sha256: string,
): WorkItem {
  return { ...work, attempts, lastNumber, forgiven, lastBilling, sha256 };
}

function historyOf({ startOver, redo }: WorkItem, version: VersionRecord | undefined, redoSince: string): History {
  if (version === undefined) return NO_HISTORY;
  const { lastNumber, lastBilling } = version;
  if (startOver) return { attempts: [], lastNumber, forgiven: lastNumber, lastBilling };
  const attempts = redo ? version.attempts.filter(({ startedAt }) => startedAt >= redoSince) : version.attempts;
  const forgiven = (attempts[0]?.number ?? lastNumber + 1) - 1;
  return { attempts: attempts.filter((made) => !isOutage(made)), lastNumber, forgiven, lastBilling };
}

/** The first request whose reply the ledger does not hold: it may hold hundreds, for a document in parts. */
async function requestAfterReplies(
  context: Context,
  work: WorkItem,
  question: Question,
  inquiry: Inquiry,
  provenance: Provenance,
): Promise<Request | Disposition> {
  const { conversation, ledger, llm, closing, settings } = context;
  const severalRequests = takesSeveralRequests(question.recipe.handling);
  const replies: Reply[] = [];
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each request follows on the replies to those before
    const next = await endedBy(closing, conversation.next(inquiry, [...replies]));
    if (next === 'ended') throw new StoppedError();
    if (next.kind === 'refused') return { kind: 'fail', work, failure: { ...question, ...next } };
    if (next.kind === 'later') return askLater(context, work, question.recipe, next.reason);

    const { prompt, judge } = next;
    const replyKey = severalRequests ? replyKeyOf(question.fingerprint, replies.length, prompt) : null;
    const since = work.redo ? settings.redoSince : undefined;
    // oxlint-disable-next-line no-await-in-loop -- as above
    const kept = replyKey === null ? undefined : await ledger.reply(replyKey, since);
    if (kept === undefined || judge(kept).kind !== 'further') {
      // Later requests have the parsed files from the replies before.
      const parsed = replies.length === 0 ? work.parsed : null;
      const prepared = llm.prepare(parsed === null ? prompt : withParsedFiles(prompt, parsed));
      const sentWhole = settings.test && inquiry.parts.some(({ kind }) => kind !== 'text');
      return { kind: 'request', work, question, provenance, prepared, sentWhole, replyKey, judge };
    }
    replies.push(kept);
  }
}

/** Longer than the minute after which the list of models is loaded again: the API may tell more then. */
const ASK_LATER_MS = 90_000;

/** The document comes back to a run that waits. Until then it is outside the stream, where it holds no place. */
function askLater({ recipes, settings }: Context, work: WorkItem, recipe: Recipe, reason: string): Disposition {
  if (!settings.waitsForParked) return { kind: 'park', work, reason };
  const { document } = work;
  const stays = (): boolean => isSameRecipe(recipes.choose(document), recipe, document);
  const dueAt = Math.round(settings.clock.wall() + ASK_LATER_MS);
  return { kind: 'park', work, reason, dueAt, back: { after: ASK_LATER_MS, stays } };
}

/**
 * Adds what the API parsed out of the files before a call failed, so that it parses, and bills, nothing twice (OpenRouter,
 * PDF inputs, "Skip Parsing Costs": annotations go back in a message of the assistant).
 */
function withParsedFiles(prompt: Prompt, annotations: readonly unknown[]): Prompt {
  return {
    ...prompt,
    messages: [
      ...prompt.messages,
      { role: 'assistant', content: 'The file was read.', annotations },
      { role: 'user', content: 'Now answer what was asked above.' },
    ],
  };
}

/** Documents of the same bytes that are asked the same of the same API have the same one, and share an answer. */
export function fingerprintOf(
  { document, sha256 }: Pick<DocumentContent, 'document' | 'sha256'>,
  recipe: Pick<Recipe, 'hash' | 'circumstances'>,
): string {
  return hash('sha256', sha256 + recipe.hash + recipe.circumstances(document));
}

/**
 * The ledger's key for the reply to one of a document's requests: by its place after so many replies, and what it says. Not
 * by how it is sent, nor by the longest answer it allows: these change with flags, prices and what is known of the model,
 * and a reply that was paid for is good all the same.
 */
export function replyKeyOf(fingerprint: string, replies: number, { model, messages }: Prompt): string {
  const key = createHash('sha256').update(JSON.stringify([fingerprint, replies, model]));
  for (const { role, content } of messages) {
    const parts = typeof content === 'string' ? [{ kind: 'text' as const, text: content }] : content;
    // Parts that are no text are the document's own, which the fingerprint covers.
    const texts = parts.map((part) => [part.kind, part.kind === 'text' ? part.text : '']);
    key.update(JSON.stringify([role, texts]));
  }
  return key.digest('hex');
}
