import type { Context } from './context.ts';
import type { Disposition, Parked, Question } from './disposition.ts';
import { fileAnswer } from './file-answer.ts';
import { fail, hold } from './file-failure.ts';
import { releaseInput } from './release-input.ts';
import type { Emit, WorkItem } from './work-item.ts';
import type { Later } from './work-queue.ts';

/** Does what a disposition says. Resolves to the updated work item if this run processes it again, else null. */
export async function apply(context: Context, disposition: Disposition, emit: Emit): Promise<Later<WorkItem> | null> {
  switch (disposition.kind) {
    case 'file':
      await fileAnswer(context, disposition, emit);
      return null;
    case 'fail':
      await fail(context, disposition, emit);
      return null;
    case 'hold':
      await hold(context, disposition, emit);
      return null;
    case 'skip':
      if (disposition.question !== undefined) await note(context, disposition.question, disposition.result);
      emit(disposition.event);
      if (disposition.question !== undefined && disposition.event.type === 'document-skipped')
        await releaseInput(context, disposition.question, emit);
      return null;
    case 'requeue':
      if (disposition.event !== undefined) emit(disposition.event);
      return { item: disposition.work, after: disposition.after, stays: disposition.stays };
    case 'park':
      return park(context, disposition, emit);
  }
}

/** Records the new state of the file, or the result that was found, so that the next scan need not read the file. */
function note({ ledger, disk }: Context, question: Question, result: string | undefined): Promise<void> {
  const found = { api: question.recipe.api, fingerprint: null, reused: false, readers: null, state: 'done' } as const;
  return disk.untilOk(() =>
    result === undefined ? ledger.touch(question) : ledger.settle({ ...question, ...found, result }),
  );
}

async function park({ ledger, disk }: Context, parked: Parked, emit: Emit): Promise<Later<WorkItem> | null> {
  const { work, reason, dueAt = null, cause, remember, back } = parked;
  if (remember !== undefined) {
    const { question, until } = remember;
    const settlement = { ...question, api: question.recipe.api, state: 'pending', dueAt: until } as const;
    // If the run is cut off before, it is pending all the same.
    await disk.untilOkOrStopped(() => ledger.settle(settlement));
  }
  emit({ type: 'document-pending', id: work.document.id, reason, dueAt, ...(cause !== undefined && { cause }) });
  return back === undefined ? null : { item: work, ...back };
}
