import type { Judgement } from '../../domain/ports.ts';
import type { OutputRules } from '../../domain/recipe.ts';
import type { Answer, Reply, ReplyExtras } from '../../domain/request.ts';
import { mergeExtras, type Progress, type ReplyRules, type TokenLimit, takeReply } from './progress.ts';

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

function concluded(answers: readonly Answer[], { rules, output, combines, notes }: JudgeSettings): Judgement {
  const [only] = answers;
  if (only !== undefined && answers.length === 1) return answered(only, notes);
  if (combines) return answered(combined(answers), notes);
  const joined = joinAnswers(answers, output);
  if (output.format === 'text') return answered(joined, notes);
  const reading = rules.read(joined.text);
  return reading.kind === 'sound'
    ? answered({ ...joined, text: reading.text }, notes)
    : { kind: 'fail', code: reading.code, message: `${reading.message} (all parts joined)`, partial: joined.text };
}

/** The last answer stands for all. */
function combined(answers: readonly Answer[]): Answer {
  const { text = '' } = answers.at(-1) ?? {};
  const notes = answers.flatMap((part) => part.notes);
  return {
    text,
    extras: extrasOf(answers),
    notes: [...notes, 'A last request made one answer of those to the parts.'],
  };
}

/** The answers to the parts of a document as one: lists of JSON in one list, texts with a blank line between them. */
function joinAnswers(answers: readonly Answer[], { format }: JudgeSettings['output']): Answer {
  const texts = answers.map(({ text }) => text);
  return {
    text: format === 'json' ? joinedJson(texts) : joinedText(texts),
    extras: extrasOf(answers),
    notes: answers.flatMap(({ notes }, index) => notes.map((note) => `Part ${index + 1}: ${note}`)),
  };
}

function extrasOf(answers: readonly Answer[]): ReplyExtras {
  return answers.map(({ extras }) => extras).reduce(mergeExtras, {});
}

function answered({ text, extras, notes }: Answer, before: readonly string[]): Judgement {
  return { kind: 'answer', answer: { text, extras, notes: [...before, ...notes] } };
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
