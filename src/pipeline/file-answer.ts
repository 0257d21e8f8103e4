import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  map,
  type Observable,
  type OperatorFunction,
  of,
  pipe,
} from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import { PathTrouble } from '../domain/errors.ts';
import type { KnownAnswer } from '../domain/ledger.ts';
import { costOf, receiptOf } from '../domain/receipt.ts';
import type { Recipe } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import { orElse } from '../lib/operators.ts';
import type { Question } from './call-outcome.ts';
import type { AskPorts, AskSettings } from './context.ts';
import { fileFailure, ifBarred, PATH_BARRED } from './file-failure.ts';
import { note, pending, type Step, type Work } from './work-item.ts';

/** An answer, and whether the ledger held it: then no call was made for this result. */
interface Filing extends KnownAnswer {
  readonly reused: boolean;
}

/**
 * Files an answer that the ledger holds, remembers the document as done, and lets its input go. While the disk refuses,
 * the answer is kept and nothing is sent. Where only its own path is barred, the document fails, and the answer lies
 * beside the report.
 */
export function fileAnswer(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  filing: Filing,
): Observable<Step> {
  const { outbox, disk } = ports;
  const { document, recipe } = question;
  const place = recipe.place(document);
  return outbox.fileResult(document.id, place, filing.text).pipe(
    disk.untilWell(),
    concatMap((result) =>
      concat(
        recipe.handling.keep.length > 0 ? fileKeepsakes(ports, question, filing) : EMPTY,
        settings.receipts ? fileReceipt(ports, work, question, filing, result) : EMPTY,
        settle(ports, settings, work, question, filing, result),
      ),
    ),
    ifBarred((message) => {
      const reason = `${message} Its answer lies beside this report, in .partial.md; ${inWords(work)}.`;
      return fileFailure(ports, settings, work, { ...question, code: PATH_BARRED, reason, partial: filing.text });
    }),
    orElse(() => unsettled(ports, work, question, 'the disk refused its result')),
  );
}

function fileReceipt(
  { outbox, disk }: AskPorts,
  { attempts }: Work,
  question: Question,
  answer: Filing,
  result: string,
): Observable<Step> {
  const { document, recipe } = question;
  const receipt = receiptOf({ ...question, result, answer, attempts });
  return outbox.fileReceipt(recipe.place(document), receipt).pipe(disk.untilWell(), beside(document, 'its receipt'));
}

/** What came with the answer and is to be kept. */
function fileKeepsakes(
  { outbox, disk }: AskPorts,
  { document, recipe }: Question,
  { extras }: Filing,
): Observable<Step> {
  return outbox
    .fileKeepsakes(recipe.place(document), recipe.handling.keep, extras)
    .pipe(disk.untilWell(), beside(document, 'what came with its answer'));
}

/** What cannot be filed beside a result keeps nothing up. */
function beside({ id }: DocumentRef, what: string): OperatorFunction<void, Step> {
  return pipe(
    ignoreElements(),
    catchError((error: unknown) => {
      if (!(error instanceof PathTrouble)) throw error;
      return of(note('warn', `${id}: ${what} could not be filed: ${error.message}`));
    }),
  );
}

/** The document counts as done when the ledger has it, and not before. */
function settle(
  ports: AskPorts,
  settings: AskSettings,
  work: Work,
  question: Question,
  filing: Filing,
  result: string,
): Observable<Step> {
  const { ledger, disk } = ports;
  const { recipe } = question;
  const { id } = question.document;
  // Its own answer that comes back is no other's.
  const reused = filing.document !== id;
  return ledger.settle({ ...question, api: recipe.api, state: 'done', result, reused }).pipe(
    disk.untilWell(),
    concatMap(() => {
      const notes = filing.notes.map((message): Step => ({ event: { type: 'document-noted', id, message } }));
      const filed = of(...notes, told(settings, work, filing, id, result));
      return afterwards(settings, recipe) === 'keep' ? filed : concat(filed, release(ports, settings, question));
    }),
    orElse(() => unsettled(ports, work, question, `its result is ${result}, but the ledger refused to note it`)),
  );
}

function told({ clock }: AskSettings, work: Work, filing: Filing, id: string, result: string): Step {
  if (filing.reused) return { event: { type: 'document-reused', id, result, from: filing.document } };
  const { costUsd } = costOf(work.attempts);
  const seconds = Math.round(clock.now() - (work.startedAt ?? clock.now())) / 1000;
  const attempts = work.attempts.length;
  return { event: { type: 'document-succeeded', id, result, attempts, model: filing.attempt.model, costUsd, seconds } };
}

/** The run was cut off while the disk refused something of an answer: who may pay for it again should know. */
function unsettled({ ledger }: AskPorts, work: Work, { fingerprint }: Question, trouble: string): Observable<Step> {
  return defer(() => of(ledger.answer(fingerprint) !== undefined)).pipe(
    catchError(() => of(false)),
    concatMap((kept) => {
      const next = kept
        ? 'the next run files it from the ledger'
        : `it is asked, and paid for, again (${inWords(work)})`;
      const reason = `it was answered, but ${trouble}: ${next}`;
      return of(note('warn', `${work.document.id}: ${reason}`), pending(work, reason));
    }),
  );
}

function inWords({ attempts }: Work): string {
  const { costUsd } = costOf(attempts);
  return costUsd === null ? 'what it cost is not known' : `it cost ${Number(costUsd.toPrecision(6))} USD`;
}

/** What becomes of an input that is done with: as its recipe says, else as the run does. */
export function afterwards({ after }: Pick<AskSettings, 'after'>, { handling }: Recipe): AskSettings['after'] {
  return handling.after ?? after;
}

/** Lets the input of a document go that is done with, durably so. Where it cannot go it stays, which harms nothing. */
export function release(
  { inbox }: AskPorts,
  settings: AskSettings,
  { document, sha256, recipe }: Pick<Question, 'document' | 'sha256' | 'recipe'>,
): Observable<Step> {
  const after = afterwards(settings, recipe);
  if (after === 'keep') return EMPTY;
  const { id } = document;
  return inbox.release(document, sha256, after).pipe(
    map((to): Step => ({ event: { type: 'document-departed', id, to } })),
    catchError((error: unknown) => of(note('warn', `${id} stays in the inbox: ${errorMessage(error)}`))),
  );
}

/**
 * Lets the input of a document go that was answered before: by an earlier run, or by this one when it could not leave.
 * It is read first: only the very bytes that were answered may go. Never errors; a later scan brings it again.
 */
export function depart(ports: AskPorts, settings: AskSettings, document: DocumentRef): Observable<Step> {
  const { inbox, ledger, recipes } = ports;
  return inbox.read(document).pipe(
    concatMap((outcome) => {
      if (outcome.kind !== 'read') return EMPTY;
      const { content } = outcome;
      const isAnswered = ledger.version(content.document.id, content.sha256)?.state === 'done';
      return isAnswered ? release(ports, settings, { ...content, recipe: recipes.choose(document) }) : EMPTY;
    }),
    catchError(() => EMPTY),
  );
}
