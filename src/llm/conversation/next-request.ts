import { combineLatest, map, type Observable, switchMap } from 'rxjs';
import type { ChainRules, TokenLimit } from '../../dialogue/chain.ts';
import { chainPrompt } from '../../dialogue/chain-prompt.ts';
import { stagesOf } from '../../dialogue/course.ts';
import { requireFacts } from '../../dialogue/require-facts.ts';
import { type Asking, stageRequest } from '../../dialogue/stage-request.ts';
import { withMoreTokens } from '../../dialogue/with-more-tokens.ts';
import type { Move } from '../../domain/ports.ts';
import type { Prompt } from '../../domain/request.ts';
import { type FitSettings, fitAnswer } from './fit.ts';
import { createJudge } from './judge.ts';
import type { Progress } from './progress.ts';

export interface Conversation extends Omit<Asking, 'models'> {
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
