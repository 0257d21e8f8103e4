import { describe, expect, test } from '@jest/globals';
import { textOf } from './converted-in.ts';
import { COVERED, cell, item, level, list, listStyle, p, row, table, textStyle } from './odf-markup.ts';
import { odfPart, openDocument } from './office-files.ts';

const odt = (body: string, styles = '', extra: Readonly<Record<string, string>> = {}): Promise<string> =>
  textOf('a.odt', openDocument('text', body, styles, extra));
const heading = (text: string, at: number, more = ''): string =>
  `<text:h text:outline-level="${at}" ${more}>${text}</text:h>`;
const span = (name: string, text: string): string => `<text:span text:style-name="${name}">${text}</text:span>`;
const headedPage = (name: string, header: string): string =>
  `<style:master-page style:name="${name}"><style:header>${header}</style:header><style:footer><text:p><text:page-number>1</text:page-number> / <text:page-count>9</text:page-count></text:p></style:footer><style:footer-left style:display="false"><text:p>unused</text:p></style:footer-left></style:master-page>`;
const numbered = (text: string): string =>
  `<text:numbered-paragraph text:list-id="i" text:style-name="L" text:level="1">${p(text)}</text:numbered-paragraph>`;

const BULLET_STYLE = listStyle('B', '<text:list-level-style-bullet text:level="1" text:bullet-char="•"/>');

describe('tables of OpenDocument texts', () => {
  test('merged cells leave empty ones, so that all others stand in their columns', async () => {
    const body = table(
      row(cell('Region'), cell('Product'), cell('Price')),
      row(cell('North', 'table:number-rows-spanned="2"'), cell('Apple'), cell('10')),
      row(COVERED, cell('Pear'), cell('20')),
      row(cell('Sum', 'table:number-columns-spanned="2"'), COVERED, cell('30')),
    );
    expect(await odt(body)).toBe(
      '| Region | Product | Price |\n| --- | --- | --- |\n| North | Apple | 10 |\n|  | Pear | 20 |\n| Sum |  | 30 |',
    );
  });

  test('merged cells without the covered ones are put in their columns too', async () => {
    const body = table(
      row(cell('a', 'table:number-columns-spanned="2"'), cell('b')),
      row(cell('c'), cell('d'), cell('e')),
    );
    expect(await odt(body)).toBe('| a |  | b |\n| --- | --- | --- |\n| c | d | e |');
  });

  test('tables and headings in tables are lines; tables in which nothing stands are not there', async () => {
    const inner = table(row(cell('x'), cell('y')), row(cell(''), cell('z')));
    const body = table(
      row(
        `<table:table-cell>${inner}</table:table-cell>`,
        '<table:table-cell><text:h text:outline-level="1">Head</text:h></table:table-cell>',
      ),
    );
    expect(await odt(body + table(row(cell(''), cell(''))))).toBe('| x \\| y<br>\\| z | Head |\n| --- | --- |');
  });

  test('repeated cells, head rows, lists and tables in cells; a table of one cell is its text', async () => {
    const body = `${table(
      `<table:table-header-rows>${row(cell('h', 'table:number-columns-repeated="2"'))}</table:table-header-rows>`,
      row(`<table:table-cell>${list('', item(p('x')), item(p('y')))}</table:table-cell>`, cell('a|b')),
    )}${table(row(cell('alone')))}`;
    expect(await odt(body)).toBe('| h | h |\n| --- | --- |\n| - x<br>- y | a\\|b |\n\nalone');
  });
});

describe('numbers of OpenDocument lists and headings', () => {
  const NUMBERS = listStyle(
    'L',
    level(1, 'style:num-format="1" style:num-suffix="." text:start-value="5"'),
    level(2, 'style:num-format="a" style:num-prefix="(" style:num-suffix=")"'),
    level(3, 'style:num-format="I" text:display-levels="3"'),
  );

  test('levels have their own numerals, and start where they say', async () => {
    const inner = list('', item(p('c'), list('', item(p('d')))), item(p('e')));
    const body = list('text:style-name="L"', item(p('a')), item(p('b'), inner), item(p('f')));
    expect(await odt(body, NUMBERS)).toBe('5. a\n6. b\n  (a) c\n    6.a.I d\n  (b) e\n7. f');
  });

  test('a list goes on where one before it ended, if it says so', async () => {
    const body = [
      list('text:style-name="L" xml:id="one"', item(p('a')), item(p('b'))),
      list('text:style-name="L"', item(p('new'))),
      list('text:style-name="L" text:continue-numbering="true"', item(p('next'))),
      list('text:style-name="L" text:continue-list="one"', item(p('c'))),
      list('text:style-name="L"', '<text:list-item text:start-value="40"><text:p>d</text:p></text:list-item>'),
    ].join(p('-'));
    expect(await odt(body, NUMBERS)).toBe('5. a\n6. b\n\n-\n\n5. new\n\n-\n\n6. next\n\n-\n\n7. c\n\n-\n\n40. d');
  });

  test('deeper items go on behind other text, and behind a head in the same item', async () => {
    const body =
      list(
        'text:style-name="L"',
        item(p('a'), list('', item(p('b')), item(p('c'))), p('aside'), list('', item(p('d')))),
      ) +
      p('-') +
      list(
        'text:style-name="L" text:continue-numbering="true"',
        item(list('', item(p('e')))),
        item(p('f'), list('', item(p('g')))),
      );
    expect(await odt(body, NUMBERS)).toBe('5. a\n  (a) b\n  (b) c\n  aside\n  (c) d\n\n-\n\n  (d) e\n6. f\n  (a) g');
  });

  test('what is written out by the program, heads of lists, and items that hold a list only', async () => {
    const body = list(
      'text:style-name="L"',
      '<text:list-header><text:p>head</text:p></text:list-header>',
      item('<text:number>§ 9</text:number>', p('a'), p('more')),
      item(list('', item(p('b')))),
      item(p('c')),
    );
    expect(await odt(body, NUMBERS)).toBe('head\n§ 9 a\n  more\n  (a) b\n6. c');
  });

  test('numbers of other kinds: a whole pattern, aa after z, bullets that say something, none', async () => {
    const styles = [
      listStyle('P', level(1, 'style:num-format="1" style:num-list-format="Art. %1%)" style:num-suffix="."')),
      listStyle('S', level(1, 'style:num-format="a" style:num-letter-sync="true" text:start-value="28"')),
      listStyle('B', '<text:list-level-style-bullet text:level="1" text:bullet-char="☑"/>'),
      listStyle('N', level(1, 'style:num-format=""')),
    ].join('');
    const body = ['P', 'S', 'B', 'N', 'none'].map((name) => list(`text:style-name="${name}"`, item(p('x')))).join('');
    expect(await odt(body, styles)).toBe('Art. 1) x\n\nbb x\n\n- ☑ x\n\nx\n\n- x');
  });

  test('a paragraph may name its list', async () => {
    expect(await odt(numbered('a') + p('-') + numbered('b'), NUMBERS)).toBe('5. a\n\n-\n\n6. b');
  });

  test('headings have their numbers, also those that stand in lists', async () => {
    const styles = odfPart(
      'styles',
      '<office:styles><text:outline-style><text:outline-level-style text:level="1" style:num-format="1"/><text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style><style:style style:name="Free" style:family="paragraph" style:list-style-name=""/></office:styles>',
    );
    const body = [
      heading('One', 1),
      heading('Free', 1, 'text:style-name="Free"'),
      heading('Two', 1),
      heading('Two one', 2),
      heading('No number', 2, 'text:is-list-header="true"'),
      list('text:style-name="L"', item(heading('Listed', 2))),
      list('text:style-name="B"', item(heading('With a bullet', 2))),
      list('text:style-name="Outline"', item(heading('Older', 1))),
    ].join('');
    expect(await odt(body, NUMBERS + BULLET_STYLE, { 'styles.xml': styles })).toBe(
      '# 1 One\n\n# Free\n\n# 2 Two\n\n## 2.1 Two one\n\n## No number\n\n## 5. Listed\n\n## With a bullet\n\n# 3 Older',
    );
  });
});

test('a heading that has its number in it keeps it, without an outline too', async () => {
  const numberedHeading = heading('<text:number>IV.2</text:number>Costs', 2);
  expect(await odt(numberedHeading + heading('Plain', 2))).toBe('## IV.2 Costs\n\n## Plain');
});

describe('paragraphs of OpenDocument texts', () => {
  test('raised, lowered and struck text is marked, also by a style that it is based on', async () => {
    const styles = [
      textStyle('Up', 'style:text-position="super 58%"'),
      textStyle('Based', 'style:font-name="x"', 'style:parent-style-name="Up"'),
      textStyle('Down', 'style:text-position="-33% 58%"'),
      textStyle('Flat', 'style:text-position="0% 100%"'),
      textStyle('Struck', 'style:text-line-through-style="solid"'),
    ].join('');
    const body = p(
      `10${span('Up', '6')} m${span('Up', '2')}${span('Based', '3')} H${span('Down', '2')}O ${span('Flat', 'flat')} ${span('Struck', 'old')} new${span('Up', '')}`,
    );
    expect(await odt(body, styles)).toBe('10<sup>6</sup> m<sup>23</sup> H<sub>2</sub>O flat ~~old~~ new');
  });

  test('marks around marks, and marks beside a link', async () => {
    const styles =
      textStyle('Up', 'style:text-position="super"') + textStyle('S', 'style:text-line-through-style="solid"');
    const struck = span('S', `a ${span('S', span('Up', 'b'))}`);
    const link = `<text:a xlink:href="https://example.org">${span('Up', '2')}</text:a>`;
    expect(await odt(p(`${struck} ${span('Up', '1')}${link}`), styles)).toBe(
      '~~a <sup>b</sup>~~ <sup>1</sup>[<sup>2</sup>](https://example.org)',
    );
  });

  test('white space is one blank, whatever elements it is spread over', async () => {
    expect(await odt('<text:p>\n  a <text:span> b</text:span>\n  <text:span>c</text:span></text:p>')).toBe('a b c');
  });

  test('ruby, links, notes, comments, fields, changes', async () => {
    const body =
      p('<text:ruby><text:ruby-base>漢字</text:ruby-base><text:ruby-text>かんじ</text:ruby-text></text:ruby>') +
      p(
        '<text:a xlink:href="https://example.org/x y">site</text:a>, <text:a xlink:href="https://example.org/">example.org</text:a>, <text:a xlink:href="#there">there</text:a>',
      ) +
      p(
        'a<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>first</text:p></text:note-body></text:note> b<text:note><text:note-citation>i</text:note-citation><text:note-body><text:p>last</text:p><text:p>more</text:p></text:note-body></text:note> b<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>of the next page</text:p></text:note-body></text:note>',
      ) +
      p(
        'c<office:annotation><dc:creator>Ann</dc:creator><dc:date>2026-01-01T00:00:00</dc:date><text:p>why?</text:p><text:p>really?</text:p></office:annotation> d<office:annotation-end/>',
      ) +
      '<text:tracked-changes><text:changed-region><text:deletion><text:p>deleted</text:p></text:deletion></text:changed-region></text:tracked-changes>' +
      p('kept <text:change-start text:change-id="c"/>inserted<text:change-end text:change-id="c"/>') +
      p(
        '<text:hidden-text text:string-value="hidden" text:is-hidden="true"/> <text:expression text:formula="ooow:a+b"/> <text:page-number>3</text:page-number> <text:placeholder>&lt;name&gt;</text:placeholder>',
      );
    expect(await odt(body)).toBe(
      [
        '漢字(かんじ)',
        '[site](https://example.org/x%20y), example.org, there',
        'a[^1] b[^i] b[^note 3]',
        'c [Comment by Ann: why? really?] d',
        'kept inserted',
        'hidden =a+b 3 <name>',
        '[^1]: first',
        '[^i]: last\nmore',
        '[^note 3]: of the next page',
      ].join('\n\n'),
    );
  });

  test('text in elements that nobody knows is read', async () => {
    expect(
      await odt('<new:block>loose <new:inner>text</new:inner></new:block><new:box><text:p>in it</text:p></new:box>'),
    ).toBe('loose text\n\nin it');
  });

  test('a part that lies in another file is there if it was stored, else left out', async () => {
    const source = '<text:section-source xlink:href="../chapter.odt"/>';
    const body = `<text:section>${source}${p('stored')}</text:section><text:section>${source}</text:section>`;
    expect(await odt(body)).toBe('stored\n\n[Left out: 1 linked document]');
  });

  test('indexes are there, and what they are made by is not', async () => {
    const body =
      '<text:table-of-content><text:table-of-content-source><text:index-title-template>Template</text:index-title-template></text:table-of-content-source><text:index-body><text:index-title><text:p>Contents</text:p></text:index-title><text:p>One<text:tab/>1</text:p></text:index-body></text:table-of-content>';
    expect(await odt(body)).toBe('Contents\n\nOne\t1');
  });

  test('headers have styles of their own, whatever those of the text are called', async () => {
    const styles = odfPart(
      'styles',
      `<office:automatic-styles>${textStyle('T1', 'style:text-position="super"')}</office:automatic-styles><office:master-styles><style:master-page style:name="Standard"><style:header>${p(`x${span('T1', '2')}`)}</style:header></style:master-page></office:master-styles>`,
    );
    expect(await odt(p(`y${span('T1', '3')}`), textStyle('T1', ''), { 'styles.xml': styles })).toBe(
      'Header: x<sup>2</sup>\n\ny3',
    );
  });

  test('headers and footers are there once; those of page numbers alone are not', async () => {
    const styles = odfPart(
      'styles',
      `<office:master-styles>${headedPage('First', p('ACME, page <text:page-number>1</text:page-number>'))}${headedPage('Standard', p('ACME, page <text:page-number>1</text:page-number>'))}</office:master-styles>`,
    );
    expect(await odt(p('text'), '', { 'styles.xml': styles })).toBe('Header: ACME, page 1\n\ntext');
  });
});
