import type { JsonRecord } from '../lib/json.ts';
import { checkNames } from './check-names.ts';
import { readConfig } from './config.ts';
import { fields, mapOf } from './container-shapes.ts';
import { pluginPdfEngines } from './plugins-of.ts';
import { readApis, readHandling } from './read-handling.ts';
import { readOutput } from './read-output.ts';
import type { RecipeDefinition } from './recipe-definition.ts';
import type { Report } from './report.ts';
import { readSettings } from './settings.ts';
import { anything, type Shape, scalar } from './shapes.ts';
import { VARIABLES } from './variables.ts';

const modelId = scalar('the id of a model, as the API knows it', (value): value is string => {
  return typeof value === 'string' && /^\S+$/.test(value);
});

const input = fields({
  default: fields(Object.fromEntries(VARIABLES.map((name) => [name, anything]))),
  schema: anything,
});

/** What the front matter of a recipe says. Everything that is wrong with it is reported; the value is then of no use. */
export function readHeader(
  header: JsonRecord,
  trusted: boolean,
  report: Report,
): Omit<RecipeDefinition, 'name' | 'template'> {
  checkNames(header, report);
  section(header, 'input', input, report);
  const config = readConfig(section(header, 'config', mapOf(anything), report) ?? {}, report);
  const settings = readSettings(header, report);
  const { output, ...result } = readOutput(settings, trusted, report);
  const handling = readHandling(settings, output, report);
  const apis = readApis(settings);
  settings.close();
  return {
    model: section(header, 'model', modelId, report),
    ...config,
    handling: { ...handling, pdf: handling.pdf ?? pluginPdfEngines(config.fields)[0] ?? null },
    ...result,
    apis,
  };
}

/** One that holds nothing, its lines commented out, is as if it were not there. */
function section<Value>(header: JsonRecord, name: string, shape: Shape<Value>, report: Report): Value | null {
  const value = header[name];
  return value === undefined || value === null ? null : (shape.read(value, name, report) ?? null);
}
