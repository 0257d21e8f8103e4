import { createHash } from 'node:crypto';
import { asapScheduler, concatMap, EMPTY, expand, filter, map, type Observable, of, subscribeOn } from 'rxjs';
import type { DocumentContent, DocumentRef } from '../domain/document.ts';
import type { Inquiry, Move } from '../domain/ports.ts';
import { type Recipe, takesSeveralRequests } from '../domain/recipe.ts';
import type { Prompt, Reply } from '../domain/request.ts';
import type { Call, Question, Turn } from './call-outcome.ts';
import type { AskPorts, AskSettings } from './context.ts';
import type { Work } from './work-item.ts';

/** Writes the next request of a document down: the first, or the one that follows on the replies that were kept. */
export function makeReady(
  ports: AskPorts,
  settings: AskSettings,
  earlier: Work,
  question: Question,
  content: DocumentContent,
): Observable<Turn | Call> {
  const { converter } = ports;
  const { recipe, document, fingerprint } = question;
  const work = { ...earlier, startedAt: earlier.startedAt ?? settings.clock.now() };
  return converter
    .convert(content, recipe.handling.pdf)
    .pipe(
      concatMap(
        (converted): Observable<Turn | Call> =>
          converted.kind === 'refused'
            ? of({ kind: 'refused', question, refusal: { ...converted, partial: null } })
            : follow(ports, settings, work, question, { document, recipe, fingerprint, parts: converted.parts }),
      ),
    );
}

/** A request that needs no call, as its reply was kept, and further ones follow on it. */
interface Spared {
  readonly kind: 'spared';
  /** With those before it. */
  readonly replies: readonly Reply[];
}

/** The first request whose reply nobody kept. Of a document in many parts hundreds were: they may not pile up on the stack. */
function follow(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  inquiry: Inquiry,
): Observable<Turn | Call> {
  const after = (replies: readonly Reply[]) =>
    ports.dialogue.next(inquiry, replies).pipe(map((move) => take(ports, settings, work, question, move, replies)));
  return after([]).pipe(
    expand((step) => (step.kind === 'spared' ? after(step.replies).pipe(subscribeOn(asapScheduler)) : EMPTY)),
    filter((step) => step.kind !== 'spared'),
  );
}

function take(
  { llm, ledger }: AskPorts,
  { startedAt }: AskSettings,
  work: Work,
  question: Question,
  move: Move,
  replies: readonly Reply[],
): Turn | Call | Spared {
  if (move.kind === 'refused') return { kind: 'refused', question, refusal: move };
  if (move.kind === 'later') return { kind: 'not now', reason: move.reason };
  const several = takesSeveralRequests(question.recipe.handling);
  const replyKey = several ? replyKeyOf(question.fingerprint, replies.length, move.prompt) : null;
  const kept = replyKey === null ? undefined : ledger.reply(replyKey, work.redo ? startedAt : undefined);
  if (kept !== undefined && move.judge(kept).kind === 'further') return { kind: 'spared', replies: [...replies, kept] };

  // Later requests have what was parsed from the replies before.
  const parsed = replies.length === 0 ? work.parsed : null;
  const request = llm.prepare(parsed === null ? move.prompt : alreadyParsed(move.prompt, parsed));
  return { kind: 'call', work, question, request, replyKey, judge: move.judge };
}

/**
 * The prompt with what the API parsed out of its files before a call failed, so that it parses, and bills, nothing twice
 * (OpenRouter, PDF inputs, "Skip Parsing Costs": annotations go back in a message of the assistant).
 */
function alreadyParsed(prompt: Prompt, annotations: readonly unknown[]): Prompt {
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
  { document, sha256 }: AskedVersion,
  recipe: Pick<Recipe, 'hash' | 'circumstances'>,
): string {
  const hash = createHash('sha256').update(sha256).update(recipe.hash);
  return hash.update(recipe.circumstances(document)).digest('hex');
}

/**
 * What the reply to one of a document's requests is kept under: the one that follows on so many replies, and says this.
 * Not how it is sent, nor how long an answer it leaves room for: these change with flags, prices and what is known of the
 * model, and a reply that was paid for is good all the same.
 */
function replyKeyOf(fingerprint: string, replies: number, { model, messages }: Prompt): string {
  const key = createHash('sha256').update(JSON.stringify([fingerprint, replies, model]));
  for (const { role, content } of messages) {
    const parts = typeof content === 'string' ? [{ kind: 'text' as const, text: content }] : content;
    // What has no text is the document's own, of which the fingerprint tells.
    const texts = parts.map((part) => [part.kind, part.kind === 'text' ? part.text : '']);
    key.update(JSON.stringify([role, texts]));
  }
  return key.digest('hex');
}
