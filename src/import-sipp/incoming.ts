/** `<recv request>` and `<send>` of a response: the file is called, by another device of the same run. */
import { actsOn } from './actions.js'
import { follows } from './branches.js'
import { quoted, ref } from './quoting.js'
import type { Recv, Send } from './scenario-file.js'
import { attributesOf } from './requests.js'
import { argument, type CallInHand, type Scene } from './scene.js'

export function waitsForRequest(scene: Scene, command: Recv): void {
  const { draft, call } = scene
  const method = command.request ?? ''
  scene.asked = command
  const isKnown = /^[A-Z]{2,20}$/.test(method)
  if (!isKnown || command.attributes.get('regexp_match') === 'true')
    draft.todo(`the file takes any request that matches ${quoted(method)} here: name the one that is to be tried.`)
  else if (method === 'REGISTER')
    draft.todo('the file plays a registrar here. The registrar is what ringproof tests: its devices register with it.')
  else if (method === 'INVITE' && (call === undefined || call.stage === 'over')) isCalled(scene, command)
  else if (method === 'ACK') isAcknowledged(scene, command)
  else if (method === 'BYE') isHungUp(scene, command)
  else if (method === 'CANCEL') isCancelled(scene, command)
  else if (method === 'PRACK') draft.note('PRACK is waited for and answered by ringproof itself (RFC 3262).')
  else if (call?.stage === 'established') isAskedInCall(scene, method, call, command)
  else isAskedOutside(scene, method, command)
  actsOn(scene, command)
  follows(scene, command)
}

function isCalled(scene: Scene, command: Recv): void {
  const { draft, own, other } = scene
  draft.does(`${own}.waitsForTheStory()`)
  const calling = draft.has('calling', `await ${other}.invites(${own})`)
  const code = draft.has('call', `await ${own}.nextCall(${ref('WAITS_MS')})`)
  draft.checks(
    'arrived',
    { paraphrase: 'the call arrives at the device that is called', gravity: 'outage', cause: 'call-not-delivered' },
    `${code} !== undefined`,
    ".toBeTrue('the call arrives')",
  )
  draft.does(`if (${code} === undefined) return`)
  scene.call = { code, direction: 'incoming', peer: calling, stage: 'calling', byHand: undefined }
  scene.seen = `${own}.hears('INVITE', { callId: ${code}.id }).first`
  if (command.optional) draft.note('The INVITE is optional in the file; here a call is made, and has to arrive.')
}

function isAcknowledged(scene: Scene, { optional }: Recv): void {
  const { draft, call, own } = scene
  if (call === undefined || call.direction !== 'incoming' || call.stage !== 'established') {
    draft.note('ACK of a refusal or of a change within a call is waited for by ringproof itself.')
    return
  }
  const code = `await ${ref('within')}(${call.code}.acknowledged, ${ref('WAITS_MS')})`
  scene.seen = `${own}.hears('ACK', { callId: ${call.code}.id }).last`
  if (optional) {
    draft.does(code)
    return
  }
  const ack = draft.has('ack', code)
  draft.checks(
    'acknowledged',
    { paraphrase: 'the answer of the called device is acknowledged', gravity: 'outage', cause: 'ack-lost' },
    `${ack} !== undefined`,
    ".toBeTrue('an ACK')",
  )
}

/** Code of the peer's end of the call, which may be undefined; undefined where the peer is no device of the run. */
function peerOf(scene: Scene, call: CallInHand): string | undefined {
  if (call.peer !== undefined || !scene.usesOther) return call.peer
  call.peer = scene.draft.has('taken', `await ${scene.other}.nextCall(${ref('WAITS_MS')})`)
  return call.peer
}

function isHungUp(scene: Scene, { optional }: Recv): void {
  const { draft, call, own } = scene
  if (call === undefined) {
    draft.todo('BYE outside of a call is not waited for.')
    return
  }
  const peer = peerOf(scene, call)
  if (peer === undefined) {
    draft.note('The file waits for BYE: the number that is called has to hang up.')
  } else {
    const mayBeMissing = call.direction === 'outgoing'
    const hangsUp = `await ${ref('within')}(${peer}.hangUp(), ${ref('WAITS_MS')})`
    draft.does(mayBeMissing ? `if (${peer} !== undefined) ${hangsUp}` : hangsUp)
  }
  call.stage = 'over'
  scene.seen = `${own}.hears('BYE', { callId: ${call.code}.id }).last`
  const end = draft.has('end', `await ${ref('within')}(${call.code}.ended, ${ref('WAITS_MS')})`)
  if (!optional) {
    draft.checks(
      'hungUpOn',
      { paraphrase: 'BYE of the other side arrives', gravity: 'harm', cause: 'hang-up-lost' },
      `${end}?.cause ?? 'still up'`,
      ".toBe('bye')",
    )
  }
}

function isCancelled(scene: Scene, { optional }: Recv): void {
  const { draft, call } = scene
  if (call?.direction !== 'incoming') {
    draft.todo('CANCEL is waited for, and no call rings here.')
    return
  }
  call.stage = 'over'
  draft.does(`await ${call.peer}.cancel()`)
  const code = `await ${ref('within')}(${call.code}.cancelled, ${ref('WAITS_MS')})`
  if (optional) {
    draft.does(code)
    return
  }
  const cancel = draft.has('cancel', code)
  draft.checks(
    'cancelled',
    { paraphrase: 'CANCEL of the caller arrives', gravity: 'harm', cause: 'cancel-lost' },
    `${cancel} !== undefined`,
    ".toBeTrue('a CANCEL')",
  )
}

/** The file's answer to what it was asked. */
function answerAfter({ commands }: Scene, command: Recv): Send | undefined {
  const at = commands.findIndex((one) => one.line === command.line)
  return commands
    .slice(at + 1)
    .find((one): one is Send => one.kind === 'send' && one.message.status !== undefined && one.message.status >= 200)
}

function isAskedInCall(scene: Scene, method: string, call: CallInHand, command: Recv): void {
  const { draft, own } = scene
  const answer = answerAfter(scene, command)
  const status = answer?.message.status ?? 200
  const isChange = method === 'INVITE' || method === 'UPDATE'
  if (isChange && status >= 300) draft.does(`${call.code}.onOffer = () => ({ status: ${status} })`)
  else if (!isChange && status !== 200)
    draft.does(`${call.code}.onRequest = ({ method }) => (method === '${method}' ? { status: ${status} } : undefined)`)
  const peer = peerOf(scene, call)
  const mark = call.direction === 'incoming' ? '' : '?'
  const verb = method === 'INVITE' ? 'reinvite()' : method === 'UPDATE' ? 'update()' : `request('${method}')`
  if (peer === undefined)
    draft.todo(`the file waits for ${method} within the call: the number that is called would have to send it.`)
  else draft.does(`await ${peer}${mark}.${verb}`)
  scene.seen = `${own}.hears('${method}', { callId: ${call.code}.id }).last`
  if (command.optional || peer === undefined) return
  draft.checks(
    'asked',
    { paraphrase: `${method} of the other side arrives within the call`, gravity: 'harm', cause: 'route-lost' },
    `${call.code}.received.some(({ method }) => method === '${method}')`,
    `.toBeTrue('${method}')`,
  )
}

function isAskedOutside(scene: Scene, method: string, command: Recv): void {
  const { draft, own, other } = scene
  const status = answerAfter(scene, command)?.message.status ?? 200
  const heard = `${own}.hears('${method}')`
  scene.seen = `${heard}.last`
  if (method === 'NOTIFY') {
    draft.note('NOTIFY is answered by ringproof itself.')
  } else {
    draft.does(`${own}.answersRequests(({ method }) => (method === '${method}' ? { status: ${status} } : undefined))`)
    draft.does(
      `await ${other}.sends('${method}', \`sip:\${${own}.number}@\${${other}.domain}\`, { to: \`<sip:\${${own}.number}@\${${other}.domain}>\` })`,
    )
  }
  const came = draft.has('came', `await ${heard}.next(${ref('WAITS_MS')})`)
  if (!command.optional) {
    draft.checks(
      'asked',
      { paraphrase: `${method} arrives at the device`, gravity: 'harm' },
      `${came} !== undefined`,
      `.toBeTrue('${method}')`,
    )
  }
}

/** `<send>` of a response. */
export function answers(scene: Scene, command: Send): void {
  const { draft, call, asked } = scene
  const { message } = command
  const status = message.status ?? 200
  const method = asked?.request ?? ''
  if (asked === undefined) {
    draft.todo(`a response, ${status}, is sent without a request before it.`)
    return
  }
  if (
    call === undefined ||
    call.direction !== 'incoming' ||
    call.stage !== 'calling' ||
    !['INVITE', 'PRACK'].includes(method)
  ) {
    if (status !== 200 && method !== 'CANCEL' && method !== 'INVITE' && call?.stage === 'over') {
      draft.todo(`${method} is answered with ${status} by the file; ringproof answers as RFC 3261 says.`)
    } else if (method !== 'REGISTER') {
      draft.note(
        'Answers to BYE, CANCEL and what is asked within a call are sent by ringproof itself, under the dialog and branch of the request.',
      )
    }
    return
  }
  if (method === 'PRACK') return
  const members = [...scene.carried(message), ...attributesOf(scene, message)]
  if (status >= 300) {
    call.stage = 'over'
    draft.does(
      `await ${call.code}.reject(${status}, ${message.rest === '' ? 'undefined' : quoted(message.rest)}${argument(members, ', ')})`,
    )
  } else if (status >= 200) {
    call.stage = 'established'
    draft.does(`await ${call.code}.answer(${argument(members)})`)
  } else if (status === 180 || status === 183) {
    const withSdp = message.body === '' ? members : ['sdp: true', ...members]
    draft.does(`await ${call.code}.${status === 180 ? 'ring' : 'progress183'}(${argument(withSdp)})`)
  } else {
    draft.does(`await ${call.code}.provisional(${status}${argument(members, ', ')})`)
  }
}
