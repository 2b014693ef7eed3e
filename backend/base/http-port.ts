import type { ByteStream } from './bytes.ts';
import type { Disposable, Service } from './lifecycle.ts';

/**
 * Plain HTTP as a port, for the S3 front: the raw target and the raw headers, because Signature V4
 * is computed over exactly what the client sent and `new URL()` would already have changed it.
 */
export interface HttpRequest {
  readonly method: string;
  /** The request target exactly as received, e.g. /bucket/a%2F..//b?list-type=2 */
  readonly rawTarget: string;
  /** Lower-case name -> values joined by ', ' (as Node does). */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** name, value, name, value ... as received, so that doubled headers can be refused. */
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
  readonly secure: boolean;
  /** The body as it arrives. Throws when the client cuts the line. */
  readonly body: ByteStream;
  /** Aborts when the client goes away before the response is complete. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  /** A stream that throws cuts the connection: the client never takes a part for the whole. */
  readonly body?: Uint8Array | string | ByteStream;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;

/** A listening HTTP server; built apart from `start`. `stop` ends open connections within its grace. */
export interface HttpServer extends Service {
  /** The port that is really bound, after `start`. */
  readonly port: number;
  /** New connections get this certificate (renewal). Only for a server that was made with one. */
  useCertificate(tls: ServerCertificate): void;
}

/** What a TLS server shows, and the key to it. */
export interface ServerCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A certificate that somebody else renews, and that is taken over when it changes. */
export interface CertificateSource {
  readonly current: ServerCertificate;
  /** Told with each new pair. */
  onChange(listener: (tls: ServerCertificate) => void): Disposable;
}

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: ServerCertificate;
  readonly handler: HttpHandler;
  /** Connections above this are refused. */
  readonly maxConnections: number;
}

export type HttpServerFactory = (options: HttpServerOptions) => HttpServer;
