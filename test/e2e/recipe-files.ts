import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Receipt } from '../../src/domain/receipt.ts';
import type { Workspace } from '../support/workspace.ts';

/** A recipe with this front matter; its prompt is the document, unless it says otherwise. */
export function prompt(header: string, body = '{{document}}'): string {
  return `---\n${header}\n---\n${body}\n`;
}

/** Writes a file of a workspace, `recipes/default.prompt` for example, in one step: nobody reads half of it. */
export async function put({ root }: Workspace, path: string, content: string): Promise<void> {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(join(root, 'draft'), content);
  await rename(join(root, 'draft'), target);
}

/** The receipt beside a result, which is given by its path below the outbox. */
export async function receiptOf(workspace: Workspace, result: string): Promise<Receipt> {
  return JSON.parse(await readFile(workspace.outbox(`${result}.receipt.json`), 'utf8')) as Receipt;
}

/** The value of a result in JSON. */
export async function valueOf(workspace: Workspace, result: string): Promise<unknown> {
  return JSON.parse(await readFile(workspace.outbox(result), 'utf8'));
}

/** A text of so many paragraphs, each of about forty tokens and no two alike. */
export function paragraphs(count: number): string {
  return Array.from({ length: count }, (_, index) => paragraph(index + 1)).join('\n\n');
}

function paragraph(number: number): string {
  const sentence = `Paragraph ${number} tells of the ${number}th day of the journey, and of nothing else that happened.`;
  return `${sentence} It was cold in the morning of day ${number}, and warm when the evening came.`;
}
