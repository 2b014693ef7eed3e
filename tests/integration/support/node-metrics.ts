import { get } from 'node:https';

/** A figure of what a node tells anybody at the cluster port, without a certificate; NaN when it is not told. */
export async function nodeFigure(clusterUrl: string, name: string): Promise<number> {
  const text = await new Promise<string>((resolve, reject) => {
    get(new URL('/metrics', clusterUrl), { rejectUnauthorized: false, agent: false }, (response) => {
      let told = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (told += chunk));
      response.on('end', () => resolve(told));
      response.on('error', reject);
    }).on('error', reject);
  });
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 'NaN');
}
