import type { JsonRecord } from '../lib/json.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import type { Report } from './report.ts';
import { meantName, unknownName } from './unknown-name.ts';

/** dotprompt's own, and ours. What is for people or for other programs is left to them. */
const KNOWN = [
  'name',
  'variant',
  'version',
  'description',
  'model',
  'config',
  'input',
  'output',
  'ext',
  'metadata',
  'sluice',
];

const TOOLS: ReadonlySet<string> = new Set(['tools', 'toolDefs']);

/** Reports what stands at the top of the front matter and means nothing there: it would be without effect, unnoticed. */
export function checkNames(header: JsonRecord, report: Report): void {
  for (const name of Object.keys(header)) {
    const problem = KNOWN.includes(name) ? null : (name.includes('.') ? misplaced : misnamed)(name);
    if (problem !== null) report(name, problem);
  }
}

function misnamed(name: string): string {
  if (TOOLS.has(name)) return 'is not for a recipe to set: sluice calls no tools';
  if (Object.hasOwn(CONFIG_FIELDS, name)) return `is not known here: did you mean config.${name}?`;

  return unknownName(name, KNOWN);
}

/** dotprompt gives `anyone.setting` to anyone. */
function misplaced(name: string): string | null {
  const [space = '', ...rest] = name.split('.');
  if (space === 'sluice') return null;
  if (KNOWN.includes(space)) return `is not read so: write ${rest.join('.')} below ${space}:`;

  const meant = meantName(space, KNOWN);
  return meant === null ? null : `is not known: did you mean ${[meant, ...rest].join('.')}?`;
}
