import { openCertificateFiles, type CertificateFiles } from '../../adapters/network/certificate-files.ts';
import { usageError } from './command-error.ts';

/** The certificate of the two options; null when neither was given. A usage error names the option. */
export function givenCertificate(
  certificateFile: string | undefined,
  keyFile: string | undefined,
  certificateOption: string,
  keyOption: string,
): CertificateFiles | null {
  if (certificateFile === undefined && keyFile === undefined) return null;
  if (certificateFile === undefined || keyFile === undefined) throw usageError(`${certificateOption} and ${keyOption} belong together.`);
  const opened = openCertificateFiles({ certificateFile, keyFile });
  if (!opened.ok) throw usageError(`${certificateOption}, ${keyOption}: ${opened.failure.message}`);
  return opened.value;
}
