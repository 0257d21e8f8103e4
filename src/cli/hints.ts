import { delimiter, dirname, isAbsolute, relative, resolve } from 'node:path';
import { visible } from '../report/words.ts';
import type { Hint } from '../run/prepare.ts';

interface Shell {
  /** Absolute; empty if it was deleted. */
  readonly currentFolder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** How this program is called again. `script`: what Node was started with, `process.argv[1]`. */
export function calledAs(script: string, place: Shell): string {
  const { PATH = '' } = place.environment;
  // npm puts such folders on the path of what it starts, not on that of the shell.
  const onPath = PATH.split(delimiter).filter((folder) => !folder.endsWith('node_modules/.bin'));
  const path = quoted(asTyped(script, place));
  if (/\.[cm]?js$/.test(script)) return `node ${path}`;
  if (onPath.includes(dirname(script))) return quoted(script.slice(dirname(script).length + 1));
  return path.includes('/') ? path : `./${path}`;
}

/** The hints of a workspace. `--root` is named unless it is the default one. */
export function hintsFor(
  root: string,
  { commandLine, ...place }: Shell & { readonly commandLine: readonly string[] },
): Hint {
  const called = plainHints({ commandLine });
  const isDefault = shellFolder(place) !== '' && root === resolve(shellFolder(place), 'watch');
  const where = isDefault ? '' : `--root ${quoted(asTyped(root, place))}`;
  return (command) => called([command, where].filter((part) => part !== '').join(' '));
}

/** The hints that are about no workspace. */
export function plainHints({ commandLine: [program = 'sluice'] }: { readonly commandLine: readonly string[] }): Hint {
  return (command) => (command === '' ? program : `${program} ${command}`);
}

/** Where the person's shell is, who may have called `npm run` below the package's folder; empty if it was deleted. */
function shellFolder({ currentFolder, environment: { INIT_CWD: npmFrom } }: Shell): string {
  return npmFrom !== undefined && npmFrom !== currentFolder ? '' : currentFolder;
}

/** Relative if it lies below the current folder. */
function asTyped(path: string, place: Shell): string {
  const folder = shellFolder(place);
  if (folder === '') return path;
  const below = relative(folder, path);
  if (below === '') return '.';
  if (below === '..' || below.startsWith('../') || isAbsolute(below)) return path;
  return below.startsWith('-') ? `./${below}` : below;
}

/** As a shell takes it. What cannot be seen is written as an escape of bash and zsh, as it may come from the name of a file. */
export function quoted(text: string): string {
  if (/^[\w./@:+,%=-]+$/.test(text)) return text;
  return visible(text) === text
    ? `'${text.replaceAll("'", String.raw`'\''`)}'`
    : `$'${Array.from(text, inQuotes).join('')}'`;
}

function inQuotes(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  if (visible(character) === character) return character;
  return Array.from(Buffer.from(character), (byte) => String.raw`\x${byte.toString(16).padStart(2, '0')}`).join('');
}
