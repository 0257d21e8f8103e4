import type { Options as Flag } from 'yargs';
import { UsageError } from '../domain/errors.ts';
import type { OptionKey } from '../domain/options.ts';
import { groupBy } from '../lib/collections.ts';
import { likelyName } from '../lib/shapes.ts';
import { wrapped } from '../report/words.ts';
import type { Hint } from '../run/prepare.ts';
import { type Command, type DeclaredFlag, isSwitch } from './command.ts';
import { optionGroups } from './options/rows.ts';
import {
  defaultText,
  environmentName,
  flagOf,
  optionKeys,
  optionOf,
  optionTable,
  yargsOptions,
} from './options/table.ts';
import type { OptionRow } from './options/value-kind.ts';

interface HelpSettings {
  readonly hint: Hint;
  /** How wide the terminal is. */
  readonly columns: number;
}

/** Of the first screen. */
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['ask "List three facts." report.pdf', 'without a workspace'],
  ['init papers', 'a workspace, with an inbox'],
  ['--test --root papers', 'five documents, as a trial'],
  ['--once --root papers', 'all that is there now'],
];

const WHAT_IT_DOES = "Drop documents into a folder: an LLM's answer to each appears in another folder.";

export const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'all done'],
  ['1', 'unexpected'],
  ['2', 'usage or configuration, also a recipe that cannot be used'],
  ['3', 'some documents failed, now or in an earlier run, or are held'],
  ['4', 'stopped by the budget, or by that of a recipe'],
  ['5', 'the account was refused (key, credit, quota)'],
  ['6', 'disk or ledger'],
  ['7', 'some documents are left pending, or --max-duration is over'],
  ['8', 'another process works on the workspace'],
  ['130, 143', 'stopped by a signal'],
];

/** Help without a topic (empty), of a command, or `all`. Throws a UsageError if there is no such command. */
export function helpText(topic: string, commands: readonly Command[], settings: HelpSettings): string {
  const page = new HelpPage(Math.min(100, settings.columns));
  if (topic === '') firstScreen(page, commands, settings.hint);
  else if (topic === 'all') everything(page, commands);
  else commandHelp(page, named(topic, commands, settings.hint), settings.hint);
  return page.text;
}

function named(topic: string, commands: readonly Command[], hint: Hint): Command {
  const command = commands.find(({ name }) => name === topic);
  if (command !== undefined) return command;
  const known = commands.map(({ name }) => name);
  const meant = likelyName(topic, known);
  const instead =
    meant === null ? `: the commands are ${known.join(', ')}` : `: did you mean ${hint(`help ${meant}`)}?`;
  throw new UsageError(`There is no command ${topic}${instead}`);
}

/** The common ones, on a screen of 24 lines. */
function firstScreen(page: HelpPage, commands: readonly Command[], hint: Hint): void {
  page.row('', WHAT_IT_DOES, 0);
  page.line();
  page.briefly(EXAMPLES.map(([command, what]) => [hint(command), what]));
  page.line();
  page.row('Commands:', commands.map(({ name }) => name).join(', '), 'Commands: '.length);
  page.line();
  const common = optionKeys.filter((key) => briefOf(key) !== null);
  page.briefly(common.map((key) => [usageOf(flagOf(key)), briefOf(key) ?? '', ` [${defaultText(key)}]`]));
  page.line(`More: ${hint('help COMMAND')}, ${hint('help all')}`);
}

/** What the first screen says of an option; null: it does not stand there. */
function briefOf(key: OptionKey): string | null {
  const { common, help }: OptionRow<unknown> = optionTable[key];
  if (common === undefined) return null;
  return common === true ? (help.split(/[;:]| \(/)[0] ?? help) : common;
}

function everything(page: HelpPage, commands: readonly Command[]): void {
  page.row('', WHAT_IT_DOES, 0);
  page.line();
  page.line('Commands:');
  page.table(commands.map((command) => [synopsis(command), command.describe]));
  for (const [title, rows] of Object.entries(optionGroups)) {
    page.line();
    page.line(`${title}:`);
    const keys = optionKeys.filter((key) => key in rows);
    page.table(
      keys.map((key) => [
        usageOf(flagOf(key)),
        `${optionTable[key].help} [${environmentName(key)}; default: ${defaultText(key)}]`,
      ]),
    );
  }
  page.line();
  page.line('Of single commands:');
  page.table(ownFlags(commands));
  page.line();
  page.row(
    '',
    'Flags go before variables, variables before sluice.config.yaml in the workspace. .env is read, too.',
    0,
  );
  page.line();
  page.line('Exit codes of --once:');
  page.table(EXIT_CODES);
}

function commandHelp(page: HelpPage, command: Command, hint: Hint): void {
  const { describe, examples, positionals = [], flags } = command;
  page.line(`${hint(synopsis(command))} [options]`);
  page.line();
  page.row('', `${describe}.`, 0);
  page.line();
  for (const example of examples) page.line(`  ${hint(example)}`);
  if (positionals.length > 0) page.line();
  page.table(positionals.map((one) => [one.name.toUpperCase(), one.describe]));
  page.line();
  page.table(Object.entries(flags()).map(([flag, option]) => [usageOf(flag, option), flagHelp(flag, option)]));
}

/** `show DOCUMENT`, `retry [GLOB]`. */
function synopsis({ name, isDefault, positionals = [] }: Command): string {
  const words = positionals.map((one) => {
    const word = `${one.name.toUpperCase()}${one.isList ? '...' : ''}`;
    return one.isRequired ? word : `[${word}]`;
  });
  return [isDefault ? `[${name}]` : name, ...words].join(' ');
}

/** Flags that are no options of a run, each with the commands that take it. */
function ownFlags(commands: readonly Command[]): readonly (readonly [string, string])[] {
  const own = commands.flatMap(({ name, flags }) =>
    Object.entries(flags())
      .filter(([flag, option]) => optionOf(flag, option) === undefined)
      .map(([flag, option]) => ({ name, usage: usageOf(flag, option), help: flagHelp(flag, option) })),
  );
  return [...groupBy(own, ({ usage, help }) => `${usage}\n${help}`).values()].map((same) => [
    same[0].usage,
    `${same.map(({ name }) => name).join(', ')}: ${same[0].help}`,
  ]);
}

function flagHelp(flag: string, option: Flag): string {
  const key = optionOf(flag, option);
  if (key !== undefined) return `${optionTable[key].help} [${defaultText(key)}]`;
  const choices = [option.choices ?? []].flat().join(', ');
  const fallback = option.default === undefined ? '' : ` [${String(option.default)}]`;
  return `${option.describe ?? ''}${choices === '' ? '' : `: ${choices}`}${fallback}`;
}

/** `-m, --model ID`. */
function usageOf(flag: string, option: DeclaredFlag = yargsOptions()[flag] ?? {}): string {
  const key = optionOf(flag, option);
  const row: Partial<OptionRow<unknown>> = key === undefined ? {} : optionTable[key];
  const short = row.short ?? [option.alias ?? []].flat().find((name) => name.length === 1);
  const own = isSwitch(option) ? null : (option.placeholder ?? flag.toUpperCase());
  const placeholder = row.kind === undefined ? own : row.kind.placeholder;
  return `${short === undefined ? '    ' : `-${short}, `}--${flag}${placeholder === null ? '' : ` ${placeholder}`}`;
}

const WIDEST_FIRST_COLUMN = 28;

/** Columns of a terminal in which the second stands below the first. */
const NARROW = 64;

/** Lines of text, no wider than the terminal. */
class HelpPage {
  readonly #lines: string[] = [];
  readonly #columns: number;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  line(text = ''): void {
    this.#lines.push(text);
  }

  /** Two columns, and a line for each row; `more` stands where there is room for it. */
  briefly(rows: readonly (readonly [string, string, more?: string])[]): void {
    const indent = Math.max(...rows.map(([first]) => first.length)) + 4;
    for (const [first, second, more = ''] of rows) {
      const line = `  ${first}`.padEnd(indent) + second;
      this.line(`${line}${more}`.length <= this.#columns ? `${line}${more}` : line);
    }
  }

  /** Two columns. What does not fit beside the first goes on below it. */
  table(rows: readonly (readonly [string, string])[]): void {
    const widths = rows.map(([first]) => first.length).filter((width) => width <= WIDEST_FIRST_COLUMN);
    const indent = this.#columns < NARROW ? 8 : Math.max(0, ...widths) + 4;
    for (const [first, second] of rows) this.row(`  ${first}`, second, indent);
  }

  row(first: string, text: string, indent: number): void {
    const isBeside = first.length < indent || first === '';
    if (!isBeside) this.line(first);
    for (const [index, line] of wrapped(text, Math.max(20, this.#columns - indent)).entries())
      this.line((isBeside && index === 0 ? first : '').padEnd(indent) + line);
  }
}
