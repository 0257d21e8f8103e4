export interface RecipeSource {
  /** YAML, on the lines where it stands in the file; null where there is no front matter. */
  readonly header: string | null;
  /** Without the white space around it. */
  readonly body: string;
}

/** A line of three dashes; white space after them does not count. */
const FENCE = /^---[^\S\n]*$/;

/**
 * Front matter and template of a dotprompt file. Other than dotprompt's own, it refuses front matter that does not end or
 * does not stand at the top: both would be sent to the model as text, and the settings in it would be without effect.
 *
 * @throws SyntaxError that says so
 */
export function splitFrontMatter(source: string): RecipeSource {
  const lines = source.replaceAll(/\r\n?/g, '\n').split('\n');
  const start = lines.findIndex((line) => line.trim() !== '');
  if (!FENCE.test(lines[start] ?? '')) return { header: null, body: lines.join('\n').trim() };

  if (start > 0) throw new SyntaxError('must stand at the very top of the file: there are blank lines before its ---');

  const end = lines.findIndex((line, index) => index > 0 && FENCE.test(line));
  if (end === -1) throw new SyntaxError('does not end: a line of --- must stand between it and the prompt');

  return {
    header: ['', ...lines.slice(1, end)].join('\n'),
    body: lines
      .slice(end + 1)
      .join('\n')
      .trim(),
  };
}
