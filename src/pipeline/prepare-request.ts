import { asapScheduler, concatMap, EMPTY, expand, filter, map, type Observable, of, subscribeOn } from 'rxjs';
import type { DocumentContent } from '../domain/document.ts';
import type { Inquiry, Move, PreparedRequest } from '../domain/ports.ts';
import { takesSeveralRequests } from '../domain/recipe.ts';
import type { Reply } from '../domain/reply.ts';
import { alreadyParsed } from '../stages/already-parsed.ts';
import { replyKeyOf } from '../stages/fingerprint.ts';
import type { AskPorts, AskSettings } from './context.ts';
import type { Question, Turn } from './look-up.ts';
import type { Work } from './work-item.ts';

/** A request that is ready to leave, and what is made of its reply. */
export interface Call {
  readonly kind: 'call';
  readonly work: Work;
  readonly question: Question;
  readonly request: PreparedRequest;
  /** What its reply is kept under, where further requests follow on it; null where none may. */
  readonly replyKey: string | null;
  readonly judge: Ask['judge'];
}

type Ask = Extract<Move, { kind: 'ask' }>;

/** Why a document cannot be sent, or no further: a stable word and a sentence. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
  /** What there is of an answer, for people; null where there is nothing. */
  readonly partial: string | null;
}

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
