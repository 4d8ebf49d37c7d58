import { createServer } from 'http';
import { AddressInfo } from 'net';

/** What a stand-in of a service answers; an error it refuses with is a `Refusal`. */
export interface Answer {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
}

export class Refusal extends Error {
  constructor(
    public readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Service = (
  method: string,
  path: string,
  query: URLSearchParams,
  body: any,
  headers: any,
) => Answer;

/** Runs something against a server on 127.0.0.1 that answers as the service does. */
export async function serving<T>(service: Service, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    let text = '';
    request
      .on('data', (data) => (text += data))
      .on('end', () => {
        const { pathname, searchParams } = new URL(request.url!, 'http://127.0.0.1');
        let answer: Answer;
        try {
          const body = text ? JSON.parse(text) : undefined;
          answer = service(
            request.method!,
            decodeURIComponent(pathname),
            searchParams,
            body,
            request.headers,
          );
        } catch (error) {
          const { message, status = 500 } = error as Refusal;
          answer = { status, body: { error: { code: status, message } } };
        }
        response.writeHead(answer.status ?? 200, {
          'content-type': 'application/json',
          ...answer.headers,
        });
        response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
      });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
