import type { Models } from '../../domain/models.ts';
import type { Inquiry, NextRequest } from '../../domain/ports.ts';
import type { Handling } from '../../domain/recipe.ts';
import type { Answer, ChatMessage, Prompt, ReplyExtras } from '../../domain/request.ts';
import { isRecord } from '../../lib/json.ts';
import { wholeCharacters } from '../../lib/text.ts';
import { requireInputs, withPdfEngine, withResponseFormat } from './capabilities.ts';
import { dependsOnFacts, type FitSettings, fitAnswer, longerAnswer, requireFacts } from './fit.ts';
import { createJudge } from './judge.ts';
import { type RequestPlan, stagesOf } from './plan.ts';
import type { Continuation, Progress, ReplyRules } from './progress.ts';
import { CannotAskError, inputsOf, renderPrompt, textBytes } from './prompt.ts';

/** The request that follows where a document stands. Rejects with CannotAskError or AskLaterError. */
export async function buildNextRequest(
  asked: AskedInquiry,
  progress: Progress,
  rules: ReplyRules,
  settings: FitSettings,
): Promise<NextRequest> {
  const { inquiry, whole, plan, models } = asked;
  const { handling } = inquiry.recipe;
  const { answers, continuation } = progress;
  const stage = { index: answers.length, answers, goesOn: continuation.said !== '' };
  const unfitted = withContinuation(await stageRequest(asked, stage), continuation);
  // The prompt of the whole document was checked when it was planned.
  if (unfitted !== whole && dependsOnFacts(unfitted, handling, models, textBytes(unfitted)))
    await requireFacts(unfitted, models);
  const prompt = continuation.longer ? await longerAnswer(unfitted, settings) : await fitAnswer(unfitted, settings);
  const tokens = prompt.maxTokens ?? settings.maxTokens;
  const mayGrow = rules.onLength === 'retry' && !continuation.longer;
  const longest = mayGrow ? ((await longerAnswer(unfitted, settings)).maxTokens ?? tokens) : tokens;
  return {
    kind: 'ask',
    prompt: withRules(prompt, handling),
    judge: createJudge({
      rules,
      progress,
      stages: stagesOf(plan),
      combines: plan.combine !== null,
      limit: { tokens, grows: longest > tokens },
      notes: plan.notes,
    }),
  };
}

function withRules(prompt: Prompt, { maxCostUsd, onTooLong }: Handling): Prompt {
  if (maxCostUsd === null && onTooLong === 'fail') return prompt;
  return { ...prompt, bounded: maxCostUsd !== null, divisible: onTooLong !== 'fail' };
}

interface AskedInquiry {
  readonly inquiry: Inquiry;
  /** The prompt of the document as one. */
  readonly whole: Prompt;
  readonly plan: RequestPlan;
  readonly models: Models;
}

interface Stage {
  /** From 0: the segments of the plan, and what combines the answers to them. */
  readonly index: number;
  /** Those to the segments so far. */
  readonly answers: readonly Answer[];
  /** Whether its answer is to go on with one that was cut. */
  readonly goesOn: boolean;
}

/** What is asked at a stage of a plan, with PDF engine and response format. Rejects with CannotAskError. */
export async function stageRequest(asked: AskedInquiry, stage: Stage): Promise<Prompt> {
  const { inquiry, models } = asked;
  const { pdf, output } = inquiry.recipe.handling;
  const held = !stage.goesOn;
  const prompt = await stagePrompt(asked, stage);
  const bound = output.format === 'json' && output.schema !== null;
  if (!bound && inputsOf(prompt).length === 0) return withResponseFormat(prompt, output, models, null, held);

  const facts = await models.facts(prompt.model);
  await requireInputs(models, prompt, facts);
  return withResponseFormat(withPdfEngine(prompt, pdf, models, facts), output, models, facts, held);
}

function stagePrompt({ inquiry, whole, plan }: AskedInquiry, { index, answers }: Stage): Prompt | Promise<Prompt> {
  const { segments, combine } = plan;
  const parts = segments[index];
  if (parts === inquiry.parts) return whole;
  if (parts !== undefined) return renderPrompt(inquiry, parts);
  if (combine !== null && index === segments.length) return combinePrompt(whole, combine, answers);
  // What a model takes has changed in the meantime.
  throw new CannotAskError(
    'asked-otherwise',
    'It was asked in more parts before than it has now, by what its model takes',
  );
}

/** The last request of a document in parts: it makes one answer of theirs. What they say is data. */
function combinePrompt(first: Prompt, combine: string, answers: readonly Answer[]): Prompt {
  const texts = answers.map(({ text }, index) => `Part ${index + 1} of ${answers.length}:\n\n${text.trim()}`);
  return {
    ...first,
    messages: [
      { role: 'system', content: combine },
      { role: 'user', content: texts.join('\n\n') },
    ],
  };
}

/** As much of a broken answer as the model is shown again, in characters. */
const LONGEST_SHOWN = 20_000;

const GO_ON =
  'Your answer was cut off. Go on exactly where it stopped: begin with the very next character, ' +
  'repeat nothing, and say nothing else.';

/** The first prompt of a stage, with what the model said so far and what is asked of it now. */
function withContinuation(first: Prompt, { repair, said, extras }: Continuation): Prompt {
  const asked = repair === null ? first : withComplaint(first, repair, extras);
  return said === '' ? asked : withExchange(asked, said, GO_ON, extras);
}

/** With what the API parsed out of files, so that it is not parsed, and paid for, again. */
function withExchange(prompt: Prompt, said: string, asked: string, { annotations = [] }: ReplyExtras): Prompt {
  const files = annotations.filter((annotation) => isRecord(annotation) && annotation['type'] === 'file');
  const answer: ChatMessage = { role: 'assistant', content: said, ...(files.length > 0 && { annotations: files }) };
  return { ...prompt, messages: [...prompt.messages, answer, { role: 'user', content: asked }] };
}

function withComplaint(
  first: Prompt,
  { text, complaint }: NonNullable<Continuation['repair']>,
  extras: ReplyExtras,
): Prompt {
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, wholeCharacters(text, LONGEST_SHOWN))}\n[…]` : text;
  return withExchange(first, shown, `That answer cannot be used:\n${complaint}`, extras);
}
