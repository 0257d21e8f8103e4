import { optionKeys, optionTable } from '../cli/options/table.ts';
import { UsageError } from '../domain/errors.ts';
import { nearest } from '../lib/text.ts';
import { environmentName } from './option-words.ts';

const PREFIX = 'SLUICE_';

/** A variable with our prefix that is no option: keys are never flags. */
const KEY_VARIABLE = 'SLUICE_API_KEY';

/** For tests, and suggested to nobody: where OpenRouter's own schema is, and where the program is to crash. */
const TEST_VARIABLES: ReadonlySet<string> = new Set(['SLUICE_OPENROUTER_OPENAPI', 'SLUICE_CRASH_AT']);

/** Refuses `SLUICE_*` variables that nobody reads: a misspelt limit would cost money. Never shows a value. */
export function refuseUnknownVariables(environment: NodeJS.ProcessEnv): void {
  const known = [...optionKeys.map(environmentName), KEY_VARIABLE];
  for (const name of Object.keys(environment)) {
    if (name.startsWith(PREFIX) && !known.includes(name) && !TEST_VARIABLES.has(name))
      throw new UsageError(`The environment variable ${name} is not known${suggestion(name, known, PREFIX)}`);
  }
}

/** Refuses keys of the configuration file that are no options, and `root`, which says where that file is. */
export function refuseUnknownSettings(config: ReadonlyMap<string, string>, path: string): void {
  const known = optionKeys.map((key) => optionTable[key].flag).filter((flag) => flag !== optionTable.root.flag);
  for (const name of config.keys()) {
    if (name === optionTable.root.flag)
      throw new UsageError(`root in ${path} cannot be set there: the file is looked for in the workspace`);

    if (!known.includes(name))
      throw new UsageError(`${JSON.stringify(name)} in ${path} is not known${suggestion(name, known)}`);
  }
}

/** The prefix that all share says nothing of what was meant. */
function suggestion(name: string, known: readonly string[], prefix = ''): string {
  const bare = known.map((candidate) => candidate.slice(prefix.length));
  const meant = nearest(name.slice(prefix.length), bare);
  return meant === null ? `. Known are: ${known.join(', ')}` : `: did you mean ${prefix}${meant}?`;
}
