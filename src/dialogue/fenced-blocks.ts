export interface FencedBlock {
  /** What stands behind the opening fence: the language, mostly. */
  readonly info: string;
  readonly content: string;
  /** Whether a closing fence ends it; a block without one goes to the end of the text. */
  readonly closed: boolean;
}

const OPENING = /^[ \t]*(`{3,}(?=[^`]*$)|~{3,})(.*)$/;

/** The fenced code blocks of a Markdown text. A fence is closed by one of the same sign that is at least as long. */
export function fencedBlocks(text: string): readonly FencedBlock[] {
  const lines = text.split(/\r?\n/);
  const blocks: FencedBlock[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [, fence, info] = OPENING.exec(lines[index] ?? '') ?? [];
    if (fence === undefined || info === undefined) continue;
    const end = closingLine(lines, index + 1, fence);
    blocks.push({ info: info.trim(), content: lines.slice(index + 1, end).join('\n'), closed: end < lines.length });
    index = end;
  }
  return blocks;
}

function closingLine(lines: readonly string[], from: number, fence: string): number {
  let end = from;
  while (end < lines.length && !closes((lines[end] ?? '').trim(), fence)) end += 1;
  return end;
}

function closes(line: string, fence: string): boolean {
  return line.length >= fence.length && line === fence.charAt(0).repeat(line.length);
}
