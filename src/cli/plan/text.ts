import { leftOutInWords } from '../../domain/document.ts';
import { tierOf } from '../../domain/models.ts';
import { total } from '../../lib/collections.ts';
import {
  barredRecipeLine,
  costInWords,
  counted,
  durationInWords,
  elapsedInWords,
  numeral,
  unmatchedInWords,
  usd,
  visible,
} from '../../report/words.ts';
import type { EstimateRange, ModelPlan, Pilot, Plan, Projection } from './plan.ts';

/** What `sluice plan` says to people. `simulated`: the answers would come from the simulator. */
export function planText(plan: Plan, simulated: boolean): string {
  const { documents, recipes, pilot } = plan;
  const about = [
    documentsLine(plan),
    ...refusalLines(plan),
    ...leftOutLines(plan),
    ...recipes.map(barredRecipeLine),
  ].concat(plan.unmatched.map(unmatchedInWords));
  const ran = pilot === null ? [] : pilotLines(pilot, simulated);
  const lines =
    documents.asked === 0
      ? [...about, ...ran, 'Cost: nothing, no call would be made.']
      : [...about, askedLine(plan), ...ran, ...estimateLines(plan, simulated), ...budgetLines(plan)];
  return lines.join('\n');
}

/** From the pilot, if there was one. */
function estimateLines(plan: Plan, simulated: boolean): readonly string[] {
  const { pilot, models } = plan;
  if (pilot !== null) return pilotEstimateLines(pilot, plan, simulated);
  const each = models.length > 1 ? models.map((one) => modelLine(one, plan)) : [];
  return [
    promptsLine(plan),
    answersLine(plan),
    costLine(plan, simulated),
    ...each,
    timeLine(plan),
    ...worstCaseLines(plan, simulated),
  ];
}

/** What a guess bounds: every answer as long as it may be. Earlier answers tell a range of their own. */
function worstCaseLines({ basis, costUsd, seconds }: Plan, simulated: boolean): readonly string[] {
  if (basis.from !== 'guess') return [];
  const worst = [
    ...(costUsd === null ? [] : [usd(costUsd.high)]),
    ...(seconds.high === null ? [] : [durationInWords(seconds.high)]),
  ].join(' and ');
  if (worst === '') return [];
  const cure = simulated ? '' : ' --max-cost bounds what is spent.';
  return [`Worst case, every answer as long as its recipe allows: ${worst}.${cure}`];
}

function budgetLines({ budget, documents }: Plan): readonly string[] {
  if (budget === null || budget.documents === null) return [];
  const limit = `--max-cost (${usd(budget.maxCostUsd)})`;
  if (budget.documents >= documents.asked) return [`Budget: the likely cost is within ${limit}.`];
  const some = `${numeral(budget.documents)} of ${counted(documents.asked, 'document')}`;
  return [`Budget: the likely cost is above ${limit}: about ${some}.`];
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
  const told = others.filter(([count]) => count > 0).map(([count, what]) => `${numeral(count)} ${what}`);
  const all = asked + total(others, ([count]) => count);
  const size = asked === 0 ? '' : ` (${counted(bytes, 'byte')})`;
  const about = isSampled(plan) && refused > 0 ? 'about ' : '';
  const would = `${about}${numeral(asked)} would be asked${size}`;
  return `${counted(all, 'document')}: ${[would, ...told].join(', ')}.`;
}

/** Whether only some documents were read, and the others are estimated. */
function isSampled({ documents, tokens }: Plan): boolean {
  return tokens.counted.documents !== documents.asked;
}

function sampleInWords({ tokens }: Plan): string {
  return `the ${counted(tokens.counted.documents, 'document')} that ${tokens.counted.documents === 1 ? 'was' : 'were'} read`;
}

function refusalLines(plan: Plan): readonly string[] {
  const told = countsInWords(plan.refusals);
  const sample = isSampled(plan) ? `, estimated from ${sampleInWords(plan)}` : '';
  return told === '' ? [] : [`Refused${sample}: ${told}.`];
}

function leftOutLines(plan: Plan): readonly string[] {
  const { documents, kinds } = plan.leftOut;
  if (documents === 0) return [];
  const them = documents === 1 ? 'it' : 'them';
  const sample = isSampled(plan) ? `, of ${sampleInWords(plan)}` : '';
  const left = visible(leftOutInWords(kinds));
  return [`Read in part: ${counted(documents, 'document')}${sample}; left out of ${them}: ${left}.`];
}

/** The most frequent first. */
function countsInWords(counts: Readonly<Record<string, number>>): string {
  const codes = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  return codes.map(([code, count]) => `${code} (${numeral(count)})`).join(', ');
}

function askedLine({ models, model, api, documents, requests }: Plan): string {
  const whom = models.length > 1 ? `${models.length} models` : visible(model);
  const parts =
    requests === documents.asked
      ? ''
      : `, in about ${counted(requests, 'request')}, as long documents are asked in parts`;
  return `Asked: ${whom} at ${visible(api)}${parts}.`;
}

function promptsLine(plan: Plan): string {
  const { prompt, media, tokenizer, tokenizerFits, counted: sample } = plan.tokens;
  const whole = isSampled(plan) ? ` in ${counted(sample.documents, 'document')}, for the others by their size` : '';
  const own = plan.models.length > 1 ? 'models have tokenizers of their own' : 'the model has a tokenizer of its own';
  const fit = tokenizerFits ? '' : `; ${own}, so take it for an estimate`;
  const unread =
    media.likely === 0
      ? ''
      : ` Images, sound and PDFs are estimated: about ${counted(media.likely, 'token')} of these, at most ${numeral(media.atMost)}.`;
  return `Prompts: about ${counted(prompt.likely, 'token')} (counted by ${tokenizer}${whole}${fit}).${unread}`;
}

function answersLine({ tokens, basis }: Plan): string {
  const { low, likely, high } = tokens.completion;
  const from =
    basis.from === 'ledger'
      ? `from ${counted(basis.answers, 'answer')} of this recipe and model in the ledger`
      : 'a guess, as there are too few earlier answers; --pilot 10 finds out';
  const range = basis.from === 'guess' ? '' : `, ${numeral(low)} to ${numeral(high)}`;
  return `Answers: about ${counted(likely, 'token')}${range} (${from}).`;
}

function costLine(plan: Plan, simulated: boolean): string {
  const { costUsd, models } = plan;
  if (costUsd === null) return `Cost: unknown, as ${whyUnknown(plan)} give --price-prompt and --price-completion.`;
  const rates = models.length > 1 ? '' : ` (${ratesOf(plan)})`;
  return `Cost: ${simulated ? SIMULATED : ''}${estimated(costUsd, plan, usd)}${rates}.`;
}

const SIMULATED = 'nothing; a model of this price would cost ';

function whyUnknown({ api, models }: Plan): string {
  const unknown = models.find(({ price }) => price === null);
  const [asked, there] = [visible(unknown?.model ?? ''), visible(api)];
  if (unknown?.priceUnknown === 'unlisted') return `${there} does not list ${asked}: is it the name of a model? Else`;
  if (unknown?.priceUnknown === 'unpriced') return `${there} does not tell the price of ${asked};`;
  return `${there} gave no list of models (GET /models): is it reachable? Else`;
}

function modelLine(one: ModelPlan, plan: Plan): string {
  const { model, documents, tokens, costUsd } = one;
  const cost = costUsd === null ? 'at an unknown cost' : `${estimated(costUsd, plan, usd)} (${ratesOf(one)})`;
  return (
    `  ${visible(model)}: ${counted(documents, 'document')}, about ${numeral(tokens.prompt.likely)} tokens of ` +
    `prompts and ${numeral(tokens.completion.likely)} of answers, ${cost}.`
  );
}

function ratesOf({ price }: Pick<ModelPlan, 'price'>): string {
  const tier = price && tierOf(price, 0);
  const [prompt, completion] = [tier?.prompt ?? 0, tier?.completion ?? 0].map((perToken) => usd(perToken * 1e6));
  return `${prompt} and ${completion} a million tokens`;
}

function timeLine(plan: Plan): string {
  const { seconds, pace, basis } = plan;
  const { concurrency, concurrencyMax, rpm, tpm } = pace;
  const limits = [
    ...(rpm === null ? [] : [`--rpm ${rpm}`]),
    ...(tpm === null ? [] : [`--tpm ${tpm}`]),
    basis.from === 'guess' ? 'calls of a guessed length' : `calls of ${elapsedInWords(pace.callSeconds.likely)}`,
  ].join(', ');
  const { low, likely, high } = seconds;
  if (concurrency === 'auto' || likely === null)
    return `Time: at least ${durationInWords(low)}; sluice finds the pace itself (--concurrency auto, at most ${concurrencyMax} at once; ${limits}).`;
  const likelyTime = estimated({ low, likely, high: high ?? likely }, plan, durationInWords);
  return `Time: ${likelyTime} (${counted(concurrency, 'call')} at once, ${limits}).`;
}

/** What the documents of a pilot became, and cost. */
function pilotLines(pilot: Pilot, simulated: boolean): readonly string[] {
  const { documents, succeeded, failures, stopped, attempts, costUsd, costUnknownAttempts } = pilot;
  const all = numeral(documents);
  const title = stopped ? 'Pilot, stopped before its end' : 'Pilot';
  const cost = `${simulated ? 'nothing instead of ' : ''}${costInWords({ costUsd: costUsd ?? 0, costUnknownAttempts })}`;
  const spent = attempts === 0 ? 'no call was made' : `for ${cost} (${counted(attempts, 'call')})`;
  const were = succeeded === 1 || documents === 1 ? 'was' : 'were';
  const line = `${title}: ${numeral(succeeded)} of ${counted(documents, 'document')} ${were} answered, ${spent}.`;
  const failed = total(Object.values(failures), (count) => count);
  if (failed === 0) return [line];
  // `length` is our code for an answer that was cut at its limit.
  const areCut = Object.keys(failures).every((code) => code === 'length');
  const ifNone = areCut
    ? 'The answers to the others would probably be cut, too: give a larger --max-tokens.'
    : 'The others would probably fail, too.';
  const others = succeeded === 0 ? ifNone : 'About as large a share of the others would fail, too.';
  return [line, `  ${numeral(failed)} of ${all} failed: ${countsInWords(failures)}. ${others}`];
}

/** The estimate for the documents that are left. If calls at once do not set the pace, the time is that of the plan. */
function pilotEstimateLines({ estimate }: Pilot, plan: Plan, simulated: boolean): readonly string[] {
  if (estimate === null) return ['Tokens, cost and time: unknown, as the model answered no document of the pilot.'];
  const { costUsd, promptTokens, completionTokens, seconds } = estimate;
  const cost = costUsd === null ? 'unknown, as no answer told its cost' : projected(costUsd, usd);
  return [
    `From it, for the ${counted(plan.documents.asked, 'document')} to be asked:`,
    `  Prompts: ${tokensInWords(promptTokens)}.`,
    `  Answers: ${tokensInWords(completionTokens)}.`,
    `  Cost: ${simulated && costUsd !== null ? SIMULATED : ''}${cost}.`,
    `  ${seconds === null ? timeLine(plan) : `Time: ${projected(seconds, durationInWords)}.`}`,
  ];
}

function tokensInWords(tokens: Projection | null): string {
  if (tokens === null) return 'unknown, as no answer told its tokens';
  return projected(tokens, (value) => counted(Math.round(value), 'token'));
}

/** The likely figure; with its range where earlier answers tell one. A guess has none, but a worst case. */
function estimated(range: EstimateRange, { basis }: Plan, inWords: (value: number) => string): string {
  return basis.from === 'guess' ? `about ${inWords(range.likely)}` : projected(range, inWords);
}

function projected({ low, likely, high }: Projection, inWords: (value: number) => string): string {
  return low === null || high === null
    ? `${inWords(likely)} (from too few documents to tell how far off)`
    : `${inWords(likely)} likely, ${inWords(low)} to ${inWords(high)}`;
}
