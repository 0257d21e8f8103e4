import { attribute, childElements, isElement, type XmlElement } from '../xml.ts';
import { markOf } from './marks.ts';
import { APART, LINES, UNSEEN } from './page.ts';

/** A listing exactly as it stands, between fences; in a cell of a table, each line as code. No lines if it is empty. */
export function codeLines(element: XmlElement, isInCell: boolean): readonly string[] {
  const text = codeOf(element)
    .replace(/^\r?\n/, '')
    .trimEnd();
  if (text === '') return [];
  const lines = text.split(/\r\n|\r|\n/);
  if (isInCell) return lines.map(codeInLine);
  const longest = (text.match(/`{3,1000}/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${languageOf(element)}`, ...lines, fence];
}

function codeOf(element: XmlElement): string {
  let text = '';
  const collect = ({ children }: XmlElement): void => {
    for (const child of children) {
      if (!isElement(child)) text += child;
      else if (child.name === 'br') text += '\n';
      else if (!UNSEEN.has(child.name)) {
        const isBlock = APART.has(child.name) || LINES.has(child.name) || child.name === 'li';
        const mark = /^(?:su[bp]|rt)$/.test(child.name) ? markOf(child.name) : undefined;
        if (isBlock && text !== '' && !text.endsWith('\n')) text += '\n';
        text += mark?.before ?? '';
        collect(child);
        text += mark?.after ?? '';
        if (isBlock && !text.endsWith('\n')) text += '\n';
      }
    }
  };
  collect(element);
  return text;
}

function codeInLine(line: string): string {
  if (line.trim() === '') return '';
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``;
}

function languageOf(element: XmlElement): string {
  const classes = [element, ...childElements(element, 'code')].map((code) => attribute(code, 'class') ?? '').join(' ');
  return /\blang(?:uage)?-([\w+#-]+)/.exec(classes)?.[1] ?? '';
}
