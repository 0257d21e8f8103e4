import type { Conversation, Inquiry, NextRequest } from '../../domain/ports.ts';
import { type Handling, takesSeveralRequests } from '../../domain/recipe.ts';
import type { Prompt, Reply } from '../../domain/request.ts';
import { errorMessage } from '../../lib/errors.ts';
import { AskLaterError, dependsOnFacts, type FitSettings, requireFacts } from './fit.ts';
import { buildNextRequest } from './next-request.ts';
import { planRequests, Recent, type RequestPlan } from './plan.ts';
import { type Progress, progressOf, type ReplyRules } from './progress.ts';
import { CannotAskError, renderPrompt, textBytes } from './prompt.ts';
import { readerFor } from './read-answer.ts';
import type { Division } from './split.ts';

/** As many documents may be between two of their requests. */
const MOST_DIVISIONS = 300;

/** What was worked out for an inquiry. */
interface PlannedInquiry {
  readonly whole: Prompt;
  readonly plan: RequestPlan;
  /** How far its last replies have led. */
  latest: { readonly replies: readonly Reply[]; readonly progress: Progress } | null;
}

/**
 * A document is asked in its segments, one after the other, and at last to combine the answers if the recipe says so.
 * Each of these may take several requests: the first; others while the answer is cut; one to repair it. `plan` rejects with
 * CannotAskError or AskLaterError.
 */
export function createConversation(
  settings: FitSettings,
): Conversation & { plan(inquiry: Inquiry): Promise<RequestPlan> } {
  const { models } = settings;
  const rulesByHandling = new WeakMap<Handling, Promise<ReplyRules>>();
  const planned = new WeakMap<Inquiry, PlannedInquiry>();
  const divided = new Recent<Division>(MOST_DIVISIONS);
  return {
    next: async (inquiry, replies) => {
      try {
        const known = planned.get(inquiry) ?? (await planFor(inquiry));
        const rules = await rulesOf(inquiry.recipe.handling);
        const { whole, plan } = known;
        const progress = progressIn(known, replies, rules);
        return await buildNextRequest({ inquiry, whole, plan, models }, progress, rules, settings);
      } catch (error) {
        return notAsked(error, replies);
      }
    },
    plan: async (inquiry) => (planned.get(inquiry) ?? (await planFor(inquiry))).plan,
  };

  async function planFor(inquiry: Inquiry): Promise<PlannedInquiry> {
    const { handling } = inquiry.recipe;
    const whole = await renderPrompt(inquiry, inquiry.parts);
    const bytes = textBytes(whole);
    if (dependsOnFacts(whole, handling, models, bytes)) await requireFacts(whole, models);
    const made = { whole, plan: await planRequests(inquiry, whole, settings, divided, bytes), latest: null };
    if (takesSeveralRequests(handling)) planned.set(inquiry, made);
    return made;
  }

  /** Made once for each recipe: a schema is compiled for it. */
  function rulesOf(handling: Handling): Promise<ReplyRules> {
    const known = rulesByHandling.get(handling);
    if (known !== undefined) return known;
    const { onLength, output } = handling;
    const made = readerFor(output).then((read) => ({ onLength, format: output.format, read }));
    rulesByHandling.set(handling, made);
    return made;
  }
}

/** Each reply is read once, as long as the replies of an inquiry only become more. */
function progressIn(known: PlannedInquiry, replies: readonly Reply[], rules: ReplyRules): Progress {
  const { latest } = known;
  const goesOn = latest?.replies.every((reply, index) => reply === replies[index]) ?? false;
  const before = goesOn ? latest : null;
  const progress = progressOf(replies.slice(before?.replies.length ?? 0), rules, before?.progress);
  known.latest = { replies, progress };
  return progress;
}

/** What was paid for so far is not lost. */
function notAsked(error: unknown, replies: readonly Reply[]): NextRequest {
  if (error instanceof AskLaterError) return { kind: 'later', reason: error.message };
  const code = error instanceof CannotAskError ? error.code : 'unexpected';
  const partial = replies.map(({ text }) => text).join('\n\n');
  return { kind: 'refused', code, reason: errorMessage(error), partial: partial === '' ? null : partial };
}
