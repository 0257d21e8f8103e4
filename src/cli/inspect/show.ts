import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWhole, leftOutInWords } from '../../domain/document.ts';
import type { OptionKey } from '../../domain/options.ts';
import { costOf, type Receipt, type VersionHistory } from '../../domain/receipt.ts';
import { orUndefined } from '../../lib/errors.ts';
import {
  answerLines,
  costInWords,
  counted,
  elapsedInWords,
  momentInWords,
  numeral,
  timeInWords,
  visible,
  visibleJson,
} from '../../report/words.ts';
import type { Hint } from '../../run/prepare.ts';
import { argumentOf, type Command, type CommandContext, WORKSPACE_KEYS } from '../command.ts';
import { quoted } from '../hints.ts';
import { yargsOptions } from '../options/table.ts';
import { findDocument } from './find-document.ts';
import { historyText, sourceInWords } from './history-text.ts';
import { inspectedOptions, needsWorkspace, readLedgerOf, reportName } from './workspace.ts';

const KEYS: readonly OptionKey[] = [...WORKSPACE_KEYS, 'json'];

/** `sluice show DOC`: the answer to one document and what it cost, or all that the ledger holds of it. */
export function showCommand(context: CommandContext): Command {
  return {
    name: 'show',
    describe: 'Show the answer to a document and what it cost, or why there is none',
    examples: ['show q1/report.pdf --root papers'],
    positionals: [
      {
        name: 'document',
        describe: 'Its path below the inbox, or a path to its input, result or error report',
        isRequired: true,
      },
    ],
    flags: () => ({
      ...yargsOptions(KEYS),
      history: {
        type: 'boolean',
        describe: 'All versions of it instead, with every attempt, hashes and exact times',
      },
    }),
    needs: needsWorkspace,
    run: async (flags) => {
      const { stdout, clock, currentFolder } = context;
      const { options, hint, answers } = inspectedOptions(flags, context, KEYS);
      const { root, outbox, failed, json } = options;
      const folders = { ...options, inbox: answers?.documents ?? options.inbox };
      const given = argumentOf(flags, 'document') ?? '';
      const { id, versions } = await readLedgerOf(root, (reader) => {
        const found = findDocument(reader, given, folders, currentFolder);
        return { id: found, versions: reader.history(found) };
      });
      const report = join(failed, reportName(id));
      const text = (): string =>
        flags['history'] === true
          ? historyText(id, versions)
          : showText(id, versions, {
              hint,
              now: clock.wall(),
              // Some pseudo-terminals report 0.
              terminal: stdout.isTTY ? { rows: stdout.rows || 24, columns: stdout.columns || 80 } : null,
              pathOf: (result) => join(outbox, result),
              textAt: (path) => orUndefined(() => readFileSync(path, 'utf8')) ?? null,
              reports: [`${report}.error.json`, `${report}.partial.md`].filter((path) => existsSync(path)),
            });
      stdout.write(`${json ? visibleJson(JSON.stringify({ document: id, versions })) : text()}\n`);
      return 0;
    },
  };
}

interface ShowSettings {
  readonly hint: Hint;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Null if the text goes to no terminal: then the answer is whole, and as it is. */
  readonly terminal: { readonly rows: number; readonly columns: number } | null;
  /** The absolute path of a result. */
  readonly pathOf: (result: string) => string;
  /** What a file holds; null if it cannot be read. */
  readonly textAt: (path: string) => string | null;
  /** Paths of its error report, and of what came of a cut answer, where they are. */
  readonly reports: readonly string[];
}

/** What `sluice show` says to people: the answer and what it cost, or why there is none and what to do. */
export function showText(id: string, versions: readonly VersionHistory[], settings: ShowSettings): string {
  const version = versions.find(({ current }) => current) ?? versions[0];
  if (version === undefined) return visible(id);
  const name = quoted(id.startsWith('-') ? `./${id}` : id);
  const more = `  More: ${settings.hint(`show ${name} --history`)}`;
  if (version.state === 'done') return [...doneLines(id, version, settings), more].join('\n');
  const again = version.state === 'pending' ? [] : [`  To try it again: ${settings.hint(`retry ${name}`)}`];
  return [...openLines(id, version, settings), ...earlierLines(versions, settings), ...again, more].join('\n');
}

function doneLines(id: string, version: VersionHistory, settings: ShowSettings): readonly string[] {
  const { receipt, result, updatedAt } = version;
  const path = result === null ? null : settings.pathOf(result);
  const answer = version.answer ?? (path === null ? null : settings.textAt(path));
  const facts = [
    visible(id),
    ...(receipt === null
      ? [`  Its result was there before ${timeOf(updatedAt, settings)}: how it was made is not known.`]
      : receiptLines(receipt, settings)),
    ...(path === null ? [] : [`  Result: ${visible(path)}`]),
  ];
  return answer === null ? facts : [...shown(answer, path, facts.length, settings), '', ...facts];
}

function receiptLines(receipt: Receipt, { now }: ShowSettings): readonly string[] {
  const model = visible(receipt.servedModel ?? receipt.requestedModel);
  const by = receipt.api === 'simulator' ? `the simulator, as ${model}` : model;
  const when = timeInWords(Date.parse(receipt.answeredAt), now);
  return [
    `  Answered at ${when} by ${by}, in ${elapsedInWords(receipt.seconds)}.`,
    `  Cost: ${costOfReceipt(receipt)}.`,
    `  Recipe: ${receipt.recipe === '' ? 'none, the document alone' : visible(receipt.recipe)}`,
    ...(isWhole(receipt) ? [] : [`  Left out: ${visible(leftOutInWords(receipt.leftOut))}`]),
    ...(receipt.refusal === null ? [] : [`  Refusal: ${visible(receipt.refusal)}`]),
    ...receipt.notes.map((note) => `  Note: ${visible(note)}`),
  ];
}

function costOfReceipt({ reusedFrom, costUsd, costFrom, costUnknownAttempts, attempts, api }: Receipt): string {
  if (reusedFrom !== null) return `nothing, the answer was made for ${visible(reusedFrom)}`;
  const cost = `${costInWords({ costUsd: costUsd ?? 0, costUnknownAttempts })}${sourceInWords(costFrom)}`;
  const calls = attempts === 1 ? '' : ` (${counted(attempts, 'call')})`;
  return api === 'simulator' ? `nothing; would have cost ${cost}${calls}` : `${cost}${calls}`;
}

/** What became of a document that has no answer. */
function openLines(id: string, version: VersionHistory, settings: ShowSettings): readonly string[] {
  const { state, reason, code, dueAt, updatedAt, attempts } = version;
  const since = timeOf(updatedAt, settings);
  const why = `${visible(reason ?? 'why is not known')}${code === null ? '' : ` (${visible(code)})`}`;
  const ended = attempts.flatMap(({ record }) => (record === null ? [] : [record]));
  const last = ended.at(-1);
  const cost = costOf(ended);
  return [
    visible(id),
    ...(state === 'failed' ? [`  Failed at ${since}: ${why}`] : []),
    ...(state === 'held' ? [`  Held since ${since}, as it may have been billed: ${why}`] : []),
    ...(state === 'pending' || state === 'replaced' ? ['  Pending: it has no answer so far.'] : []),
    ...(state === 'pending' && last !== undefined ? [`  The last call: ${visible(last.message)}`] : []),
    ...(dueAt === null ? [] : [`  Not asked before ${momentInWords(dueAt, settings.now)}: the API asked to wait.`]),
    ...(ended.length < attempts.length ? ['  A call is in flight, or was when the process ended.'] : []),
    ended.length === 0
      ? '  Cost: nothing, no call was made.'
      : `  Cost: ${costInWords({ ...cost, costUsd: cost.costUsd ?? 0 })} (${counted(ended.length, 'call')}).`,
    ...settings.reports.map(
      (path) => `  ${path.endsWith('.partial.md') ? 'What came of it' : 'Report'}: ${visible(path)}`,
    ),
  ];
}

/** The result of an earlier version lies in the outbox until another takes its place. */
function earlierLines(versions: readonly VersionHistory[], { pathOf }: ShowSettings): readonly string[] {
  const earlier = versions.find(({ result, state }) => result !== null && state !== 'replaced')?.result;
  return earlier == null ? [] : [`  An earlier answer is still there: ${visible(pathOf(earlier))}`];
}

/** Lines of an answer that are shown at least, however low the terminal. */
const FEWEST_LINES = 8;

/** The answer; in a terminal its beginning, as far as it fits above `others` lines, and harmless. */
function shown(answer: string, path: string | null, others: number, { terminal }: ShowSettings): readonly string[] {
  if (terminal === null) return [answer.replace(/\n$/, '')];
  const lines = answerLines(answer.trimEnd(), terminal.columns);
  // A blank line, the line that says how much is left, the way to the history, and the shell's prompt.
  let room = Math.max(FEWEST_LINES, terminal.rows - others - 5);
  const fitting = lines.findIndex((line) => {
    room -= Math.max(1, Math.ceil(line.length / terminal.columns));
    return room < 0;
  });
  if (fitting === -1) return lines;
  const count = Math.max(1, fitting);
  const first =
    count > fitting ? [`${lines[0]?.slice(0, terminal.columns * FEWEST_LINES) ?? ''}...`] : lines.slice(0, count);
  const left = lines.length - count;
  const where = path === null ? '' : `; all of it is in ${visible(path)}`;
  return [...first, left === 0 ? `[cut${where}]` : `[${numeral(left)} more ${left === 1 ? 'line' : 'lines'}${where}]`];
}

function timeOf(iso: string, { now }: ShowSettings): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? visible(iso) : timeInWords(ms, now);
}
