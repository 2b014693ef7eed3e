import { RingChangeView } from '../../contracts/admin-api.ts';
import { RecoveryRequest, RecoveryView } from '../../contracts/recovery.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited } from './console-app.ts';

/** Going on after a majority is lost for good. */
export function recoveryRoutes(app: ConsoleApp, context: ConsoleContext): void {
  const tags = ['rings'];
  app.get('/rings/recovery', { schema: { tags, response: { 200: RecoveryView } } }, async (_request, reply) =>
    answer(reply, await context.recovery.view()),
  );

  const schema = { tags, body: RecoveryRequest, response: { 202: RingChangeView } };
  app.post('/rings/recovery', { schema }, async (request, reply) => {
    const outcome = await context.recovery.start(request.administrator ?? 'administrator', request.body);
    audited(context, request, 'rings.recover', `giving up ${request.body.giveUp.join(', ')}`, outcome);
    return answer(reply, outcome, 202);
  });
}
