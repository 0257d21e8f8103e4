import {
  barredRecipeLine,
  costInWords,
  counted,
  durationInWords,
  elapsedInWords,
  numberInWords,
  usd,
  visible,
} from '../../report/words.ts';
import type { ModelPlan, Pilot, Plan, Projection } from './plan.ts';

/** What `sluice plan` says to people. `simulated`: the answers would come from the simulator. */
export function planText(plan: Plan, simulated: boolean): string {
  const { documents, recipes, pilot } = plan;
  const about = [documentsLine(plan), ...refusalLines(plan), ...recipes.map(barredRecipeLine)];
  const ran = pilot === null ? [] : pilotLines(pilot, simulated);
  const lines =
    documents.asked === 0
      ? [...about, ...ran, 'Cost: nothing, no call would be made.']
      : [...about, askedLine(plan), ...ran, ...estimateLines(plan, simulated), ...budgetLines(plan)];
  return lines.join('\n');
}

/** By the pilot, if there was one. */
function estimateLines(plan: Plan, simulated: boolean): readonly string[] {
  const { pilot, documents } = plan;
  if (pilot === null)
    return [tokensLine(plan), answersLine(plan), costLine(plan, simulated), ...modelLines(plan), timeLine(plan)];
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

function documentsLine(plan: Plan): string {
  const { documents, bytes } = plan;
  const { asked, reused, skipped, failed, held, refused, pending } = documents;
  const others = [
    [reused, 'reused at no cost (the same bytes as another)'],
    [skipped, 'skipped (done before)'],
    [failed, 'failed before (sluice retry has them tried again)'],
    [held, 'held for a person'],
    [refused, 'refused without a call'],
    [pending, 'left for later'],
  ] as const;
  const told = others.filter(([count]) => count > 0).map(([count, what]) => `${numberInWords(count)} ${what}`);
  const total = asked + others.reduce((sum, [count]) => sum + count, 0);
  const size = asked === 0 ? '' : ` (${counted(bytes, 'byte')})`;
  const about = isSampled(plan) && refused > 0 ? 'about ' : '';
  const would = `${about}${numberInWords(asked)} would be asked${size}`;
  return `${counted(total, 'document')}: ${[would, ...told].join(', ')}.`;
}

/** Whether only some were looked into, and the others are estimated. */
function isSampled({ documents, tokens }: Plan): boolean {
  return tokens.counted.documents !== documents.asked;
}

function refusalLines(plan: Plan): readonly string[] {
  const reasons = Object.entries(plan.refusals).toSorted(([, one], [, other]) => other - one);
  if (reasons.length === 0) return [];
  const told = reasons.map(([code, count]) => `${code} (${numberInWords(count)})`).join(', ');
  const sample = isSampled(plan) ? ', as far as those tell that were looked into' : '';
  return [`Refused: ${told}${sample}.`];
}

function askedLine({ models, model, api, documents, requests }: Plan): string {
  const whom = models.length > 1 ? `${models.length} models` : visible(model);
  const parts =
    requests === documents.asked
      ? ''
      : `, in about ${counted(requests, 'request')}, as long documents are asked in parts`;
  return `Asked: ${whom} at ${visible(api)}${parts}.`;
}

function tokensLine(plan: Plan): string {
  const { prompt, media, tokenizer, tokenizerFits, counted: sample } = plan.tokens;
  const whole = isSampled(plan) ? `, from ${counted(sample.documents, 'document')} by bytes` : '';
  const fit = tokenizerFits ? '' : `; ${tokenizerOf(plan)}, so take it for an estimate`;
  const unread =
    media.likely === 0
      ? ''
      : ` Images, sound and PDFs are estimated: about ${counted(media.likely, 'token')} of these, at most ${numberInWords(media.atMost)}.`;
  return `Prompts: about ${counted(prompt.likely, 'token')} (counted by ${tokenizer}${whole}${fit}).${unread}`;
}

function tokenizerOf({ models }: Plan): string {
  return models.length > 1 ? 'models have tokenizers of their own' : 'the model has a tokenizer of its own';
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
  const { costUsd, models } = plan;
  const unknown = models.find(({ price }) => price === null);
  if (costUsd === null || unknown !== undefined)
    return `Cost: unknown, as ${whyUnknown(plan, unknown)} give --price-prompt and --price-completion.`;
  const nothing = simulated ? 'nothing; a model of this price would cost ' : '';
  const rates = models.length > 1 ? '' : ` (${ratesOf(plan)})`;
  return `Cost: ${nothing}${usd(costUsd.likely)} likely, ${usd(costUsd.low)} to ${usd(costUsd.high)}${rates}.`;
}

function whyUnknown({ api }: Plan, unknown: ModelPlan | undefined): string {
  const [asked, there] = [visible(unknown?.model ?? ''), visible(api)];
  if (unknown?.priceUnknown === 'unlisted') return `${there} does not list ${asked}: is it the name of a model? Else`;
  if (unknown?.priceUnknown === 'unpriced') return `${there} does not tell the price of ${asked};`;
  return `no list of models could be had from ${there} (GET /models): is it reachable? Else`;
}

/** If there are several. */
function modelLines({ models }: Plan): readonly string[] {
  return models.length > 1 ? models.map(modelLine) : [];
}

function modelLine(one: ModelPlan): string {
  const { model, documents, tokens, costUsd } = one;
  const cost =
    costUsd === null
      ? 'at an unknown cost'
      : `${usd(costUsd.likely)} likely, ${usd(costUsd.low)} to ${usd(costUsd.high)} (${ratesOf(one)})`;
  return (
    `  ${visible(model)}: ${counted(documents, 'document')}, about ${numberInWords(tokens.prompt.likely)} tokens of ` +
    `prompts and ${numberInWords(tokens.completion.likely)} of answers, ${cost}.`
  );
}

function ratesOf({ price }: Pick<ModelPlan, 'price'>): string {
  return `${perMillion(price?.prompt)} and ${perMillion(price?.completion)} a million tokens`;
}

function perMillion(usdPerToken = 0): string {
  return usd(usdPerToken * 1_000_000);
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

/** What a pilot came to. `simulated`: the answers came from the simulator. */
function pilotLines(pilot: Pilot, simulated: boolean): readonly string[] {
  const { documents, succeeded, stopped, attempts, costUsd, costUnknownAttempts } = pilot;
  const title = stopped ? 'Pilot, stopped before its end' : 'Pilot';
  const share = `${numberInWords(succeeded)} of ${numberInWords(documents)} documents`;
  const cost = `${simulated ? 'nothing instead of ' : ''}${costInWords({ costUsd: costUsd ?? 0, costUnknownAttempts })}`;
  const spent = attempts === 0 ? 'no call was made' : `for ${cost} (${counted(attempts, 'call')})`;
  return [`${title}: ${share} ${succeeded === 1 ? 'was' : 'were'} answered, ${spent}.`, ...failureLines(pilot)];
}

function failureLines({ documents, succeeded, failures }: Pilot): readonly string[] {
  const codes = Object.entries(failures).toSorted(([, one], [, other]) => other - one);
  const failed = codes.reduce((total, [, count]) => total + count, 0);
  if (failed === 0) return [];
  const causes = codes.map(([code, count]) => `${code} (${numberInWords(count)})`).join(', ');
  const isCutAlone = codes.every(([code]) => code === CUT);
  return [
    `  ${numberInWords(failed)} of ${numberInWords(documents)} failed: ${causes}. ` +
      (succeeded === 0 ? forAll(isCutAlone) : 'About as large a share of the others would fail, too.'),
  ];
}

/** Our code for an answer that was longer than it may be. */
const CUT = 'length';

function forAll(isCutAlone: boolean): string {
  return isCutAlone
    ? 'The answers to the others would probably be cut, too: give a larger --max-tokens.'
    : 'The others would probably fail, too.';
}

/** What follows for the documents that are left. `paced`: the time, if it does not follow from calls alone. */
function pilotEstimateLines(
  { estimate }: Pilot,
  left: number,
  { simulated, paced }: { readonly simulated: boolean; readonly paced: () => string },
): readonly string[] {
  if (estimate === null) return ['Tokens, cost and time: unknown, as the model answered no document of the pilot.'];
  const { costUsd, promptTokens, completionTokens, seconds } = estimate;
  const nothing = simulated ? 'nothing; a model of this price would cost ' : '';
  return [
    `From it, for the ${counted(left, 'document')} to be asked:`,
    `  Prompts: ${tokensInWords(promptTokens)}.`,
    `  Answers: ${tokensInWords(completionTokens)}.`,
    `  Cost: ${costUsd === null ? 'unknown, as no answer told its cost' : `${nothing}${projected(costUsd, usd)}`}.`,
    `  ${seconds === null ? paced() : `Time: ${projected(seconds, durationInWords)}.`}`,
  ];
}

function tokensInWords(tokens: Projection | null): string {
  if (tokens === null) return 'unknown, as no answer told its tokens';
  return projected(tokens, (value) => counted(Math.round(value), 'token'));
}

function projected({ low, likely, high }: Projection, inWords: (value: number) => string): string {
  return low === null || high === null
    ? `${inWords(likely)} (from too few documents to tell how far off)`
    : `${inWords(likely)} likely, ${inWords(low)} to ${inWords(high)}`;
}
