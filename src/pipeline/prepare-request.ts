import { createHash, hash } from 'node:crypto';
import {
  type DocumentContent,
  isWhole,
  leftOutInWords,
  type Provenance,
  type ReadOutcome,
} from '../domain/document.ts';
import { StoppedError } from '../domain/errors.ts';
import type { Converted, Converter, Inquiry } from '../domain/ports.ts';
import { type Recipe, takesSeveralRequests } from '../domain/recipe.ts';
import type { Prompt, Reply } from '../domain/request.ts';
import { endedBy } from '../lib/signal.ts';
import type { Context } from './context.ts';
import type { Disposition, Question, Request } from './disposition.ts';
import { isSameRecipe } from './document-status.ts';
import { lookUp } from './look-up.ts';
import type { Joined } from './single-flight.ts';
import type { WorkItem } from './work-item.ts';

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

/** Documents of the same bytes that are asked the same of the same API have the same one, and share an answer. */
export function fingerprintOf(
  { document, sha256 }: Pick<DocumentContent, 'document' | 'sha256'>,
  recipe: Pick<Recipe, 'hash' | 'circumstances'>,
): string {
  return hash('sha256', sha256 + recipe.hash + recipe.circumstances(document));
}

function follow(work: WorkItem, landed: Extract<Joined, { kind: 'follows' }>['landed']): Disposition {
  const reason = 'the same is being asked under another name';
  const event = { type: 'document-waiting', id: work.document.id, reason } as const;
  return { kind: 'requeue', work, after: landed, stays: () => true, event };
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
