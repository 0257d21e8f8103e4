import type { Judgement } from '../../domain/ports.ts';
import type { OutputRules } from '../../domain/recipe.ts';
import type { Reply } from '../../domain/request.ts';
import { type ChainRules, mergeExtras, type Piece, type Progress, type TokenLimit, takeReply } from './progress.ts';

interface JudgeSettings {
  readonly rules: ChainRules;
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
    const step = takeReply(progress.chain, reply, rules, limit);
    if (step.kind === 'further') return { kind: 'further', code: step.code, message: step.message };
    if (step.kind === 'fail') return step;
    const pieces = [...progress.pieces, step.piece];
    if (pieces.length >= stages) return concluded(pieces, settings);
    return { kind: 'further', code: 'part-answered', message: `Request ${pieces.length} of ${stages} is answered` };
  };
}

function concluded(pieces: readonly Piece[], { rules, output, combines, notes }: JudgeSettings): Judgement {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return answer(only, notes);
  if (combines) return answer(combined(pieces), notes);
  const joined = joinPieces(pieces, output);
  if (output.format === 'text') return answer(joined, notes);
  const reading = rules.read(joined.text);
  return reading.kind === 'sound'
    ? answer({ ...joined, text: reading.text }, notes)
    : { kind: 'fail', code: reading.code, message: `${reading.message} (all parts joined)`, partial: joined.text };
}

/** The last answer stands for all. */
function combined(pieces: readonly Piece[]): Piece {
  const { text = '' } = pieces.at(-1) ?? {};
  return {
    text,
    extras: pieces.map(({ extras }) => extras).reduce(mergeExtras, {}),
    notes: [...pieces.flatMap((piece) => piece.notes), 'A last request made one answer of those to the parts.'],
  };
}

function answer({ text, extras, notes }: Piece, before: readonly string[]): Judgement {
  return { kind: 'answer', answer: { text, extras, notes: [...before, ...notes] } };
}

/** The answers to the parts of a document as one: lists of JSON in one list, texts with a blank line between them. */
function joinPieces(pieces: readonly Piece[], { format }: Pick<OutputRules, 'format'>): Piece {
  const texts = pieces.map(({ text }) => text);
  return {
    text: format === 'json' ? joinedJson(texts) : joinedText(texts),
    extras: pieces.map(({ extras }) => extras).reduce(mergeExtras, {}),
    notes: pieces.flatMap(({ notes }, index) => notes.map((note) => `Part ${index + 1}: ${note}`)),
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
