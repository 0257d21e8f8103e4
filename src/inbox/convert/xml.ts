import { DOMParser, type Element } from '@xmldom/xmldom';
import { decodeText } from './decode-text.ts';
import { Refusal } from './refusal.ts';
import type { Texts } from './zip.ts';

/** The root of an XML file of an archive; null where the file is not there. Entities of its own are never expanded. */
export function parseXml(texts: Texts, path: string): Element | null {
  const bytes = texts.get(path);
  if (bytes === undefined) return null;
  const decoded = decodeText(bytes);
  const root = decoded.kind === 'text' ? parse(decoded.text) : null;
  if (root === null) throw new Refusal('broken-document', `${path} in it is damaged. Save it again.`);
  return root;
}

/** As `parseXml`, for a file without which there is no document. */
export function requireXml(texts: Texts, path: string): Element {
  const root = parseXml(texts, path);
  if (root === null) throw new Refusal('broken-document', `It has no ${path} in it. Save it again.`);
  return root;
}

function parse(text: string): Element | null {
  try {
    return new DOMParser({ onError: stopAtErrors }).parseFromString(text, 'text/xml').documentElement;
  } catch {
    return null;
  }
}

function stopAtErrors(level: string, message: string): void {
  if (level !== 'warning') throw new Error(message);
}
