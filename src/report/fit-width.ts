const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What takes two columns: East Asian wide scripts and forms, and emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6\p{Emoji_Presentation}\uFE0F]/u;

/** The columns that `text` takes, rounded up where terminals differ. `text` must be visible: see `visible`. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;

  return width;
}

/** `text`, cut to `width` columns with an ellipsis where it is longer. */
export function fitWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;

  let kept = '';
  let room = width - 1;
  for (const { segment } of graphemes.segment(text)) {
    room -= displayWidth(segment);
    if (room < 0) break;

    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}
