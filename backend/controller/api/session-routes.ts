import { LoginRequest, SessionView } from '../../contracts/admin-api.ts';
import { failed, success } from '../../base/outcome.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, noContent, noteInAudit } from './console-app.ts';
import { sessionCookieOf, tokenOf } from './security.ts';

const cookieOptions = { httpOnly: true, sameSite: 'strict' } as const;

/** Log in, out, and ask who one is. The only calls without a session. */
export function sessionRoutes(app: ConsoleApp, context: ConsoleContext): void {
  app.get('/session', { schema: { tags: ['session'], response: { 200: SessionView } } }, (request) => {
    const token = tokenOf(request);
    const session = token === undefined ? undefined : context.sessions.peek(token);
    const view: SessionView = session ? { authenticated: true, ...session } : { authenticated: false };
    return view;
  });

  app.post('/session', { schema: { tags: ['session'], body: LoginRequest, response: { 200: SessionView } } }, async (request, reply) => {
    const { username, password, kind = 'cookie' } = request.body;
    const outcome = await context.administrators.login(username, password, request.ip);
    if (!outcome.ok) return answer(reply, failed(outcome.failure));
    const { token, session } = context.sessions.create(username);
    const view: SessionView = { authenticated: true, ...session, ...(kind === 'bearer' ? { token } : {}) };
    if (kind === 'cookie') {
      const { name, path } = sessionCookieOf(request);
      void reply.setCookie(name, token, { ...cookieOptions, path, secure: context.secure });
    }
    return answer(reply, success(view));
  });

  app.delete('/session', { schema: { tags: ['session'], response: { 204: noContent } } }, (request, reply) => {
    const token = tokenOf(request);
    if (token !== undefined) {
      const session = context.sessions.peek(token);
      context.sessions.end(token);
      if (session)
        noteInAudit(context, { actor: session.username, address: request.ip, action: 'logout', subject: 'session', outcome: 'done' });
    }
    const { name, path } = sessionCookieOf(request);
    void reply.clearCookie(name, { ...cookieOptions, path, secure: context.secure });
    return answer(reply, success(undefined));
  });
}
