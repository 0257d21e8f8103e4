import { pilotEstimateLines, pilotLines } from './pilot-text.ts';
import type { Plan } from './plan.ts';
import { visible } from './visible.ts';
import { counted, durationInWords, elapsedInWords, numberInWords, usd } from './words.ts';

/** What `sluice plan` says to people. `simulated`: the answers would come from the simulator. */
export function planText(plan: Plan, simulated: boolean): string {
  const { documents, pilot } = plan;
  const ran = pilot === null ? [] : pilotLines(pilot, simulated);
  const lines =
    documents.asked === 0
      ? [documentsLine(plan), ...ran, 'Cost: nothing, no call would be made.']
      : [
          documentsLine(plan),
          `Asked: ${visible(plan.model)} at ${visible(plan.api)}.`,
          ...ran,
          ...estimateLines(plan, simulated),
          ...budgetLines(plan),
        ];
  return lines.join('\n');
}

/** The pilot's, where there was one; of a pace that does not follow from its calls alone it tells nothing. */
function estimateLines(plan: Plan, simulated: boolean): readonly string[] {
  const { pilot, documents } = plan;
  if (pilot === null) return [tokensLine(plan), answersLine(plan), costLine(plan, simulated), timeLine(plan)];
  return pilotEstimateLines(pilot, documents.asked, { simulated, paced: () => timeLine(plan) });
}

function budgetLines({ budget, documents }: Plan): readonly string[] {
  if (budget === null || budget.documents === null) return [];
  const limit = `--max-cost (${usd(budget.maxCostUsd)})`;
  return [
    budget.documents >= documents.asked
      ? `Budget: the likely cost is within ${limit}.`
      : `Budget: the likely cost is above ${limit}: about ${numberInWords(budget.documents)} of ${counted(documents.asked, 'document')}.`,
  ];
}

function documentsLine({ documents, bytes }: Plan): string {
  const { asked, reused, skipped, failed, held, refused, pending } = documents;
  const others = [
    [reused, 'reused at no cost (the same bytes as another)'],
    [skipped, 'skipped (done before)'],
    [failed, 'failed before (sluice retry has them tried again)'],
    [held, 'held for a person'],
    [refused, 'refused without a call (empty or too large)'],
    [pending, 'left for later'],
  ] as const;
  const told = others.filter(([count]) => count > 0).map(([count, what]) => `${numberInWords(count)} ${what}`);
  const total = asked + others.reduce((sum, [count]) => sum + count, 0);
  const size = asked === 0 ? '' : ` (${counted(bytes, 'byte')})`;
  return `${counted(total, 'document')}: ${[`${numberInWords(asked)} would be asked${size}`, ...told].join(', ')}.`;
}

function tokensLine({ documents, tokens }: Plan): string {
  const { prompt, tokenizer, tokenizerFits, counted: sample } = tokens;
  const whole = sample.documents === documents.asked ? '' : `, from ${counted(sample.documents, 'document')} by bytes`;
  const fit = tokenizerFits ? '' : '; the model has a tokenizer of its own, so take it for an estimate';
  return `Prompts: about ${counted(prompt.likely, 'token')} (counted by ${tokenizer}${whole}${fit}).`;
}

function answersLine({ tokens, basis }: Plan): string {
  const { low, likely, high } = tokens.completion;
  return `Answers: about ${counted(likely, 'token')}, ${numberInWords(low)} to ${numberInWords(high)} (${basisInWords(basis)}).`;
}

function basisInWords({ from, answers }: Plan['basis']): string {
  return from === 'ledger'
    ? `from ${counted(answers, 'answer')} of this recipe and model in the ledger`
    : 'a guess, as there are too few earlier answers; --pilot 10 finds out';
}

function costLine(plan: Plan, simulated: boolean): string {
  const { costUsd, price } = plan;
  if (costUsd === null || price === null)
    return `Cost: unknown, as ${whyUnknown(plan)} give --price-prompt and --price-completion.`;
  const nothing = simulated ? 'nothing; a model of this price would cost ' : '';
  const million = 1_000_000;
  const rates = `${usd(price.prompt * million)} and ${usd(price.completion * million)} a million tokens`;
  return `Cost: ${nothing}${usd(costUsd.likely)} likely, ${usd(costUsd.low)} to ${usd(costUsd.high)} (${rates}).`;
}

function whyUnknown({ priceUnknown, model, api }: Plan): string {
  const [asked, there] = [visible(model), visible(api)];
  if (priceUnknown === 'no-list')
    return `no list of models could be had from ${there} (GET /models): is it reachable? Else`;
  if (priceUnknown === 'unlisted') return `${there} does not list ${asked}: is it the name of a model? Else`;
  return `${there} does not tell the price of ${asked};`;
}

function timeLine({ seconds, pace, basis }: Plan): string {
  const { concurrency, concurrencyMax, rpm, tpm } = pace;
  const limits = [
    ...(rpm === null ? [] : [`--rpm ${rpm}`]),
    ...(tpm === null ? [] : [`--tpm ${tpm}`]),
    basis.from === 'guess' ? 'calls of a guessed length' : `calls of ${elapsedInWords(pace.callSeconds.likely)}`,
  ];
  if (concurrency === 'auto')
    return `Time: at least ${durationInWords(seconds.low)}; the pace is found by itself (--concurrency auto, at most ${concurrencyMax} at once; ${limits.join(', ')}).`;
  const likely = durationInWords(seconds.likely ?? seconds.low);
  const high = durationInWords(seconds.high ?? seconds.low);
  return `Time: ${likely} likely, ${durationInWords(seconds.low)} to ${high} (${counted(concurrency, 'call')} at once, ${limits.join(', ')}).`;
}
