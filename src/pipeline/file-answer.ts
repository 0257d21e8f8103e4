import { isWhole } from '../domain/document.ts';
import { PathError, StoppedError } from '../domain/errors.ts';
import { costOf, receiptOf } from '../domain/receipt.ts';
import type { ResultPlace } from '../domain/request.ts';
import { releaseInput } from './chores.ts';
import type { Context } from './context.ts';
import type { Disposition } from './disposition.ts';
import { fileFailure, PATH_BARRED } from './file-failure.ts';
import { type Emit, pendingEvent, type WorkItem } from './work-item.ts';

type Filing = Extract<Disposition, { kind: 'file' }>;

/**
 * Files an answer, records the document as done, and lets its input go. While the disk refuses, the answer is kept and
 * nothing is sent. If only its own path is barred, the document fails, and the answer lies beside the report.
 */
export async function fileAnswer(context: Context, filing: Filing, emit: Emit): Promise<void> {
  const { ledger, outbox, disk } = context;
  const { work, question, answer, told = [], reused, isRecorded } = filing;
  const { document, recipe } = question;
  let filed: string | null = null;
  try {
    // If the process dies in between, the next run knows whose result it finds in the outbox.
    if (reused)
      await disk.untilOk(() => ledger.settle({ ...question, api: recipe.api, state: 'pending', dueAt: null }));
    const result = await disk.untilOk(() => outbox.fileResult(document.id, recipe.place(document), answer.text));
    filed = result;
    if (!isWhole(answer)) emit({ type: 'document-read-in-part', id: document.id, leftOut: answer.leftOut });
    // The document is not done until its cost and its answer are in the ledger.
    if (!isRecorded) throw new StoppedError();
    await fileBeside(context, filing, result, emit);
    // To restore its own answer is no reuse of another document's.
    const isForeign = answer.document !== document.id;
    const done = { state: 'done', result, reused: isForeign, readers: answer.readers } as const;
    await disk.untilOk(() => ledger.settle({ api: recipe.api, ...done, ...question }));
    for (const message of answer.notes)
      if (!told.includes(message)) emit({ type: 'document-noted', id: document.id, message });
    emit(filedEvent(context, filing, result));
  } catch (error) {
    if (error instanceof PathError) {
      const reason = `${error.message} Its answer lies beside this report, in .partial.md; ${costInWords(work)}.`;
      await fileFailure(context, work, { ...question, code: PATH_BARRED, reason, partial: answer.text }, emit);
      return;
    }
    if (!(error instanceof StoppedError)) throw error;
    await cutOff(context, filing, filed, emit);
    return;
  }
  await releaseInput(context, question, emit);
}

/** What came with the answer and is kept, and the receipt. What cannot be filed here holds nothing up. */
async function fileBeside(context: Context, filing: Filing, result: string, emit: Emit): Promise<void> {
  const { outbox, disk, settings } = context;
  const { work, question, answer } = filing;
  const { document, recipe } = question;
  const { keep } = recipe.handling;
  const unlessBarred = async (what: string, file: (place: ResultPlace) => Promise<void>): Promise<void> => {
    try {
      await disk.untilOkOrStopped(() => file(recipe.place(document)));
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      const message = `${document.id}: ${what} could not be filed: ${error.message}`;
      emit({ type: 'run-noted', level: 'warn', message });
    }
  };
  const receipt = () => receiptOf({ result, answer, attempts: work.attempts, ...question });
  if (keep.length > 0)
    await unlessBarred('what came with its answer', (place) => outbox.fileAttachments(place, keep, answer.extras));
  if (settings.receipts) await unlessBarred('its receipt', (place) => outbox.fileReceipt(place, receipt()));
}

function filedEvent({ settings: { clock } }: Context, { work, question, answer, reused }: Filing, result: string) {
  const { id } = question.document;
  if (reused) return { type: 'document-reused', id, result, from: answer.document } as const;
  const { costUsd } = costOf(work.attempts);
  const seconds = Math.round(clock.now() - (work.startedAt ?? clock.now())) / 1000;
  const attempts = work.attempts.length;
  return { type: 'document-succeeded', id, result, attempts, model: answer.attempt.model, costUsd, seconds } as const;
}

/** The run was cut off while the disk refused the answer or its record: people learn whether it will be paid for again. */
async function cutOff(context: Context, { work, question }: Filing, filed: string | null, emit: Emit): Promise<void> {
  const since = work.redo ? context.settings.redoSince : undefined;
  const kept = await context.ledger.answer(question.fingerprint, since).then(
    (answer) => answer !== undefined,
    () => false,
  );
  const missing =
    filed === null ? 'the disk refused its result' : `its result is ${filed}, but the ledger refused to note it`;
  const next = kept
    ? 'the next run files it from the ledger'
    : `it is asked, and paid for, again (${costInWords(work)})`;
  const reason = `it was answered, but ${missing}: ${filed === null ? next : 'the next run finds it in the outbox'}`;
  emit({ type: 'run-noted', level: 'warn', message: `${work.document.id}: ${reason}` });
  emit(pendingEvent(work, reason));
}

function costInWords({ attempts }: WorkItem): string {
  const { costUsd } = costOf(attempts);
  return costUsd === null ? 'what it cost is not known' : `it cost ${Number(costUsd.toPrecision(6))} USD`;
}
