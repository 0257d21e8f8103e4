import type { Reading } from './reading.ts';
import { parseHtml, textOf } from './xml.ts';

/** Markdown of a page, or of a piece of one. `isXhtml`: `<script/>` is an element without content. */
export function htmlMarkdown(html: string, reading: Reading, isXhtml = false): string {
  return reading.put(textOf({ name: '', attributes: {}, children: parseHtml(html, isXhtml) }));
}
