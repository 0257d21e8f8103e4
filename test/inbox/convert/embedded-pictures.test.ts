import { expect, test } from '@jest/globals';
import { converted } from './converted-in.ts';

const letters = `${'iVBORw0KGgo+/'.repeat(100)}\n ${'A'.repeat(20)}==`;

test('of a drawing, its labels are sent, and not the letters of pictures and fonts in it', async () => {
  const svg = `<?xml version="1.0"?><svg><style>@font-face{src:url(data:font/woff;charset=utf-8;base64,${letters})}</style><image xlink:href="data:image/png;base64,${letters}"/><image href='data:image/svg+xml;base64,AAAA'/><text>Label</text></svg>`;
  expect(await converted({ 'a.svg': Buffer.from(svg) })).toEqual({
    kind: 'converted',
    parts: [
      {
        kind: 'text',
        text: '<?xml version="1.0"?><svg><style>@font-face{src:url(data:,)}</style><image xlink:href="[Left out: 1 picture]"/><image href=\'data:image/svg+xml;base64,AAAA\'/><text>Label</text></svg>',
      },
    ],
    leftOut: { picture: 1 },
    readers: [],
  });
});

test('a picture of 20 MB is nothing to search for long', async () => {
  const html = `<p>before</p><img src="data:image/png;base64,${'A'.repeat(20_000_000)}"><p>after</p>`;
  expect(await converted({ 'a.html': Buffer.from(html) })).toMatchObject({
    parts: [{ text: '<p>before</p><img src="[Left out: 1 picture]"><p>after</p>' }],
  });
});
