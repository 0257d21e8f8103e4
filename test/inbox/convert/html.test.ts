import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { htmlMarkdown } from '../../../src/inbox/convert/html/html.ts';
import { Reading } from '../../../src/inbox/convert/reading.ts';

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/html/${name}`, import.meta.url), 'utf8');

function markdown(html: string, isXhtml = false, css = ''): string {
  return htmlMarkdown(html, new Reading(), isXhtml, css);
}

/** Numbers below a bound, the same ones each time. */
function sequence(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * bound);
  };
}

describe('a page as Markdown', () => {
  test.each<[string, object]>([
    ['text', {}],
    ['links', {}],
    ['lists', {}],
    ['tables', {}],
    ['mail-layout', {}],
    ['forms', {}],
    ['code', {}],
    ['media', { picture: 4, video: 1, sound: 1, 'embedded object': 2, 'embedded page': 1, drawing: 1 }],
  ])('%s', (name, leftOut) => {
    const reading = new Reading();
    expect(`${htmlMarkdown(fixture(`${name}.html`), reading)}\n`).toBe(fixture(`${name}.md`));
    expect(reading.leftOut).toEqual(leftOut);
  });

  test('what stands on a button is no part of the word beside it', () => {
    expect(htmlMarkdown('<p>a<button>Go</button>b</p>', new Reading())).toBe('a Go b');
  });

  test('signs of fonts that have no letters, up to where another font begins', () => {
    const html =
      '<p><font face="Wingdings">à</font> à <span style="color:red;font-family:\'Wingdings\',serif">ü<span style="font-family:Arial">ü</span></span></p>';
    expect(htmlMarkdown(html, new Reading())).toBe('→ à ✓ü');
  });

  test('XHTML may close at once what HTML would read on into', () => {
    const page = '<head><script src="x"/><style/><title/></head><p>a<i/>b<textarea/>c<iframe/>d</p>';
    expect(markdown(page, true)).toBe('abcd');
  });

  test('what Office puts at the ends of paragraphs breaks no line', () => {
    expect(markdown('<p>a<o:p></o:p>b</p>', true)).toBe('ab');
  });

  test('random tables with spans keep every cell in its column', () => {
    const random = sequence(13);
    for (let table = 0; table < 200; table += 1) {
      const [width, height] = [2 + random(5), 2 + random(6)];
      // The first row names the columns, so that none is empty.
      const expected = [Array.from({ length: width }, (_, column) => `c${column}`)];
      const taken = Array.from({ length: height }, () => new Set<number>());
      const rows = taken.map((full, row) => {
        const texts = Array.from({ length: width }, () => '');
        const cells: string[] = [];
        for (let column = 0; column < width; column += 1) {
          if (full.has(column)) continue;
          let columns = 1;
          while (column + columns < width && !full.has(column + columns) && random(3) === 0) columns += 1;
          const below = 1 + random(3);
          for (let down = 0; down < below; down += 1)
            for (let right = 0; right < columns; right += 1) taken[row + down]?.add(column + right);
          texts[column] = `r${row}c${column}`;
          cells.push(`<td colspan=${columns} rowspan=${below}>${texts[column]}`);
        }
        expected.push(texts);
        return `<tr>${cells.join('')}`;
      });
      const html = `<table><thead><tr>${expected[0]?.map((name) => `<th>${name}`).join('')}<tbody>${rows.join('')}</table>`;
      const lines = markdown(html)
        .split('\n')
        .filter((line) => !line.startsWith('| ---'));
      expect(
        lines.map((line) =>
          line
            .split('|')
            .slice(1, -1)
            .map((text) => text.trim()),
        ),
      ).toEqual(expected);
    }
  });

  test('notes are told from the word before them, and have the number by which they are referred to', () => {
    const page = `<p>Word<a epub:type="noteref" href="#n1">1</a> and<sup><a role="doc-noteref" href="#n2">2</a></sup></p>
      <aside id="n1" epub:type="footnote"><p>Without its number.</p></aside><aside id="n2" role="doc-footnote">2 With it.</aside>`;
    expect(markdown(page, true)).toBe('Word<sup>1</sup> and<sup>2</sup>\n\n1\n\nWithout its number.\n\n2 With it.');
  });

  test('style sheets beside the page count', () => {
    expect(markdown('<p>10<span class="up">6</span></p>', true, 'span.up{font-size:60%;vertical-align:super}')).toBe(
      '10<sup>6</sup>',
    );
  });

  test('of what a book has in several ways, one is read', () => {
    const page =
      '<epub:switch><epub:case><math><mi>x</mi></math></epub:case><epub:default>x</epub:default></epub:switch>';
    expect(markdown(page, true)).toBe('$x$');
  });

  test.each<[string, string]>([
    ['text in elements', `${'<div>'.repeat(9000)}${'<p>x</p>'.repeat(20_000)}`],
    ['tables in tables', `${'<table><tr><td>'.repeat(400)}${'<p>x</p>'.repeat(20_000)}`],
    [
      'tables of values in tables',
      `${'<table border=1><tr><th>a<th>b<tr><td>y<td>'.repeat(400)}${'<p>x</p>'.repeat(5000)}`,
    ],
    ['marks that nobody closes', `${'<b><sup>'.repeat(4000)}${'<p>x</p>'.repeat(20_000)}`],
    ['frames that nobody closes', `<p>x</p>${'<noframes>'.repeat(50_000)}<iframe src=a>`],
    [
      'a comment in a style sheet that nobody closes',
      `<style>${'/*'.repeat(500_000)}</style>${'<p>x</p>'.repeat(20_000)}`,
    ],
  ])('nothing is lost of %s', (_name, html) => {
    expect(markdown(html).match(/x/g)).toHaveLength(html.match(/>x</g)?.length ?? 0);
  });

  test.each<[string, string, RegExp]>([
    ['elements in elements', '<div>'.repeat(60_000), /nested more than/],
    ['cells that span a thousand columns', `<table>${'<tr><td>a<td colspan=1000>b'.repeat(20_000)}`, /cells/],
    ['quotations in quotations', `${'<blockquote>'.repeat(490)}${'<p>x</p>'.repeat(100_000)}`, /characters/],
  ])('%s are refused', (_name, html, reason) => {
    expect(() => markdown(html)).toThrow(reason);
  });
});
