// The first events of a watch.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { ApiServer } from '#apiserver/server.ts';

interface Event {
  readonly type: string;
  readonly object: { readonly kind?: string };
}

export async function watchedFrom(
  { url, ca, token }: Pick<ApiServer, 'url' | 'ca' | 'token'>,
  path: string,
  count: number,
): Promise<readonly Event[]> {
  const request = https.get(url + path, { ca, agent: false, headers: { authorization: `Bearer ${token}` } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.split('\n').length > count) break;
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
