import { combineLatest, map, type Observable, of, switchMap, throwError } from 'rxjs';
import type { Models } from '../../domain/models.ts';
import type { Inquiry, Move } from '../../domain/ports.ts';
import type { ChatMessage, Prompt } from '../../domain/request.ts';
import { isRecord } from '../../lib/json.ts';
import { wholeCharacters } from '../../lib/text.ts';
import { Unaskable } from './errors.ts';
import { type FitSettings, fitAnswer, inputsOf, requireFacts, requireInputs, withMoreTokens } from './fit.ts';
import { createJudge } from './judge.ts';
import { withPdfEngine } from './pdf-engine.ts';
import { type Course, stagesOf } from './plan.ts';
import type { Chain, ChainRules, Piece, Progress, TokenLimit } from './progress.ts';
import { renderPrompt } from './prompt.ts';
import { withResponseFormat } from './response-format.ts';

interface Conversation extends Omit<Asking, 'models'> {
  readonly rules: ChainRules;
  readonly settings: FitSettings;
}

/** The request that follows where a document stands. Errors with Unaskable or NotNow. */
export function nextRequest(conversation: Conversation, progress: Progress): Observable<Move> {
  const { handling } = conversation.inquiry.recipe;
  const { models } = conversation.settings;
  const { pieces: answered, chain } = progress;
  const stage = { index: answered.length, answered, goesOn: chain.said !== '' };
  return stageRequest({ ...conversation, models }, stage).pipe(
    switchMap((first) => requireFacts(chainPrompt(first, chain), handling, models)),
    switchMap((asked) => limited(asked, progress, conversation)),
    map(({ prompt, limit }) => ({
      kind: 'ask',
      prompt: handling.maxCostUsd === null ? prompt : { ...prompt, bounded: true },
      judge: judgeOf(conversation, progress, limit),
    })),
  );
}

function judgeOf({ inquiry, course, rules }: Conversation, progress: Progress, limit: TokenLimit) {
  const { output } = inquiry.recipe.handling;
  const combines = course.combine !== null;
  return createJudge({ rules, output, progress, stages: stagesOf(course), combines, limit, notes: course.notes });
}

interface Limited {
  readonly prompt: Prompt;
  readonly limit: TokenLimit;
}

/** With an answer that fits, and what is known of its limit. */
function limited(asked: Prompt, { chain }: Progress, { rules, settings }: Conversation): Observable<Limited> {
  const tokensOf = ({ maxTokens = settings.maxTokens }: Prompt) => maxTokens;
  const longer = () => withMoreTokens(asked, settings).pipe(switchMap((prompt) => fitAnswer(prompt, settings)));
  const fitting = chain.longer ? longer() : fitAnswer(asked, settings);
  const mayGrow = rules.onLength === 'retry' && !chain.longer;
  if (!mayGrow) return fitting.pipe(map((prompt) => ({ prompt, limit: { tokens: tokensOf(prompt), grows: false } })));
  return combineLatest([fitting, longer()]).pipe(
    map(([prompt, grown]) => ({
      prompt,
      limit: { tokens: tokensOf(prompt), grows: tokensOf(grown) > tokensOf(prompt) },
    })),
  );
}

interface Asking {
  readonly inquiry: Inquiry;
  /** The prompt of the document as one. */
  readonly whole: Prompt;
  readonly course: Course;
  readonly models: Models;
}

interface Stage {
  /** From 0: the pieces of the course, and what combines the answers to them. */
  readonly index: number;
  /** What the pieces were answered. */
  readonly answered: readonly Piece[];
  /** Whether its answer is to go on with one that was cut. */
  readonly goesOn: boolean;
}

/**
 * What is asked at a stage of a course, with what the API must know of PDFs and of the form of the answer. Nothing is
 * looked up for texts. Errors with Unaskable.
 */
export function stageRequest(asking: Asking, stage: Stage): Observable<Prompt> {
  return stagePrompt(asking, stage).pipe(switchMap((prompt) => equipped(prompt, asking, !stage.goesOn)));
}

function stagePrompt({ inquiry, whole, course }: Asking, { index, answered }: Stage): Observable<Prompt> {
  const parts = course.pieces[index];
  if (parts === inquiry.parts) return of(whole);
  if (parts !== undefined) return renderPrompt(inquiry, parts);
  if (course.combine !== null && index === course.pieces.length)
    return of(combinePrompt(whole, course.combine, answered));
  return throwError(askedOtherwise);
}

/** What a model takes was told otherwise in the meantime. */
function askedOtherwise(): Unaskable {
  return new Unaskable('asked-otherwise', 'It was asked in more parts before than it has now, by what its model takes');
}

function equipped(prompt: Prompt, { inquiry, models }: Asking, held: boolean): Observable<Prompt> {
  const { pdf, output } = inquiry.recipe.handling;
  const { routes } = models;
  const bound = output.format === 'json' && output.schema !== null;
  if (!bound && inputsOf(prompt).length === 0)
    return of(withResponseFormat(prompt, output, { routes, held, facts: null }));
  return models.facts(prompt.model).pipe(
    switchMap((facts) =>
      requireInputs(models, prompt, facts).pipe(
        map((taken) => withPdfEngine(taken, pdf, { routes, facts })),
        map((readable) => withResponseFormat(readable, output, { routes, held, facts })),
      ),
    ),
  );
}

/** The last request of a document in parts: it makes one answer of theirs. What they say is data. */
function combinePrompt(first: Prompt, combine: string, pieces: readonly Piece[]): Prompt {
  const answers = pieces.map(({ text }, index) => `Part ${index + 1} of ${pieces.length}:\n\n${text.trim()}`);
  return {
    ...first,
    messages: [
      { role: 'system', content: combine },
      { role: 'user', content: answers.join('\n\n') },
    ],
  };
}

/** As much of a broken answer as the model is shown again, in characters. */
const LONGEST_SHOWN = 20_000;

const GO_ON =
  'Your answer was cut off. Go on exactly where it stopped: begin with the very next character, ' +
  'repeat nothing, and say nothing else.';

/** The next request of a chain: its first prompt, with what the model said so far and what is asked of it now. */
function chainPrompt(first: Prompt, { mending, said, extras }: Chain): Prompt {
  const mended = mending === null ? first : withTurn(first, shown(mending.text), askToMend(mending.complaint), extras);
  return said === '' ? mended : withTurn(mended, said, GO_ON, extras);
}

type Extras = Chain['extras'];

function withTurn(prompt: Prompt, said: string, asked: string, extras: Extras): Prompt {
  return { ...prompt, messages: [...prompt.messages, saidBefore(said, extras), { role: 'user', content: asked }] };
}

/** With what the API parsed out of files, so that it is not parsed, and paid for, again. */
function saidBefore(content: string, { annotations = [] }: Extras): ChatMessage {
  const files = annotations.filter((annotation) => isRecord(annotation) && annotation['type'] === 'file');
  return { role: 'assistant', content, ...(files.length > 0 && { annotations: files }) };
}

function shown(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, wholeCharacters(text, LONGEST_SHOWN))}\n[…]` : text;
}

function askToMend(complaint: string): string {
  return (
    `That answer cannot be used:\n${complaint}\n\n` +
    'Give the whole answer again, mended. Write the JSON alone: no words before or after it, no code fence.'
  );
}
