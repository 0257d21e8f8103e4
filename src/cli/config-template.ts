import { type OptionKey, optionKeys, optionTable } from './options/table.ts';

const WIDTH = 118;

const HEAD = [
  '# The options of this workspace, each with its default: take the # away to set one. Flags and SLUICE_* variables go',
  '# before what stands here. Relative paths begin in this folder. Keys have no place here: set OPENROUTER_API_KEY.',
].join('\n');

/** What `sluice.config.yaml` of a new workspace says: all options, commented out. */
export function configTemplate(): string {
  // Which file this is follows from the workspace.
  const keys = optionKeys.filter((key) => key !== 'root');
  const groups = new Set(keys.map((key) => optionTable[key].group));
  const sections = Array.from(groups, (group) =>
    section(
      group,
      keys.filter((key) => optionTable[key].group === group),
    ),
  );
  return `${[HEAD, ...sections].join('\n\n')}\n`;
}

function section(title: string, keys: readonly OptionKey[]): string {
  return [`# --- ${title} ---`, ...keys.map(setting)].join('\n\n');
}

function setting(key: OptionKey): string {
  const { flag, kind, help, default: value } = optionTable[key];
  return [...wrapped(help), `# ${flag}: ${value ?? kind.placeholder}`].join('\n');
}

/** As lines of comment. */
function wrapped(text: string): readonly string[] {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= WIDTH) lines.splice(-1, 1, line);
    else lines.push(`# ${word}`);
  }
  return lines;
}
