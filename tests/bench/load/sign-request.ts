import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RequestToSign {
  readonly method: string;
  readonly path: string;
  /** In the order and encoding in which it is sent. Keys must be sorted. */
  readonly query: string;
  readonly host: string;
  readonly payloadHash: string;
}

/** Signature V4 for one account; the derived key is kept until the day ends, so that signing stays cheap beside the server's work. */
export function createSigner(credentials: Credentials, region: string): (request: RequestToSign) => Record<string, string> {
  let day = '';
  let key: KeyObject | undefined;
  return (request) => {
    const time = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '');
    const today = time.slice(0, 8);
    if (key === undefined || today !== day) {
      day = today;
      key = deriveKey(credentials.secretAccessKey, day, region);
    }
    const scope = `${day}/${region}/s3/aws4_request`;
    const signedHeaders = 'host;x-amz-content-sha256;x-amz-date';
    const canonical = `${request.method}\n${request.path}\n${request.query}\nhost:${request.host}\nx-amz-content-sha256:${request.payloadHash}\nx-amz-date:${time}\n\n${signedHeaders}\n${request.payloadHash}`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256Hex(canonical)}`;
    const signature = createHmac('sha256', key).update(text).digest('hex');
    return {
      host: request.host,
      'x-amz-content-sha256': request.payloadHash,
      'x-amz-date': time,
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    };
  };
}

export function sha256Hex(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function deriveKey(secret: string, day: string, region: string): KeyObject {
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of [day, region, 's3', 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
  return createSecretKey(key);
}
