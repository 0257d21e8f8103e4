// Its libraries are large: it is loaded by `import()` when it is needed.
import { gfm } from '@joplin/turndown-plugin-gfm';
import TurndownService from 'turndown';

/** The limit of browsers. Every column that a cell spans is written. */
const MOST_COLUMNS = 1000;
const SPANS = /(<t[dh]\b[^<>]*?\bcolspan\s*=\s*["']?\s*)(\d+)/gi;

/** Markdown of a piece of HTML: headings, lists, links and tables stay; scripts, styles and pictures go. */
export function htmlToMarkdown(html: string): string {
  const service = new TurndownService({
    headingStyle: 'atx',
    codeBlockStyle: 'fenced',
    bulletListMarker: '-',
    hr: '---',
  });
  service.use(gfm);
  service.remove(['script', 'style', 'title', 'noscript', 'template']);
  service.addRule('pictures by their description', { filter: 'img', replacement: (_, node) => description(node) });
  // A reader of text, not of rendered pages: `a_b` and `1.` stay as they were written.
  service.escape = (text) => text;
  const narrow = html.replaceAll(
    SPANS,
    (_, before: string, span) => `${before}${Math.min(MOST_COLUMNS, Number(span))}`,
  );
  return service.turndown(narrow);
}

function description(node: TurndownService.Node): string {
  const text = 'getAttribute' in node ? node.getAttribute('alt') : null;
  return text === null || text === '' ? '' : `[Picture: ${text}]`;
}
