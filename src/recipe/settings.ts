import { isRecord, type JsonRecord } from '../lib/json.ts';
import { type ReportProblem, type Shape, shown, unknownName } from '../lib/shapes.ts';

/** What a recipe says beside model, config and prompt, by names such as `concurrency`, `split.tokens`, `output.name`. */
export interface SettingsReader {
  /** The value of a setting, or null if it is not given, or not as `shape` wants it, which is reported. */
  take<Value>(name: string, shape: Shape<Value>): Value | null;
  has(name: string): boolean;
  /** Where a setting stands in the file: `sluice.output.name`. */
  whereIs(name: string): string;
  /** Reports settings that were not taken. */
  close(): void;
}

interface RecipeSetting {
  readonly name: string;
  readonly where: string;
  readonly value: unknown;
}

const NAMESPACE = 'sluice';

const GROUPS = ['output', 'split'];

/** The settings under `output` and `sluice`, also those that are written like `sluice.output.name: x`. */
export function readSettings(header: JsonRecord, report: ReportProblem): SettingsReader {
  const settings = new Map<string, RecipeSetting>();
  for (const setting of settingsOf(header, report)) {
    const twin = settings.get(setting.name);
    if (twin === undefined) settings.set(setting.name, setting);
    else report(setting.where, twin.where === setting.where ? 'is given twice' : `is given as ${twin.where}, too`);
  }
  const known = new Set<string>();
  return {
    take: (name, shape) => {
      known.add(name);
      const setting = settings.get(name);
      return setting === undefined ? null : (shape.read(setting.value, setting.where, report) ?? null);
    },
    has: (name) => settings.has(name),
    whereIs: (name) => settings.get(name)?.where ?? `${NAMESPACE}.${name}`,
    close: () => {
      for (const { name, where } of settings.values()) {
        // Settings of one group are not suggested for another.
        const kin = [...known, ...GROUPS].filter((other) => groupOf(other) === groupOf(name));
        if (!known.has(name)) report(where, unknownName(name, kin));
      }
    },
  };
}

function settingsOf(header: JsonRecord, report: ReportProblem): readonly RecipeSetting[] {
  const dotted = Object.entries(header)
    .filter(([name]) => name.startsWith(`${NAMESPACE}.`))
    .map(([where, value]) => ({ name: where.slice(NAMESPACE.length + 1), where, value }));
  const nested = entriesOf({ name: '', where: NAMESPACE, value: header[NAMESPACE] }, report);
  const output = { name: 'output', where: 'output', value: header['output'] };
  return [output, ...nested, ...dotted].flatMap((setting) =>
    GROUPS.includes(setting.name) ? entriesOf(setting, report) : [setting],
  );
}

/** A section whose settings are all commented out is null. */
function entriesOf({ name, where, value }: RecipeSetting, report: ReportProblem): readonly RecipeSetting[] {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) {
    report(where, `is ${shown(value)}; it takes a map of settings`);
    return [];
  }
  return Object.entries(value).map(([key, item]) => ({
    name: name === '' ? key : `${name}.${key}`,
    where: `${where}.${key}`,
    value: item,
  }));
}

function groupOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.indexOf('.')) : '';
}
