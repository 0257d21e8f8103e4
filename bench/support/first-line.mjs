/** The first line on stdout of a server that was launched, once it is there. */
export async function firstLine(server) {
  let text = '';
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.includes('\n')) return text;
  }
  throw new Error(`the server did not start: ${(await server.ended).complaint}`);
}
