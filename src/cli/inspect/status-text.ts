import { barredRecipeLine } from '../../report/barred-recipe.ts';
import type { ModelSpent, Spent, Status } from '../../report/status.ts';
import { visible } from '../../report/visible.ts';
import { costInWords, counted, numberInWords } from '../../report/words.ts';

/** What `sluice status` says to people. */
export function statusText({ documents, recipes, running, inDoubt, spent, models }: Status): string {
  const { done, failed, held, pending, stale } = documents;
  const total = done + failed + held + pending;
  return [
    `${counted(total, 'document')}: ${numberInWords(done)} done, ${numberInWords(failed)} failed, ` +
      `${numberInWords(held)} held, ${numberInWords(pending)} pending.`,
    stale === 0 ? null : `Stale: ${staleness(stale)}`,
    failed + held === 0 ? null : 'To have failed and held documents tried again: sluice retry',
    ...recipes.map(barredRecipeLine),
    `Running: ${runningInWords(running)}.`,
    inDoubt === 0 ? null : `In doubt: ${counted(inDoubt, 'call')} may have been billed without an answer.`,
    `Spent (UTC): today ${spentInWords(spent.today)}; this month ${spentInWords(spent.month)}; ` +
      `in all ${spentInWords(spent.total)}.`,
    ...models.map(modelLine),
  ]
    .filter((line) => line !== null)
    .join('\n');
}

function staleness(stale: number): string {
  const were = stale === 1 ? 'was' : 'were';
  return `${counted(stale, 'result')} ${were} made with another recipe, model or parameters (--redo stale asks them again).`;
}

function runningInWords({ calls, process }: Status['running']): string {
  if (process === null) return 'nothing';
  const { pid, host, since } = process;
  return `${counted(calls, 'call')} in flight, by process ${pid} on ${visible(host)} since ${visible(since)}`;
}

function spentInWords(spent: Spent): string {
  return `${costInWords(spent)} (${counted(spent.attempts, 'call')})`;
}

function modelLine({ model, api, inDoubt, ...spent }: ModelSpent): string {
  const doubt = inDoubt === 0 ? '' : `, ${numberInWords(inDoubt)} in doubt`;
  return `  ${visible(model)} at ${visible(api)}: ${spentInWords(spent)}${doubt}`;
}
