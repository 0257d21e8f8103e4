import type { Pilot, Projection } from '../cli/plan/plan.ts';
import { costInWords, counted, durationInWords, numberInWords, usd } from './words.ts';

/** What a pilot came to. `simulated`: the answers came from the simulator. */
export function pilotLines(pilot: Pilot, simulated: boolean): readonly string[] {
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

/** Our word for an answer that was longer than it may be. */
const CUT = 'length';

function forAll(isCutAlone: boolean): string {
  return isCutAlone
    ? 'The answers to the others would probably be cut, too: give a larger --max-tokens.'
    : 'The others would probably fail, too.';
}

/** What follows from it for the documents that are left. `paced` tells the time where it does not follow from calls. */
export function pilotEstimateLines(
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
    `  Cost: ${costUsd === null ? 'unknown, as no answer told its cost' : `${nothing}${banded(costUsd, usd)}`}.`,
    `  ${seconds === null ? paced() : `Time: ${banded(seconds, durationInWords)}.`}`,
  ];
}

function tokensInWords(tokens: Projection | null): string {
  if (tokens === null) return 'unknown, as no answer told its tokens';
  return banded(tokens, (value) => counted(Math.round(value), 'token'));
}

function banded({ low, likely, high }: Projection, inWords: (value: number) => string): string {
  return low === null || high === null
    ? `${inWords(likely)} (from too few documents to tell how far off)`
    : `${inWords(likely)}, with 95 % certainty ${inWords(low)} to ${inWords(high)}`;
}
