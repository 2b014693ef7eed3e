import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { Emitter } from '../../base/emitter.ts';
import type { CertificateSource, ServerCertificate } from '../../base/http-port.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';

/** Whoever renews certificates does it seldom; looking is cheap. */
const lookEveryMs = 5_000;

/** A certificate in two files, read again when one of them changes. */
export interface CertificateFiles extends CertificateSource {
  /** Why the files as they are now cannot be used; told once. */
  readonly problems: Emitter<string>;
  /** Stops looking. */
  close(): void;
}

/**
 * Reads the pair, and looks every few seconds whether it has changed: at what is in the files, because their times miss a change
 * that comes soon after the one before. Where a pair does not fit together (one of the files is not written yet, say), that is
 * among the `problems`, and the former stays in use.
 * Failure: `InvalidArgument`, with the file and what is wrong with it.
 */
export function openCertificateFiles(options: { certificateFile: string; keyFile: string; everyMs?: number }): Outcome<CertificateFiles> {
  const files = [resolve(options.certificateFile), resolve(options.keyFile)] as const;
  const first = readPair(...files);
  if (!first.ok) return first;
  let current = first.value;
  let told: string | undefined;
  const changes = new Emitter<ServerCertificate>();
  const problems = new Emitter<string>();
  const look = (): void => {
    const pair = readPair(...files);
    if (!pair.ok) {
      if (pair.failure.message !== told) problems.emit(`${pair.failure.message} The certificate of before stays in use.`);
      told = pair.failure.message;
      return;
    }
    told = undefined;
    if (pair.value.certificatePem === current.certificatePem && pair.value.privateKeyPem === current.privateKeyPem) return;
    current = pair.value;
    changes.emit(current);
  };
  const timer = setInterval(look, options.everyMs ?? lookEveryMs).unref();
  return success({
    get current() {
      return current;
    },
    problems,
    onChange: (listener) => changes.on(listener),
    close: () => clearInterval(timer),
  });
}

function readPair(certificateFile: string, keyFile: string): Outcome<ServerCertificate> {
  let reading = certificateFile;
  try {
    const certificatePem = readFileSync(certificateFile, 'utf8');
    const certificate = new X509Certificate(certificatePem);
    reading = keyFile;
    const privateKeyPem = readFileSync(keyFile, 'utf8');
    if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem)))
      return failed(failure('InvalidArgument', `${keyFile} is not the key of the certificate in ${certificateFile}.`));
    createSecureContext({ cert: certificatePem, key: privateKeyPem });
    return success({ certificatePem, privateKeyPem });
  } catch (error) {
    return failed(failure('InvalidArgument', `${reading} cannot be used: ${error instanceof Error ? error.message : String(error)}.`));
  }
}
