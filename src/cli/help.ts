import type { Options as YargsOption } from 'yargs';
import { UsageError } from '../domain/errors.ts';
import type { OptionKey } from '../domain/options.ts';
import { meantName } from '../lib/shapes.ts';
import { nearest } from '../lib/text.ts';
import { type DeclaredCommand, isSwitch } from './arguments/declared.ts';
import { EXAMPLES, FIRST_EXAMPLES } from './examples.ts';
import type { Hint } from './hints.ts';
import { optionGroups } from './options/rows.ts';
import { defaultText, environmentName, flagOf, optionKeys, optionTable } from './options/table.ts';
import type { OptionRow } from './options/value-kind.ts';

interface HelpSettings {
  readonly hint: Hint;
  /** How wide the terminal is. */
  readonly columns: number;
}

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
export function helpText(topic: string, commands: readonly DeclaredCommand[], settings: HelpSettings): string {
  const page = new Page(Math.min(100, settings.columns));
  if (topic === '') firstScreen(page, commands, settings.hint);
  else if (topic === 'all') everything(page, commands);
  else commandHelp(page, named(topic, commands, settings.hint), settings.hint);
  return page.text;
}

function named(topic: string, commands: readonly DeclaredCommand[], hint: Hint): DeclaredCommand {
  const command = commands.find(({ names }) => names[0] === topic);
  if (command !== undefined) return command;
  const known = commands.map(({ names: [name] }) => name);
  const meant = meantName(topic, known) ?? nearest(topic, known);
  const instead =
    meant === null ? `: the commands are ${known.join(', ')}` : `: did you mean ${hint(`help ${meant}`)}?`;
  throw new UsageError(`There is no command ${topic}${instead}`);
}

/** The common ones, on a screen of 24 lines. */
function firstScreen(page: Page, commands: readonly DeclaredCommand[], hint: Hint): void {
  page.line(WHAT_IT_DOES);
  page.line();
  const known = new Set(commands.map(({ names: [name] }) => name));
  page.briefly(
    FIRST_EXAMPLES.filter(([name]) => name === '' || known.has(name)).map(([, command, what]) => [hint(command), what]),
  );
  page.line();
  page.row('Commands:', [...known].join(', '), 'Commands: '.length);
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

function everything(page: Page, commands: readonly DeclaredCommand[]): void {
  page.line(WHAT_IT_DOES);
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
  page.line('Flags go before variables, variables before sluice.config.yaml in the workspace. .env is read, too.');
  page.line();
  page.line('Exit codes of --once:');
  page.table(EXIT_CODES);
}

function commandHelp(page: Page, command: DeclaredCommand, hint: Hint): void {
  const [name] = command.names;
  page.line(`${hint(synopsis(command))} [options]`);
  page.line();
  page.row('', `${command.describe}.`, 0);
  const examples = EXAMPLES[name] ?? [];
  if (examples.length > 0) page.line();
  for (const example of examples) page.line(`  ${hint(example)}`);
  const described = command.positionals.filter(({ describe }) => describe !== undefined);
  if (described.length > 0) page.line();
  page.table(described.map((one) => [one.name.toUpperCase(), String(one.describe)]));
  page.line();
  const shown = [...command.flags].filter(([, { hidden }]) => hidden !== true);
  page.table(shown.map(([flag, option]) => [usageOf(flag, option), flagHelp(flag, option)]));
}

/** `show DOCUMENT`, `retry [GLOB]`. */
function synopsis({ names: [name, ...others], positionals }: DeclaredCommand): string {
  const words = positionals.map((one) => {
    const word = `${one.name.toUpperCase()}${one.isList ? '...' : ''}`;
    return one.isRequired ? word : `[${word}]`;
  });
  return [others.includes('$0') ? `[${name}]` : name, ...words].join(' ');
}

function keyOf(flag: string): OptionKey | undefined {
  return optionKeys.find((key) => flagOf(key) === flag);
}

function flagHelp(flag: string, option: YargsOption): string {
  const key = keyOf(flag);
  if (key !== undefined) return `${optionTable[key].help} [${defaultText(key)}]`;
  const choices = [option.choices ?? []].flat().join(', ');
  const fallback = option.default === undefined ? '' : ` [${String(option.default)}]`;
  return `${option.describe ?? ''}${choices === '' ? '' : `: ${choices}`}${fallback}`;
}

/** `-m, --model ID`. */
function usageOf(flag: string, option: YargsOption = {}): string {
  const key = keyOf(flag);
  const row: Partial<OptionRow<unknown>> = key === undefined ? {} : optionTable[key];
  const short = row.short ?? [option.alias ?? []].flat().find((name) => name.length === 1);
  const placeholder = row.kind === undefined ? (isSwitch(option) ? null : flag.toUpperCase()) : row.kind.placeholder;
  return `${short === undefined ? '    ' : `-${short}, `}--${flag}${placeholder === null ? '' : ` ${placeholder}`}`;
}

const WIDEST_FIRST_COLUMN = 28;

/** Columns of a terminal in which the second stands below the first. */
const NARROW = 64;

/** Lines of text, no wider than the terminal. */
class Page {
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
    let line = first.padEnd(indent);
    if (first.length >= indent && first !== '') {
      this.line(first);
      line = ' '.repeat(indent);
    }
    const room = Math.max(indent + 20, this.#columns);
    let isEmpty = true;
    for (const word of text.split(' ')) {
      if (!isEmpty && line.length + 1 + word.length > room) {
        this.line(line);
        line = ' '.repeat(indent);
        isEmpty = true;
      }
      line += isEmpty ? word : ` ${word}`;
      isEmpty = false;
    }
    this.line(line);
  }
}
