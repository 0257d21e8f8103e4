import type { Judgement } from '../../domain/ports.ts';
import type { OutputRules } from '../../domain/recipe.ts';
import type { Reply } from '../../domain/request.ts';
import {
  mergeExtras,
  type Progress,
  type ReplyRules,
  type SegmentAnswer,
  type TokenLimit,
  takeReply,
} from './progress.ts';

interface JudgeSettings {
  readonly rules: ReplyRules;
  readonly output: Pick<OutputRules, 'format'>;
  readonly progress: Progress;
  /** Requests that a whole answer needs at least: one for each part, and one that combines them. */
  readonly stages: number;
  readonly combines: boolean;
  readonly limit: TokenLimit;
  /** How the document was asked, for people. */
  readonly notes: readonly string[];
}

/** What is made of the next reply. Made here, so that nothing of the document is held while the call is in flight. */
export function createJudge(settings: JudgeSettings): (reply: Reply) => Judgement {
  const { rules, progress, stages, limit } = settings;
  return (reply) => {
    const step = takeReply(progress.continuation, reply, rules, limit);
    if (step.kind === 'further') return { kind: 'further', code: step.code, message: step.message };
    if (step.kind === 'fail') return step;
    const answers = [...progress.answers, step.answer];
    if (answers.length >= stages) return concluded(answers, settings);
    return { kind: 'further', code: 'part-answered', message: `Request ${answers.length} of ${stages} is answered` };
  };
}

function concluded(answers: readonly SegmentAnswer[], { rules, output, combines, notes }: JudgeSettings): Judgement {
  const [only] = answers;
  if (only !== undefined && answers.length === 1) return answer(only, notes);
  if (combines) return answer(combined(answers), notes);
  const joined = joinAnswers(answers, output);
  if (output.format === 'text') return answer(joined, notes);
  const reading = rules.read(joined.text);
  return reading.kind === 'sound'
    ? answer({ ...joined, text: reading.text }, notes)
    : { kind: 'fail', code: reading.code, message: `${reading.message} (all parts joined)`, partial: joined.text };
}

/** The last answer stands for all. */
function combined(answers: readonly SegmentAnswer[]): SegmentAnswer {
  const { text = '' } = answers.at(-1) ?? {};
  return {
    text,
    extras: answers.map(({ extras }) => extras).reduce(mergeExtras, {}),
    notes: [...answers.flatMap((part) => part.notes), 'A last request made one answer of those to the parts.'],
  };
}

function answer({ text, extras, notes }: SegmentAnswer, before: readonly string[]): Judgement {
  return { kind: 'answer', answer: { text, extras, notes: [...before, ...notes] } };
}

/** The answers to the parts of a document as one: lists of JSON in one list, texts with a blank line between them. */
function joinAnswers(answers: readonly SegmentAnswer[], { format }: Pick<OutputRules, 'format'>): SegmentAnswer {
  const texts = answers.map(({ text }) => text);
  return {
    text: format === 'json' ? joinedJson(texts) : joinedText(texts),
    extras: answers.map(({ extras }) => extras).reduce(mergeExtras, {}),
    notes: answers.flatMap(({ notes }, index) => notes.map((note) => `Part ${index + 1}: ${note}`)),
  };
}

function joinedText(texts: readonly string[]): string {
  return texts.map((text, index) => (index === texts.length - 1 ? text : text.trimEnd())).join('\n\n');
}

/** By the text, so that numbers keep their digits. What is no list becomes an item of one. */
function joinedJson(texts: readonly string[]): string {
  const allLists = texts.every((text) => text.startsWith('['));
  const items = texts.map((text) => (allLists ? text.trim().slice(1, -1) : text).trim()).filter((text) => text !== '');
  return `[${items.join(',')}]`;
}
