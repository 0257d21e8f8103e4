import { isRecord, type JsonRecord } from '../lib/json.ts';
import { pluginPdfEngines } from './plugins-of.ts';
import type { RecipeDefinition } from './recipe-definition.ts';
import type { Report } from './report.ts';

/** Reports what a recipe says twice, or what it says that cannot be had together. */
export function checkTogether({ fields, handling }: RecipeDefinition, report: Report): void {
  checkReasoning(fields['reasoning'], fields['reasoning_effort'], report);

  const other = pluginPdfEngines(fields).find((engine) => engine !== handling.pdf);
  if (other !== undefined)
    report('config.plugins', `has the file-parser with ${other}, but PDFs go through ${handling.pdf}: give one engine`);

  const { output, onTooLong, split } = handling;
  if (output.format !== 'json' || onTooLong !== 'split' || split.combine !== null || isList(output.schema)) return;

  const cure = 'give split.combine, a prompt that makes one of them';
  report('sluice.on_too_long', `is split, but JSON of parts can only be joined where the schema is an array: ${cure}`);
}

function checkReasoning(reasoning: unknown, effort: unknown, report: Report): void {
  if (!isRecord(reasoning)) return;

  const { effort: nested, max_tokens: tokens } = reasoning;
  if (typeof nested === 'string' && typeof tokens === 'number')
    report('config.reasoning', 'takes effort or max_tokens, not both');
  if (typeof nested === 'string' && typeof effort === 'string' && nested !== effort)
    report('config.reasoning_effort', `is ${effort}, but config.reasoning.effort is ${nested}: give one`);
}

function isList(schema: JsonRecord | null): boolean {
  return schema?.['type'] === 'array';
}
