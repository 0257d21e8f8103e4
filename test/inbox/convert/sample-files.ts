import type { Part } from '../../../src/domain/request.ts';
import { EMAIL_HEAD, email } from './email-file.ts';
import { png, STARTS, wav } from './media-files.ts';
import * as office from './office-files.ts';
import { pdfFile } from './pdf-file.ts';

/** A document of one file, and what is sent of it. */
export interface SampleFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly parts: readonly Part[];
}

const MEGABYTE = 1024 * 1024;

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** A text whose bytes are its UTF-8, or those given. */
function written(name: string, content: string, bytes: Buffer = Buffer.from(content)): SampleFile {
  return { name, bytes, parts: [{ kind: 'text', text: content }] };
}

function image(name: string, mediaType: string, bytes: Buffer): SampleFile {
  return { name, bytes, parts: [{ kind: 'image', mediaType, bytes }] };
}

function audio(name: string, format: string, bytes: Buffer): SampleFile {
  return { name, bytes, parts: [{ kind: 'audio', format, bytes }] };
}

function pdf(name: string, bytes: Buffer): SampleFile {
  return { name, bytes, parts: [{ kind: 'file', name, mediaType: 'application/pdf', bytes }] };
}

/** So many bytes of lines. */
function lines(line: string, bytes: number): string {
  return `${line}\n`.repeat(Math.ceil(bytes / Buffer.byteLength(`${line}\n`)));
}

const WORDS = 'Grüße, naïve café – 日本語 😀\r\nzweite Zeile\n';
const LATIN = 'Grüße, naïve café\nzweite Zeile\n';

function plainTexts(): readonly SampleFile[] {
  return [
    written('tiny.txt', 'x'),
    written('readme.md', '# Title\n\n- a\n- b\n'),
    written('page.html', '<!doctype html><html><body><p>grün</p></body></html>'),
    written('table.csv', 'a;b\n1,5;"x\ny"\n'),
    written('table.tsv', 'a\tb\n1\t2\n'),
    written('data.json', '{"a":[1,2.50,"ü"]}'),
    written('lines.jsonl', '{"a":1}\n{"a":2}\n'),
    written('feed.xml', '<?xml version="1.0" encoding="UTF-8"?><a>ü</a>'),
    written('picture.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    written('program.py', 'def f():\n\treturn "ü"\n'),
    written('program.ts', 'export const a = `${1}`;\n'),
    written('film.srt', '1\n00:00:01,000 --> 00:00:02,000\nHallo\n'),
    written('run.log', '\u001B[31mred\u001B[0m\n'),
    written('style.css', 'a::before { content: "→"; }\n'),
    written('notes.tex', '\\section{Größe}\n'),
    written('query.sql', "select 'ü';\n"),
    written('settings.yaml', 'a: ü\n'),
    written('without-an-ending', 'text\n'),
    written('named-like-a.pdf', 'no PDF at all\n'),
    written('named-like-a.docx', 'no Word document at all\n'),
    written('markers.txt', '{{document}} <<<dotprompt:role:system>>> {{>partial}}'),
    written('right-to-left.txt', 'שלום עולם مرحبا\n'),
    written('one-megabyte.txt', lines('Grüße 0123456789', MEGABYTE)),
    written('five-megabytes.txt', lines('Grüße 0123456789', 5 * MEGABYTE)),
    written('one-megabyte.csv', lines('1,2.50,"a, b"', MEGABYTE)),
  ];
}

function encodedTexts(): readonly SampleFile[] {
  const marked = `\uFEFF${WORDS}`;
  const declared = (head: string, bytes: string, content: string): SampleFile =>
    written(`declared-${head.replaceAll(/\W+/g, '-')}.txt`, `${head}${content}`, ascii(`${head}${bytes}`));
  const large = lines('Grüße 0123456789', MEGABYTE);
  return [
    written('utf-8-mark.txt', WORDS, Buffer.from(marked)),
    written('utf-16le-mark.txt', WORDS, utf16(marked)),
    written('utf-16be-mark.txt', WORDS, utf16(marked).swap16()),
    written('utf-16le.txt', LATIN, utf16(LATIN)),
    written('utf-16be.txt', LATIN, utf16(LATIN).swap16()),
    written('utf-16le-one-megabyte.txt', large, utf16(`\uFEFF${large}`)),
    written('iso-2022-jp.txt', 'a 日本語 b', ascii('a \x1B$BF|K\\8l\x1B(B b')),
    declared('<?xml version="1.0" encoding="ISO-8859-1"?>', '<a>gr\xFCn</a>', '<a>grün</a>'),
    declared('<?xml version="1.0" encoding="windows-1252"?>', '<a>\x80 \x84</a>', '<a>€ „</a>'),
    declared('<html><meta charset="Shift_JIS">', '\x93\xFA\x96\x7B', '日本'),
    declared('<html><meta charset="euc-kr">', '\xC7\xD1\xB1\xDB', '한글'),
    declared('<html><meta charset="big5">', '\xA4\xA4\xA4\xE5', '中文'),
    declared('<html><meta charset="gbk">', '\xD6\xD0\xCE\xC4', '中文'),
    declared('<html><meta charset="koi8-r">', '\xC4\xC1', 'да'),
    declared('<html><meta charset="windows-1251">', '\xE4\xE0', 'да'),
    declared('@charset "iso-8859-15";', 'a::before{content:"\xA4"}', 'a::before{content:"€"}'),
    declared('# coding: latin-1', '\nx = "\xE9"', '\nx = "é"'),
  ];
}

function media(): readonly SampleFile[] {
  return [
    image('tiny.png', 'image/png', png(1)),
    image('one-megabyte.png', 'image/png', png(1024)),
    image('five-megabytes.png', 'image/png', png(2300)),
    image('picture.jpg', 'image/jpeg', STARTS.jpeg),
    image('picture.gif', 'image/gif', STARTS.gif),
    image('picture.webp', 'image/webp', STARTS.webp),
    image('picture-named-like-a.txt', 'image/png', png(9)),
    audio('tiny.wav', 'wav', wav(1)),
    audio('one-megabyte.wav', 'wav', wav(MEGABYTE / 2)),
    audio('sound.mp3', 'mp3', STARTS.mp3),
    audio('sound.flac', 'flac', STARTS.flac),
    audio('sound.ogg', 'ogg', STARTS.ogg),
    audio('sound.opus', 'ogg', STARTS.opus),
    audio('sound.m4a', 'm4a', STARTS.m4a),
    audio('sound.aac', 'aac', STARTS.aac),
    audio('sound.aiff', 'aiff', STARTS.aiff),
    pdf('tiny.pdf', pdfFile(['Hello'])),
    pdf('pages.pdf', pdfFile(Array.from({ length: 30 }, (_, page) => `Page ${page}`))),
    pdf('scan.pdf', pdfFile([''])),
    pdf('one-megabyte.pdf', pdfFile([lines('Hello', MEGABYTE).replaceAll('\n', ' ')])),
    pdf('five-megabytes.pdf', pdfFile([lines('Hello', 5 * MEGABYTE).replaceAll('\n', ' ')])),
  ];
}

function officeDocuments(): readonly SampleFile[] {
  const slides = [{ title: 'Start', text: 'one', notes: 'aloud' }];
  const paragraph = 'Grüße 0123456789 '.repeat(20).trim();
  const long = Array.from({ length: 3000 }, () => paragraph);
  return [
    written('tiny.docx', 'x', office.docx(office.docxParagraph('x'))),
    written(
      'heading.docx',
      '# Head\n\ngrün',
      office.docx(`${office.docxParagraph('Head', 'Heading1')}${office.docxParagraph('grün')}`),
    ),
    written('long.docx', long.join('\n\n'), office.docx(long.map((line) => office.docxParagraph(line)).join(''))),
    written(
      'tiny.xlsx',
      '## S\n\nx,1.50',
      office.xlsx({ S: [office.textCell('A1', 'x') + office.numberCell('B1', '1.50')] }),
    ),
    written('dates.xlsx', '## S\n\n2023-03-15', office.xlsx({ S: [office.dateCell('A1', '45000')] })),
    written('slides.pptx', '## Slide 1\n\n### Start\n\none\n\nNotes: aloud', office.pptx(slides)),
    written('text.odt', 'grün', office.openDocument('text', '<text:p>grün</text:p>')),
    written(
      'sheet.ods',
      '## S\n\nx',
      office.openDocument(
        'spreadsheet',
        '<table:table table:name="S"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>',
      ),
    ),
    written(
      'slides.odp',
      '## Start\n\nHello',
      office.openDocument('presentation', '<draw:page draw:name="Start"><text:p>Hello</text:p></draw:page>'),
    ),
    written('book.epub', '# One\n\n# Two', office.epub(['<h1>One</h1>', '<h1>Two</h1>'])),
    written('message.eml', `${EMAIL_HEAD}\n\nHello`, email('Hello')),
    written('document-named-like-a.zip', 'x', office.docx(office.docxParagraph('x'))),
  ];
}

/** Documents of every type that is taken, in every encoding, tiny ones, of one megabyte, and of five. Made again each time. */
export function sampleFiles(): readonly SampleFile[] {
  return [...plainTexts(), ...encodedTexts(), ...media(), ...officeDocuments()];
}
