import { type AccessRequest, type Answer, type Endpoint, markup, originOf, sha256Base64Url } from '@balustrade/core/kit'
import { loginSecretOf } from './browser-cookie.ts'
import { answerFailure } from './failure.ts'
import { type KeptForm, takeForm } from './kept-form.ts'
import { LOGIN_TIME, type LoginContext } from './login-context.ts'
import { sayPage } from './pages.ts'
import { readParameters } from './parameters.ts'

/** The id of the form, if the link was made for this browser less than ten minutes ago. */
const formIdOf = (context: LoginContext, request: AccessRequest): string | null => {
  const sealed = readParameters(request.query ?? '')?.get('form')
  const opened = sealed === undefined ? null : context.seals.open('resume', sealed)
  const secret = loginSecretOf(request)
  if (opened === null || secret === null || opened['browser'] !== sha256Base64Url(secret)) return null
  const { form, at } = opened
  return typeof form === 'string' && typeof at === 'number' && context.clock.now() - at <= LOGIN_TIME ? form : null
}

const pageOf = (context: LoginContext, { target, fields }: KeptForm): Answer => {
  const inputs = fields.map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)
  const form = markup`<form method="post" action="${target}">${inputs}<button>Send the form</button></form>`
  const body = markup`<p>You are signed in. The form you sent before was kept and has not been sent yet.</p>${form}`
  return sayPage(context, { title: 'Send your form', body, hasForm: true })
}

const serve = async (context: LoginContext, request: AccessRequest): Promise<Answer> => {
  const id = formIdOf(context, request)
  const kept = id === null ? null : await takeForm(context, id)
  if (kept === null || kept.origin !== originOf(request)) return answerFailure(context, request, { code: 'login.form_gone' })
  return pageOf(context, kept)
}

/** `GET /.balustrade/resume?form=`: shows a form that was kept, once, to the browser that sent it. Nothing is sent by itself. */
export const resumeEndpoint = (context: LoginContext): Endpoint => ({
  method: 'GET',
  segments: ['resume'],
  serve: ({ request }) => serve(context, request),
})

/** `GET /.balustrade/done`: the end of a login in a window that a script opened. */
export const doneEndpoint = (context: LoginContext): Endpoint => ({
  method: 'GET',
  segments: ['done'],
  serve: () => Promise.resolve(sayPage(context, { title: 'You are signed in', body: markup`<p>You can close this window.</p>` })),
})
