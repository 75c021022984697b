// What a command asks for, asked by a program that does nothing with the answers but to parse those of one pod, which the
// others mostly repeat: Node cannot do it in less. `bare.ts` bundles it.   node bare-requests.js REQUESTS(JSON)

import { readFileSync } from 'node:fs';
import https from 'node:https';
import WebSocket from 'ws';

export interface BareRequests {
  readonly server: string;
  /** Files, PEM. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** The path of the pods of a namespace. */
  readonly pods: string;
  /** Undefined: all that the list has. */
  readonly only: string | undefined;
  /** Paths of lists of the API server. */
  readonly lists: readonly string[];
  /** Of each pod's Envoy, one after the other. */
  readonly admin: readonly string[];
  /** Of istiod. */
  readonly debug: readonly string[];
}

interface List {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
  readonly metadata: { readonly continue?: string };
}

const asked = JSON.parse(process.argv[2] as string) as BareRequests;
const [ca, cert, key] = [asked.tls.ca, asked.tls.cert, asked.tls.key].map((file) => readFileSync(file));
const tls = { ca, cert, key };
const agent = new https.Agent({ keepAlive: true, ...tls });

function getJson<T>(path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    https
      .get(asked.server + path, { agent, headers: { accept: 'application/json' } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as T));
      })
      .on('error', reject);
  });
}

async function listPages(path: string, next = ''): Promise<void> {
  const { metadata } = await getJson<List>(`${path}?limit=500&continue=${encodeURIComponent(next)}`);
  if (metadata.continue) await listPages(path, metadata.continue);
}

const podsWith = async (label: string): Promise<string[]> =>
  (await getJson<List>(`${asked.pods}?labelSelector=${label}`)).items.map(({ metadata }) => metadata.name);

/** A port of a pod, over the protocol of src/cluster/stream/port-forward.ts. */
class Port {
  readonly #socket: WebSocket;
  readonly #opened: Promise<void>;
  #portBytesLeft = 2;
  #chunks: Buffer[] = [];
  #answered: (answer: Buffer) => void = () => {};

  constructor(pod: string, port: number) {
    const url = `${asked.server.replace('https', 'wss')}${asked.pods}/${pod}/portforward?ports=${port}`;
    this.#socket = new WebSocket(url, ['v4.channel.k8s.io'], { ...tls, perMessageDeflate: false });
    this.#opened = new Promise((resolve, reject) => {
      this.#socket.on('open', resolve).on('error', reject);
    });
    this.#socket.on('message', (data: Buffer) => this.#receive(data));
  }

  async ask(path: string, isParsed: boolean): Promise<void> {
    await this.#opened;
    const answer = new Promise<Buffer>((resolve) => {
      this.#answered = resolve;
    });
    this.#socket.send(Buffer.from(`\0GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`));
    const body = bodyOf(await answer);
    if (isParsed) JSON.parse(body.toString());
  }

  #receive(data: Buffer): void {
    if (data[0] !== 0) return;
    const skipped = Math.min(this.#portBytesLeft, data.length - 1);
    this.#portBytesLeft -= skipped;
    this.#chunks.push(data.subarray(1 + skipped));
    if (!isLastChunk(data) && !isOfLength(this.#chunks)) return;
    this.#answered(Buffer.concat(this.#chunks));
    this.#chunks = [];
  }
}

const lastChunk = Buffer.from('0\r\n\r\n');
const isLastChunk = (data: Buffer): boolean => data.subarray(-lastChunk.length).equals(lastChunk);

/** istiod counts its answers' bytes; Envoy sends them in chunks. */
function isOfLength(chunks: readonly Buffer[]): boolean {
  const [first] = chunks;
  const length = first && /^content-length: (\d+)/im.exec(first.toString('latin1', 0, 500))?.[1];
  const end = first?.indexOf('\r\n\r\n') ?? 0;
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return length !== undefined && size >= end + 4 + Number(length);
}

function bodyOf(answer: Buffer): Buffer {
  let at = answer.indexOf('\r\n\r\n') + 4;
  if (!/^transfer-encoding: chunked/im.test(answer.toString('latin1', 0, at))) return answer.subarray(at);
  const chunks: Buffer[] = [];
  for (;;) {
    const start = answer.indexOf('\r\n', at) + 2;
    const length = Number.parseInt(answer.toString('latin1', at, start), 16);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(answer.subarray(start, start + length));
    at = start + length + 2;
  }
}

async function askPorts(pods: readonly string[], port: number, paths: readonly string[]): Promise<void> {
  await Promise.all(
    pods.map(async (pod, index) => {
      const opened = new Port(pod, port);
      for (const path of paths) await opened.ask(path, index === 0);
    }),
  );
}

async function askGateways(): Promise<void> {
  const names = await podsWith('istio=ingressgateway');
  const lists = asked.lists.map((path) => listPages(path));
  const pods = names.filter((name) => asked.only === undefined || name === asked.only);
  await Promise.all([...lists, askPorts(pods, 15000, asked.admin)]);
}

async function askIstiods(): Promise<void> {
  if (asked.debug.length === 0) return;
  await askPorts(await podsWith('app=istiod'), 15014, asked.debug);
}

await Promise.all([askGateways(), askIstiods()]);
process.stdout.write('done\n');
process.exit();
