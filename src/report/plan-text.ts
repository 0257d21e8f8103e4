import type { Pilot, Plan, Projection } from './plan.ts';
import { visible } from './visible.ts';
import { costInWords, counted, durationInWords, elapsedInWords, numberInWords, usd } from './words.ts';

/** What `sluice plan` says to people. `simulated`: the answers would come from the simulator. */
export function planText(plan: Plan, simulated: boolean): string {
  const lines =
    plan.documents.asked === 0
      ? [documentsLine(plan), 'Cost: nothing, no call would be made.']
      : [
          documentsLine(plan),
          `Asked: ${visible(plan.model)} at ${visible(plan.api)}.`,
          tokensLine(plan),
          answersLine(plan),
          costLine(plan, simulated),
          timeLine(plan),
        ];
  return [...lines, ...(plan.pilot === null ? [] : pilotLines(plan.pilot, plan.documents.asked))].join('\n');
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

function costLine({ costUsd, price }: Plan, simulated: boolean): string {
  if (costUsd === null || price === null)
    return 'Cost: unknown, as nobody tells the price; give --price-prompt and --price-completion.';
  const nothing = simulated ? 'nothing; a model of this price would cost ' : '';
  const million = 1_000_000;
  const rates = `${usd(price.prompt * million)} and ${usd(price.completion * million)} a million tokens`;
  return `Cost: ${nothing}${usd(costUsd.likely)} likely, ${usd(costUsd.low)} to ${usd(costUsd.high)} (${rates}).`;
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

function pilotLines(pilot: Pilot, left: number): string[] {
  const { documents, succeeded, unanswered, attempts, costUsd, costUnknownAttempts, estimate } = pilot;
  const cost = costInWords({ costUsd: costUsd ?? 0, costUnknownAttempts });
  const failures = unanswered === 0 ? '' : `, ${numberInWords(unanswered)} ${unanswered === 1 ? 'was' : 'were'} not`;
  const ran = `Pilot: ${numberInWords(succeeded)} of ${counted(documents, 'document')} were answered${failures}, for ${cost} (${counted(attempts, 'call')}).`;
  if (left === 0) return [ran];
  return [
    ran,
    `From it, the other ${counted(left, 'document')}:`,
    `  Cost: ${estimate.costUsd === null ? 'unknown, as none was told' : banded(estimate.costUsd, usd)}`,
    `  Tokens: prompts ${banded(estimate.promptTokens, numberInWords)}; answers ${banded(estimate.completionTokens, numberInWords)}`,
    `  Time: ${estimate.seconds === null ? 'the pace is found by itself' : banded(estimate.seconds, durationInWords)}`,
  ];
}

function banded({ low, likely, high }: Projection, inWords: (value: number) => string): string {
  return low === null || high === null
    ? `${inWords(likely)} (from too few documents to tell how far off)`
    : `${inWords(likely)}, with 95 % certainty ${inWords(low)} to ${inWords(high)}`;
}
