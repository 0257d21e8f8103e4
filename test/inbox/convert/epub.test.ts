import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import { png } from './media-files.ts';
import { archive } from './office-files.ts';

const page = (body: string, head = ''): string =>
  `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>no</title>${head}</head><body>${body}</body></html>`;
const CONTAINER =
  '<container><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>';
const XHTML = 'application/xhtml+xml';

type Item = readonly [id: string, href: string, type?: string, more?: string];

/** A book with these items in its manifest, these ids in its spine, and files by their paths below its folder. */
function book(
  items: readonly Item[],
  spine: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>>,
  others: Readonly<Record<string, string>> = { mimetype: 'application/epub+zip' },
): Buffer {
  const manifest = items.map(
    ([id, href, type = XHTML, more = '']) => `<item id="${id}" href="${href}" media-type="${type}" ${more}/>`,
  );
  const references = spine.map((id) => `<itemref idref="${id}"/>`);
  return archive({
    'META-INF/container.xml': CONTAINER,
    'OEBPS/book.opf': `<package><manifest>${manifest.join('')}</manifest><spine>${references.join('')}</spine></package>`,
    ...others,
    ...Object.fromEntries(Object.entries(files).map(([path, content]) => [`OEBPS/${path}`, content])),
  });
}

const one = (content: string | Uint8Array, others?: Readonly<Record<string, string>>): Buffer =>
  book([['a', 'a.xhtml']], ['a'], { 'a.xhtml': content }, others);

describe('a book', () => {
  test('is read in the order of its spine; a page that is in it twice is read once', async () => {
    const items: Item[] = [
      ['b', 'b.xhtml'],
      ['a', 'a.xhtml'],
      ['nav', 'nav.xhtml', XHTML, 'properties="nav"'],
    ];
    const files = { 'a.xhtml': page('<h1>A</h1>'), 'b.xhtml': page('<p>b</p>'), 'nav.xhtml': page('<nav>A</nav>') };
    expect(await textOf('a.epub', book(items, ['a', 'b', 'a'], files))).toBe('# A\n\nb');
    expect(await textOf('a.epub', book(items, ['nav', 'a', 'b'], files))).toBe('A\n\n# A\n\nb');
  });

  test('pages that are not in the line of reading stand where the spine has them', async () => {
    const bytes = archive({
      'META-INF/container.xml': CONTAINER,
      'OEBPS/book.opf': `<package><manifest><item id="a" href="a.xhtml" media-type="${XHTML}"/><item id="b" href="b.xhtml" media-type="${XHTML}"/></manifest><spine><itemref idref="b" linear="no"/><itemref idref="a"/></spine></package>`,
      'OEBPS/a.xhtml': page('<p>a</p>'),
      'OEBPS/b.xhtml': page('<p>b</p>'),
    });
    expect(await textOf('a.epub', bytes)).toBe('b\n\na');
  });

  test('pages outside of the spine, as notes may be, come at the end', async () => {
    const items: Item[] = [
      ['notes', 'notes.xhtml'],
      ['a', 'a.xhtml'],
    ];
    const files = { 'a.xhtml': page('<p>text</p>'), 'notes.xhtml': page('<p>notes</p>') };
    expect(await textOf('a.epub', book(items, ['a'], files))).toBe('text\n\nnotes');
  });

  test.each<[string, string, string]>([
    ['as it is', 'text/a b.xhtml', 'text/a%20b.xhtml'],
    ['with escapes in the archive too', 'text/a%20b.xhtml', 'text/a%20b.xhtml'],
    ['in another case', 'Text/A.XHTML', 'text/a.xhtml'],
    ['with a fragment', 'a.xhtml', 'a.xhtml#chapter-1'],
    ['composed otherwise', 'u\u0308.xhtml', '%C3%BC.xhtml'],
    ['from the root', 'a.xhtml', '/OEBPS/a.xhtml'],
  ])('a page is found by its name: %s', async (_name, path, href) => {
    expect(await textOf('a.epub', book([['a', href]], ['a'], { [path]: page('<p>found</p>') }))).toBe('found');
  });

  test('needs no mimetype entry', async () => {
    expect(await textOf('a.zip', one(page('<p>read</p>'), {}))).toBe('read');
  });

  test('has pages that are drawings and pictures', async () => {
    const items: Item[] = [
      ['cover', 'cover.svg', 'image/svg+xml'],
      ['scan', 'scan.png', 'image/png'],
      ['sheet', 'sheet.pdf', 'application/pdf', 'fallback="a"'],
      ['a', 'a.xhtml'],
    ];
    const bytes = book(items, ['cover', 'scan', 'sheet'], {
      'cover.svg': '<svg xmlns="http://www.w3.org/2000/svg"><image href="x.jpg"/><text>Title</text></svg>',
      'scan.png': png(2),
      'sheet.pdf': '%PDF-1.7',
      'a.xhtml': page('<p>in place of the sheet</p>'),
    });
    const outcome = await converted({ 'a.epub': bytes });
    expect(outcome).toMatchObject({
      parts: [{ text: 'Title\n\n[Left out: 1 picture]\n\nin place of the sheet' }],
      leftOut: { picture: 1 },
      readers: ['epub/2'],
    });
  });

  test('missing pages are told where they would stand', async () => {
    const items: Item[] = [
      ['a', 'a.xhtml'],
      ['gone', 'gone.xhtml'],
    ];
    const outcome = await converted({
      'a.epub': book(items, ['gone', 'nothing', 'a'], { 'a.xhtml': page('<p>here</p>') }),
    });
    expect(outcome).toMatchObject({ leftOut: { 'missing chapter': 2 } });
    expect(outcome).toMatchObject({ parts: [{ text: expect.stringMatching(/here$/) }] });
  });

  test.each<[string, string | Uint8Array, string]>([
    [
      'scripts, styles and titles that are closed at once',
      page('<p>kept</p>', '<script src="k.js"/><style/><title/>'),
      'kept',
    ],
    ['names of HTML', page('<p>caf&eacute;&nbsp;&mdash;</p>'), 'café\u00A0—'],
    [
      'a prefix',
      '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:body><h:h1>Head</h:h1></h:body></h:html>',
      '# Head',
    ],
    ['UTF-16', Buffer.from(`\uFEFF${page('<p>ä</p>')}`, 'utf16le'), 'ä'],
    [
      'an encoding that it names',
      Buffer.from(page('<p>\xE4</p>').replace('?>', ' encoding="iso-8859-1"?>'), 'latin1'),
      'ä',
    ],
    ['elements that nobody knows', '<dtbook><level><para>One.</para><para>Two.</para></level></dtbook>', 'One. Two.'],
    [
      'lists of pages and landmarks that are hidden',
      page('<nav epub:type="page-list" hidden="">1 2</nav><p>x</p>'),
      'x',
    ],
  ])('with %s', async (_name, content, text) => {
    expect(await textOf('a.epub', one(content))).toBe(text);
  });

  test('its style sheets tell what is raised', async () => {
    const items: Item[] = [
      ['a', 'a.xhtml'],
      ['css', 'a.css', 'text/css'],
    ];
    const files = { 'a.xhtml': page('<p>10<span class="s">6</span></p>'), 'a.css': '.s { vertical-align: super }' };
    expect(await textOf('a.epub', book(items, ['a'], files))).toBe('10<sup>6</sup>');
  });

  test.each<[string, string | Uint8Array, object]>([
    ['the end is cut off', page('<p>begun</p>').slice(0, -20), { 'end of a chapter': 1 }],
    ['a comment never ends', page('<p>begun</p><!-- and <p>more</p>'), { 'end of a chapter': 1 }],
    [
      'single bytes are damaged',
      Buffer.from(page(`<p>${'long enough '.repeat(9)}\xE4</p>`), 'latin1'),
      { 'unreadable character': 1 },
    ],
  ])('tells that %s', async (_name, content, leftOut) => {
    expect(await converted({ 'a.epub': one(content) })).toMatchObject({ kind: 'converted', leftOut });
  });

  test.each<[string, Buffer, string, RegExp]>([
    ['with pictures alone', one(page('<img src="1.jpg" alt=""/><img src="2.jpg"/>')), 'blank', /2 pictures/],
    ['of which no page is there', book([['a', 'a.xhtml']], ['a'], {}), 'blank', /1 missing chapter/],
    ['with a tag that swallows all', one(page('<p>lost</p>', '<style>')), 'blank', /unreadable chapter/],
    ['with rights', one(page('<p>x</p>'), { 'META-INF/license.lcpl': '{}' }), 'encrypted', /protection/],
    [
      'whose pages are encrypted',
      one('\u0001', {
        'META-INF/encryption.xml':
          '<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><CipherData><CipherReference URI="OEBPS/a.xhtml"/></CipherData></EncryptedData></encryption>',
      }),
      'encrypted',
      /protection/,
    ],
  ])('%s is refused', async (_name, bytes, code, reason) => {
    expect(await converted({ 'a.epub': bytes })).toEqual({
      kind: 'refused',
      code,
      reason: expect.stringMatching(reason),
    });
  });

  test('fonts that are hidden by a rule need no key', async () => {
    const encryption =
      '<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/><CipherData><CipherReference URI="OEBPS/a.xhtml"/></CipherData></EncryptedData></encryption>';
    expect(await textOf('a.epub', one(page('<p>read</p>'), { 'META-INF/encryption.xml': encryption }))).toBe('read');
  });
});
