import { hostname } from 'node:os';
import { type OptionKey, SHAPING_KEYS } from '../../domain/options.ts';
import { listed } from '../../lib/text.ts';
import { writeText } from '../../report/screen.ts';
import {
  barredRecipeLine,
  costInWords,
  counted,
  durationInWords,
  momentInWords,
  numeral,
  timeInWords,
  visible,
  visibleJson,
} from '../../report/words.ts';
import type { Hint } from '../../run/prepare.ts';
import type { Command, CommandContext } from '../command.ts';
import { yargsOptions } from '../options/table.ts';
import type { ReasonGroup, WaitingGroup } from './count-documents.ts';
import { readStatus, type SpentSum, type Status } from './read-status.ts';
import { inspectedOptions, needsWorkspace } from './workspace.ts';

/** With the options that shape an answer, to find stale results. */
const KEYS: readonly OptionKey[] = ['root', ...SHAPING_KEYS, 'json'];

/** `sluice status`: how the workspace stands, also while another process works on it. */
export function statusCommand(context: CommandContext): Command {
  return {
    name: 'status',
    describe: 'Tell how many documents are done, failed, held and pending, what runs, and what was spent',
    examples: ['status --root papers'],
    flags: () => ({
      ...yargsOptions(KEYS),
      failed: {
        type: 'string',
        describe: 'Alone: list all failed and held documents with their reasons. With DIR: where error reports appear',
      },
    }),
    needs: needsWorkspace,
    run: async ({ failed, ...others }) => {
      const lists = failed === '';
      const asked = inspectedOptions(lists ? others : { ...others, failed }, context, KEYS);
      const { options } = asked;
      const status = await readStatus(asked, context.clock);
      const settings = { hint: asked.hint, now: context.clock.wall() };
      const text = (lists ? failedText : statusText)(status, settings);
      if (options.json) context.stdout.write(`${visibleJson(JSON.stringify(status))}\n`);
      else writeText(context.stdout, text);
      return 0;
    },
  };
}

interface TextSettings {
  readonly hint: Hint;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What `sluice status` says to people. */
export function statusText(status: Status, { hint, now }: TextSettings): string {
  const { documents, staleGone, outdatedReaders, answeredElsewhere, recipes, failures, heldBack, waiting } = status;
  const { done, failed, held, pending, stale } = documents;
  const outdated = Object.entries(outdatedReaders);
  const lines = [
    `${counted(done + failed + held + pending, 'document')}: ${numeral(done)} done, ${numeral(failed)} failed, ` +
      `${numeral(held)} held, ${numeral(pending)} pending.`,
    asForLine(status, now),
    stale > 0 &&
      `Stale: ${counted(stale, 'result')} ${stale === 1 ? 'was' : 'were'} made with another recipe, model or parameters, ` +
        `or from a text that another version read (${againInWords(stale, staleGone)}).`,
    outdated.length > 0 &&
      `  Read by another version: ${outdated.map(([format, count]) => `${numeral(count)} ${format}`).join(', ')}.`,
    ...Object.entries(answeredElsewhere).map(
      ([api, count]) => `Answered by ${visible(api)}: ${numeral(count)} of those done. A run as above asks them again.`,
    ),
    ...groupLines('Failed', failures),
    ...groupLines('Held, as they may have been billed', heldBack),
    failed + held > 0 && `To see each: ${hint('status --failed')}`,
    failed + held > 0 && `To try them again: ${hint('retry')}`,
    waiting.length > 0 && `Pending: ${waiting.map((one) => waitInWords(one, now)).join('; ')}.`,
    ...recipes.map(barredRecipeLine),
    runningLine(status, now),
    status.inDoubt > 0 && `In doubt: ${counted(status.inDoubt, 'call')} may have been billed without an answer.`,
    ...spendingLines(status),
  ];
  return lines.filter((line) => line !== false).join('\n');
}

/** What `sluice status --failed` says: each document that failed or is held, with its reason. */
export function failedText({ failures, heldBack }: Status, { hint }: TextSettings): string {
  const groups = [
    ...failures.map((group) => eachOf('failed', group)),
    ...heldBack.map((group) => eachOf('held', group)),
  ];
  if (groups.length === 0) return 'No document failed, and none is held.';
  return [...groups.flat(), `To try them again: ${hint('retry')}`].join('\n');
}

function eachOf(state: string, { code, documents }: ReasonGroup): readonly string[] {
  const title = `${counted(documents.length, 'document')} ${state}`;
  const shared = sharedReason(documents);
  if (shared !== null)
    return [`${title}: ${withCode(shared, code)}`, ...documents.map(({ document }) => `  ${visible(document)}`)];
  return [
    `${title}${code === null ? '' : ` (${visible(code)})`}:`,
    ...documents.map(({ document, reason }) => `  ${visible(document)}: ${visible(reason)}`),
  ];
}

/** Documents that are named of each reason. */
const NAMED = 3;

function groupLines(title: string, groups: readonly ReasonGroup[]): readonly string[] {
  if (groups.length === 0) return [];
  return [
    `${title}:`,
    ...groups.flatMap(({ code, documents }) => {
      const shared = sharedReason(documents);
      const such = shared === null ? ', such as' : '';
      return [
        `  ${numeral(documents.length)}${such}: ${withCode(shared ?? documents[0]?.reason ?? '', code)}`,
        `    ${listed(
          documents.map(({ document }) => visible(document)),
          NAMED,
        )}`,
      ];
    }),
  ];
}

/** `sluice retry --reason` takes the code. */
function withCode(reason: string, code: string | null): string {
  return code === null ? visible(reason) : `${visible(reason)} (${visible(code)})`;
}

/** Null if they differ. */
function sharedReason(documents: ReasonGroup['documents']): string | null {
  const [first] = documents;
  return first !== undefined && documents.every(({ reason }) => reason === first.reason) ? first.reason : null;
}

function asForLine({ asFor, running: { process } }: Status, now: number): string {
  if (asFor.process && process !== null) return `As for the running process (${processInWords(process, now)}).`;
  const { api, model, recipe, prompt } = asFor;
  const asked =
    prompt === null
      ? recipe === null
        ? 'the nearest recipe of each'
        : `recipe ${visible(recipe)}`
      : 'the prompt of -p';
  return `As for API ${visible(api)}, ${visible(model)}, ${asked}.`;
}

type RunningProcess = NonNullable<Status['running']['process']>;

function processInWords({ pid, host, since }: RunningProcess, now: number): string {
  const start = Date.parse(since);
  const where = host === hostname() ? '' : ` on ${visible(host)}`;
  if (Number.isNaN(start)) return `${pid}${where}`;
  return `${pid}${where}, since ${timeInWords(start, now)}`;
}

function runningLine({ running: { calls, process } }: Status, now: number): string {
  if (process === null) return 'Running: nothing.';
  const start = Date.parse(process.since);
  const age = Number.isNaN(start) ? '' : ` (${durationInWords((now - start) / 1000)})`;
  return `Running: process ${processInWords(process, now)}${age}; ${counted(calls, 'call')} in flight.`;
}

function waitInWords({ reason, documents, dueAt }: WaitingGroup, now: number): string {
  if (dueAt === null) return `${numeral(documents)} ${visible(reason)}`;
  const due = momentInWords(Date.parse(dueAt), now);
  return `${numeral(documents)} waiting, ${documents === 1 ? '' : 'the first '}until ${due} (${visible(reason)})`;
}

function againInWords(stale: number, gone: number): string {
  if (gone === 0) return '--redo stale asks them again';
  if (gone === stale) return 'no longer in the inbox: --redo stale does not ask again';
  return `--redo stale asks them again, but not the ${numeral(gone)} whose document is no longer in the inbox`;
}

function spendingLines({ spent, simulated, models }: Status): readonly string[] {
  const { today, month, total } = spent;
  if (total.attempts === 0 && simulated.attempts === 0) return ['Spent: nothing.'];
  const real =
    total.attempts === 0
      ? 'Spent: nothing.'
      : `Spent (UTC): today ${spentInWords(today)}; this month ${spentInWords(month)}; in all ${spentInWords(total)}.`;
  return [
    real,
    ...models.map((one) => {
      const doubt = one.inDoubt === 0 ? '' : `, ${numeral(one.inDoubt)} in doubt`;
      const cost = one.api === 'simulator' ? `nothing; would have cost ${spentInWords(one)}` : spentInWords(one);
      return `  ${visible(one.model)} at ${one.api === 'simulator' ? 'the simulator' : visible(one.api)}: ${cost}${doubt}`;
    }),
  ];
}

function spentInWords(spent: SpentSum): string {
  return `${costInWords(spent)} (${counted(spent.attempts, 'call')})`;
}
