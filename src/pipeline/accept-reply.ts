import type { AttemptOutcome } from '../domain/attempt.ts';
import type { Judgement } from '../domain/ports.ts';
import type { Attachment } from '../domain/recipe.ts';
import type { Answer, Reply } from '../domain/request.ts';
import { errorMessage } from '../lib/errors.ts';
import { isRecord } from '../lib/json.ts';
import type { Request } from './disposition.ts';

/** An attempt's outcome, and what was made of its reply. */
export interface AcceptedReply {
  readonly outcome: AttemptOutcome;
  /** What is filed; null where there is no answer, or not yet. */
  readonly answer: Answer | null;
  /** A reply on which another request follows, and what it is kept under. */
  readonly kept: ({ readonly key: string } & Reply) | null;
}

/** What an attempt comes to once its reply, if it came to its end, is judged. Never throws. */
export function acceptReply(
  { judge, replyKey, question }: Pick<Request, 'judge' | 'replyKey' | 'question'>,
  outcome: AttemptOutcome,
): AcceptedReply {
  const { reply } = outcome;
  if (reply === null) return { outcome, answer: null, kept: null };
  const judgement = judged(judge, reply, replyKey !== null);
  switch (judgement.kind) {
    case 'answer':
      return { outcome: accepted(outcome), answer: kept(judgement.answer, question.recipe.handling.keep), kept: null };
    case 'further':
      return { outcome: accepted(outcome, judgement), answer: null, kept: keptAs(replyKey, reply) };
    case 'fail':
      return { outcome: refused(outcome, judgement), answer: null, kept: null };
  }
}

function keptAs(key: string | null, reply: Reply): AcceptedReply['kept'] {
  return key === null ? null : { key, ...reply };
}

/** With what its recipe wants to keep: what was parsed out of files is the document's own text, and images are large. */
function kept(answer: Answer, keep: readonly Attachment[]): Answer {
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

/** A mistake of the program itself is not paid for again: what the model said is kept for people. */
function judged(judge: Request['judge'], reply: Reply, mayGoOn: boolean): Judgement {
  try {
    const judgement = judge(reply);
    // Without a key its reply cannot be stored: it would be asked for again and again.
    const isEndless = judgement.kind === 'further' && !mayGoOn;
    return isEndless ? mistake('another request was not foreseen', reply) : judgement;
  } catch (error) {
    return mistake(errorMessage(error), reply);
  }
}

function mistake(what: string, { text }: Reply): Extract<Judgement, { kind: 'fail' }> {
  return { kind: 'fail', code: 'unexpected', message: `a mistake of the program: ${what}`, partial: text };
}

function accepted(
  outcome: AttemptOutcome,
  changes: Partial<Pick<AttemptOutcome['record'], 'code' | 'message'>> = {},
): AttemptOutcome {
  const { record } = outcome;
  if (outcome.verdict.kind === 'answer' && changes.code === undefined) return outcome;
  const { code = record.code, message = record.message } = changes;
  return {
    ...outcome,
    record: { ...record, code, message, verdict: 'answer', counts: true },
    verdict: { kind: 'answer' },
  };
}

function refused(
  outcome: AttemptOutcome,
  { code, message, partial }: Extract<Judgement, { kind: 'fail' }>,
): AttemptOutcome {
  const record = { ...outcome.record, code, message, verdict: 'fail' as const, counts: true };
  return { ...outcome, record, verdict: { kind: 'fail', suspect: false }, partial };
}
