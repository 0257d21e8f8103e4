import type { Judgement } from '../../domain/ports.ts';
import type { Answer, Reply, ReplyExtras } from '../../domain/request.ts';
import { mergeExtras, type Progress, type ReplyRules, type TokenLimit, takeReply } from './progress.ts';

interface JudgeSettings {
  readonly rules: ReplyRules;
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

function concluded(answers: readonly Answer[], { rules, combines, notes }: JudgeSettings): Judgement {
  const answered = (text: string, extras: ReplyExtras, own: readonly string[]): Judgement => {
    return { kind: 'answer', answer: { text, extras, notes: [...notes, ...own] } };
  };
  const [only] = answers;
  if (only !== undefined && answers.length === 1) return answered(only.text, only.extras, only.notes);
  const extras = answers.map((part) => part.extras).reduce(mergeExtras, {});
  if (combines) {
    const own = answers.flatMap((part) => part.notes);
    const note = 'A last request made one answer of those to the parts.';
    return answered(answers.at(-1)?.text ?? '', extras, [...own, note]);
  }
  const own = answers.flatMap((part, index) => part.notes.map((note) => `Part ${index + 1}: ${note}`));
  const texts = answers.map(({ text }) => text);
  if (rules.format === 'text') return answered(joinedText(texts), extras, own);
  const joined = joinedJson(texts);
  const reading = rules.read(joined);
  return reading.kind === 'sound'
    ? answered(reading.text, extras, own)
    : { kind: 'fail', code: reading.code, message: `${reading.message} (all parts joined)`, partial: joined };
}

/** With a blank line between them. */
function joinedText(texts: readonly string[]): string {
  return texts.map((text, index) => (index === texts.length - 1 ? text : text.trimEnd())).join('\n\n');
}

/** One list, by the text, so that numbers keep their digits. What is no list becomes an item of one. */
function joinedJson(texts: readonly string[]): string {
  const allLists = texts.every((text) => text.startsWith('['));
  const items = texts.map((text) => (allLists ? text.trim().slice(1, -1) : text).trim()).filter((text) => text !== '');
  return `[${items.join(',')}]`;
}
