import type { AttemptOutcome, AttemptRecord } from '../domain/attempt.ts';
import type { Judgement } from '../domain/ports.ts';
import type { Attachment } from '../domain/recipe.ts';
import type { Answer, Reply } from '../domain/request.ts';
import { isRecord } from '../lib/json.ts';
import { mistakeInWords, type Request } from './disposition.ts';

/** An attempt's outcome, and what was made of its reply. */
export interface AcceptedReply {
  readonly outcome: AttemptOutcome;
  /** What is filed; null if there is no answer, or not yet. */
  readonly answer: Answer | null;
  /** A reply on which another request follows, and its key in the ledger. */
  readonly kept: ({ readonly key: string } & Reply) | null;
}

/** Judges the reply of an attempt, if it came to its end. Never throws. */
export function acceptReply(
  {
    judge,
    replyKey,
    question,
    prepared,
  }: Pick<Request, 'judge' | 'replyKey' | 'question'> & {
    readonly prepared: Pick<Request['prepared'], 'notes'>;
  },
  outcome: AttemptOutcome,
): AcceptedReply {
  const { reply } = outcome;
  if (reply === null) return { outcome, answer: null, kept: null };
  const judgement = judged(judge, reply, replyKey !== null);
  switch (judgement.kind) {
    case 'answer': {
      const answer = trimmed(judgement.answer, question.recipe.handling.keep);
      const { notes } = prepared;
      const noted = notes.length === 0 ? answer : { ...answer, notes: [...answer.notes, ...notes] };
      return { outcome: accepted(outcome), answer: noted, kept: null };
    }
    case 'further': {
      const kept = replyKey === null ? null : { key: replyKey, ...reply };
      return { outcome: accepted(outcome, judgement), answer: null, kept };
    }
    case 'fail':
      return { outcome: refused(outcome, judgement), answer: null, kept: null };
  }
}

/** Without what its recipe does not keep: what was parsed out of files is the document's own text, and images are large. */
function trimmed(answer: Answer, keep: readonly Attachment[]): Answer {
  const { annotations, images, ...extras } = answer.extras;
  if (annotations === undefined && images === undefined) return answer;
  const shown = keep.includes('annotations') ? annotations : annotations?.filter(isNoFile);
  return {
    ...answer,
    extras: {
      ...extras,
      ...(shown !== undefined && shown.length > 0 && { annotations: shown }),
      ...(images !== undefined && keep.includes('images') && { images }),
    },
  };
}

function isNoFile(annotation: unknown): boolean {
  return !isRecord(annotation) || annotation['type'] !== 'file';
}

/** A bug in sluice fails the document, so that it is not paid for again: what the model said is kept for people. */
function judged(judge: Request['judge'], reply: Reply, mayGoOn: boolean): Judgement {
  try {
    const judgement = judge(reply);
    // Without a key its reply cannot be stored: it would be asked for again and again.
    const isEndless = judgement.kind === 'further' && !mayGoOn;
    if (!isEndless) return judgement;
    throw new Error('another request was not foreseen');
  } catch (error) {
    return { kind: 'fail', code: 'unexpected', message: mistakeInWords(error), partial: reply.text };
  }
}

/** `said`: the code and message of its record. */
function accepted(
  outcome: AttemptOutcome,
  said: Pick<AttemptRecord, 'code' | 'message'> = outcome.record,
): AttemptOutcome {
  const { record, verdict } = outcome;
  if (verdict.kind === 'answer' && said === record) return outcome;
  const { code, message } = said;
  const changed = { ...record, code, message, verdict: 'answer', counts: true } as const;
  return { ...outcome, record: changed, verdict: { kind: 'answer' } };
}

function refused(
  outcome: AttemptOutcome,
  { code, message, partial }: Extract<Judgement, { kind: 'fail' }>,
): AttemptOutcome {
  const record = { ...outcome.record, code, message, verdict: 'fail' as const, counts: true };
  return { ...outcome, record, verdict: { kind: 'fail', suspect: false }, partial };
}
