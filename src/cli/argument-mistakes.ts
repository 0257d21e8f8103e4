import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { likelyName } from '../lib/shapes.ts';
import { counted, notTaken } from '../lib/text.ts';
import type { Hint } from '../run/prepare.ts';
import { type Command, type GivenFlags, isSwitch, namesOf } from './command.ts';
import { quoted } from './hints.ts';
import { isNameOfKey } from './options/resolve.ts';

interface CommandLine {
  readonly flags: GivenFlags;
  /** As they were typed. */
  readonly argv: readonly string[];
  readonly currentFolder: string;
}

/** What yargs gives beside flags, and what works with every command. */
const EVERYWHERE: readonly string[] = ['_', '$0', '--', 'help', 'h', 'version'];

export interface ArgumentMistake {
  readonly text: string;
  /** The flag that was meant: what is said of its default would mislead. */
  readonly meant?: string;
  /** What command is meant is not known: nothing else can be said. */
  readonly isOfCommand?: true;
}

/** What is wrong with the arguments of a command: unknown names, wrong choices, too few and too many. */
export function argumentMistakes(
  command: Command,
  commands: readonly Command[],
  given: CommandLine,
  hint: Hint,
): readonly ArgumentMistake[] {
  const unknown = unknownCommand(command, commands, given, hint);
  if (unknown !== null) return [{ text: unknown, isOfCommand: true }];
  return [
    ...tooMany(command, given).map((text) => ({ text })),
    ...unknownFlags(command, commands, given, hint),
    ...[...empty(command, given), ...unfitValues(command, given), ...missing(command, given, hint)].map((text) => ({
      text,
    })),
  ];
}

/** Words that no command and no argument took. */
function wordsLeft({ name }: Command, { flags }: CommandLine): readonly string[] {
  const words = Array.isArray(flags['_']) ? flags['_'].map(String) : [];
  return words[0] === name ? words.slice(1) : words;
}

/** Where no command is named, the first word is one that does not exist. */
function unknownCommand(command: Command, commands: readonly Command[], given: CommandLine, hint: Hint): string | null {
  const words = wordsLeft(command, given);
  const [first] = words;
  if (first === undefined || command.isDefault !== true || isNamed(command, given)) return null;
  const known = [...commands.map(({ name }) => name), 'help'];
  const meant = likelyName(first, known);
  if (meant !== null) return `${quoted(first)} is no command: did you mean ${meant}?`;
  if (given.currentFolder !== '' && existsSync(resolve(given.currentFolder, first)))
    return `${quoted(first)} is no command. To ask of it: ${hint(`ask "What to ask" ${words.map(quoted).join(' ')}`)}`;
  return `${quoted(first)} is no command. The commands are: ${known.join(', ')}.`;
}

function isNamed({ name }: Command, { flags }: CommandLine): boolean {
  return Array.isArray(flags['_']) && flags['_'][0] === name;
}

function tooMany(command: Command, given: CommandLine): readonly string[] {
  const words = wordsLeft(command, given);
  if (words.length === 0) return [];
  const { name, positionals = [] } = command;
  const takes = positionals.length === 0 ? 'nothing beside its options' : counted(positionals.length, 'argument');
  return [`${name} takes ${takes}: ${words.map(quoted).join(' ')} is too much.`];
}

function unknownFlags(
  command: Command,
  commands: readonly Command[],
  { flags, argv }: CommandLine,
  hint: Hint,
): readonly ArgumentMistake[] {
  const { name, positionals = [] } = command;
  const known = new Set([...flagNames(command), ...positionals.map((one) => one.name), ...EVERYWHERE]);
  const listed = `${hint(`help ${name}`)} lists what ${name} takes`;
  return Object.keys(flags)
    .filter((flag) => !known.has(flag))
    .map((flag) => {
      const no = argv.includes(`--no-${flag}`) ? 'no-' : '';
      const written = flag.length === 1 ? `-${flag}` : `--${no}${flag}`;
      if (commands.some((other) => flagNames(other).includes(flag)))
        return { text: `${written} is not for ${name}: ${listed}.` };
      if (isNameOfKey(flag)) return { text: keyRefused(written), meant: 'api-key-file' };
      const names = Object.keys(command.flags());
      const meant = likelyName(flag, names);
      if (meant === null) return { text: `${written} is not known: ${listed}.` };
      return { text: `${written} is not known: did you mean --${no}${meant}?`, meant };
    });
}

/** A shell remembers what is typed, and all users of a machine see it: the value is not shown once more. */
function keyRefused(written: string): string {
  return (
    `${written} is no option: a key on the command line is seen by others. Set OPENROUTER_API_KEY (or the variable of ` +
    'your API, or SLUICE_API_KEY), or name a file that holds it with --api-key-file. If it was a real key, replace it.'
  );
}

/** Values of a command's own flags, and values of switches, which take none. */
function unfitValues(command: Command, { flags, argv }: CommandLine): readonly string[] {
  return Object.entries(command.flags()).flatMap(([flag, option]) => {
    const value = flags[flag];
    if (isSwitch(option)) {
      const given = argv.find((word) => namesOf(flag, option).some((name) => word.startsWith(`--${name}=`)));
      return given === undefined ? [] : [`--${flag} takes no value: write --${flag} or --no-${flag}.`];
    }
    if (option.requiresArg === true && value === '') return [`--${flag} needs a value.`];
    const choices = [option.choices ?? []].flat().map(String);
    if (choices.length === 0 || value === undefined) return [];
    if (typeof value !== 'string') return [`--${flag} was given ${[value].flat().length} times: give it once`];
    if (choices.includes(value)) return [];
    return [notTaken(`--${flag}`, value, `one of ${choices.join(', ')}`, choices)];
  });
}

/** As a path it would mean the current folder: all that lies there would be asked about. */
function empty({ name, positionals = [] }: Command, { flags }: CommandLine): readonly string[] {
  const values = positionals.flatMap((one) => flags[one.name] ?? []);
  return values.includes('')
    ? [`${name} was given an empty argument (""): a path is empty, or a variable not set.`]
    : [];
}

function missing({ name, positionals = [] }: Command, { flags }: CommandLine, hint: Hint): readonly string[] {
  const words = positionals.filter(({ isRequired }) => isRequired).map((one) => one.name);
  const usage = hint([name, ...words.map((word) => word.toUpperCase())].join(' '));
  return words.filter((word) => flags[word] === undefined).map((word) => `${name} needs a ${word}: ${usage}`);
}

function flagNames({ flags }: Command): readonly string[] {
  return Object.entries(flags()).flatMap(([flag, option]) => namesOf(flag, option));
}
