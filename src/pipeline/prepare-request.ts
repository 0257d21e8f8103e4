import { createHash, hash } from 'node:crypto';
import type { AttemptRecord } from '../domain/attempt.ts';
import type { DocumentContent, DocumentRef, ReadOutcome } from '../domain/document.ts';
import { StoppedError } from '../domain/errors.ts';
import type { DocumentEvent } from '../domain/events.ts';
import type { KnownAnswer, VersionRecord } from '../domain/ledger.ts';
import type { Inquiry } from '../domain/ports.ts';
import { type Recipe, takesSeveralRequests } from '../domain/recipe.ts';
import type { Prompt, Reply } from '../domain/request.ts';
import { endedBy } from '../lib/signal.ts';
import type { Context } from './context.ts';
import type { Disposition, Question, Request } from './disposition.ts';
import { failedEarlier, hasResult, heldEarlier, isSameRecipe, isStale, ownResult, skipped } from './document-status.ts';
import { type GivenUp, givenUp, neverArrived } from './retry-policy.ts';
import type { Joined } from './single-flight.ts';
import { type History, NO_HISTORY, type WorkItem } from './work-item.ts';

/** Reads the document, looks up what is known of its bytes, and writes its next request down; or says what becomes of it. */
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

  const again = joined.kind === 'landed' ? singleFlight.join(fingerprint, document.id) : joined;
  if (again.kind === 'follows') return follow(work, again.landed);

  const timed = { ...found, startedAt: found.startedAt ?? settings.clock.now() };
  const converted = await converter.convert(content, recipe.handling.pdf);
  return converted.kind === 'refused'
    ? { kind: 'fail', work: timed, failure: { ...question, ...converted, partial: null } }
    : nextRequest(context, timed, question, { document, recipe, fingerprint, parts: converted.parts });
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

/** Why nothing need be asked; or the work with the attempts of earlier runs. */
async function lookUp(
  context: Context,
  work: WorkItem,
  question: Question,
  joined: Exclude<Joined, { kind: 'follows' }>,
): Promise<Disposition | WorkItem> {
  const { ledger, settings } = context;
  const { document, sha256, fingerprint } = question;
  const { id } = document;
  // What was never seen has no versions: most documents come once.
  const version = ledger.recall(id) === undefined ? undefined : await ledger.version(id, sha256);
  if (version !== undefined && stands(context, work, question, version)) return known(question, version);

  const answer = await ledger.answer(fingerprint, work.redo ? settings.startedAt : undefined);
  if (answer !== undefined) {
    const attempts = ownAttempts(id, answer, version);
    return { kind: 'file', work: { ...work, attempts }, question, answer, reused: true, isRecorded: true };
  }
  const filed = work.redo || version === undefined ? null : unnotedResult(context, question, version);
  if (filed !== null) {
    const event = skipped(document, 'its result was filed before the ledger could note it', false);
    return { kind: 'skip', event, known: question, result: filed };
  }

  const caughtUp = sha256 === work.sha256 ? work : { ...work, ...historyOf(work, version), sha256 };
  const why = joined.kind === 'shares' ? sharedFate(joined) : givenUp(settings, caughtUp.attempts);
  return why === null ? caughtUp : gaveUp(caughtUp, question, why);
}

/**
 * The path of the result of an attempt that was answered and filed while the ledger refused to record its end: the attempt is
 * in doubt, but the result is complete, so it is not paid for again. Null if nothing lies there, or what lies there is older.
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

/** These very bytes were settled before: the file was touched, not changed. */
function known(question: Question, { state, recipe: made }: VersionRecord): Disposition {
  const { document, recipe } = question;
  const unchanged = (): DocumentEvent =>
    skipped(document, 'its bytes have not changed', isStale({ recipe: made }, recipe));
  const earlier = state === 'held' ? heldEarlier : failedEarlier;
  return { kind: 'skip', event: state === 'done' ? unchanged() : earlier(document), known: question };
}

/** Those that brought an answer, where it was made for this very document; else none. */
function ownAttempts(
  id: string,
  { document, attempt: answered }: KnownAnswer,
  version: VersionRecord | undefined,
): readonly AttemptRecord[] {
  if (document !== id) return [];
  const attempts = version?.attempts ?? [];
  return attempts.length > 0 ? attempts : [answered];
}

/** Whether what became of these bytes before is the last word on them. */
function stands(context: Context, work: WorkItem, { document, recipe }: Question, version: VersionRecord): boolean {
  if (work.redo || version.api !== recipe.api) return false;
  const stale = isStale(version, recipe);
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

function historyOf({ startOver, redo }: WorkItem, version: VersionRecord | undefined): History {
  if (version === undefined) return NO_HISTORY;
  const { attempts, lastNumber, lastBilling } = version;
  if (startOver || redo) return { attempts: [], lastNumber, forgiven: lastNumber, lastBilling };
  const forgiven = (attempts[0]?.number ?? lastNumber + 1) - 1;
  return { attempts: attempts.filter((made) => !neverArrived(made)), lastNumber, forgiven, lastBilling };
}

/** Skips the requests whose replies the ledger holds: hundreds, for a document in parts. */
async function nextRequest(
  context: Context,
  work: WorkItem,
  question: Question,
  inquiry: Inquiry,
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
    const since = work.redo ? settings.startedAt : undefined;
    // oxlint-disable-next-line no-await-in-loop -- as above
    const kept = replyKey === null ? undefined : await ledger.reply(replyKey, since);
    if (kept === undefined || judge(kept).kind !== 'further') {
      // Later requests have what was parsed from the replies before.
      const parsed = replies.length === 0 ? work.parsed : null;
      const prepared = llm.prepare(parsed === null ? prompt : withParsedFiles(prompt, parsed));
      return { kind: 'request', work, question, prepared, replyKey, judge };
    }
    replies.push(kept);
  }
}

/** Longer than the minute after which the list of models is loaded again. */
const ASK_LATER_MS = 90_000;

/** The document stays where it is, and comes back to a run that waits: outside the stream, where it holds no place. */
function askLater({ recipes, settings }: Context, work: WorkItem, recipe: Recipe, reason: string): Disposition {
  if (!settings.waitsForParked) return { kind: 'park', work, reason };
  const { document } = work;
  const stays = (): boolean => isSameRecipe(recipes.choose(document), recipe, document);
  const dueAt = Math.round(settings.clock.wall() + ASK_LATER_MS);
  return { kind: 'park', work, reason, dueAt, back: { after: ASK_LATER_MS, stays } };
}

/**
 * The prompt with what the API parsed out of its files before a call failed, so that it parses, and bills, nothing twice
 * (OpenRouter, PDF inputs, "Skip Parsing Costs": annotations go back in a message of the assistant).
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

interface AskedVersion {
  readonly document: DocumentRef;
  /** Of the bytes. */
  readonly sha256: string;
}

/** Tells answers apart: documents of the same bytes, asked the same of the same API, have the same one. */
export function fingerprintOf(
  { document, sha256 }: AskedVersion | DocumentContent,
  recipe: Pick<Recipe, 'hash' | 'circumstances'>,
): string {
  return hash('sha256', sha256 + recipe.hash + recipe.circumstances(document));
}

/**
 * What the reply to one of a document's requests is kept under: the one that follows on so many replies, and says this.
 * Not how it is sent, nor how long an answer it leaves room for: these change with flags, prices and what is known of the
 * model, and a reply that was paid for is good all the same.
 */
export function replyKeyOf(fingerprint: string, replies: number, { model, messages }: Prompt): string {
  const key = createHash('sha256').update(JSON.stringify([fingerprint, replies, model]));
  for (const { role, content } of messages) {
    const parts = typeof content === 'string' ? [{ kind: 'text' as const, text: content }] : content;
    // What has no text is the document's own, which the fingerprint covers.
    const texts = parts.map((part) => [part.kind, part.kind === 'text' ? part.text : '']);
    key.update(JSON.stringify([role, texts]));
  }
  return key.digest('hex');
}
