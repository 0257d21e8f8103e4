import type { PdfEngine } from '../domain/recipe.ts';
import { isRecord, type JsonRecord } from '../lib/json.ts';

/** The plugins that a recipe turns on; `enabled: false` turns one off. */
export function pluginsOf(fields: JsonRecord): readonly JsonRecord[] {
  const { plugins } = fields;
  return Array.isArray(plugins) ? plugins.filter(isRecord).filter(({ enabled }) => enabled !== false) : [];
}

/** The engines that `config.plugins` names for PDFs: one, if it says something of them at all. */
export function pluginPdfEngines(fields: JsonRecord): readonly PdfEngine[] {
  return pluginsOf(fields)
    .filter(({ id }) => id === 'file-parser')
    .flatMap(({ pdf }) => (isRecord(pdf) ? engineOf(pdf['engine']) : []));
}

function engineOf(engine: unknown): readonly PdfEngine[] {
  // The old name of the same.
  if (engine === 'pdf-text') return ['cloudflare-ai'];

  return engine === 'native' || engine === 'cloudflare-ai' || engine === 'mistral-ocr' ? [engine] : [];
}
