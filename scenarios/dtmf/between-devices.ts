import { compareDigits, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'dtmf/between-devices',
  title: 'Keys pressed in a call between two devices arrive, in both directions',
  area: 'dtmf',
  purposes: ['EP-10', 'EV-END', 'EV-REPEAT'],
  provider: ['EP-10'],
  rules: {
    agreed: promised('EP-10', 'telephone-event passes in the session descriptions of both sides', {
      gravity: 'harm',
      cause: 'keypad-lost',
      harm: 'Key presses between customers do not arrive: telephone-event is missing from the session descriptions.',
    }),
    toCallee: promised('EP-10', 'the called device gets the digits of the caller, in their order', {
      gravity: 'harm',
      cause: 'keypad-lost',
      harm: "Callers cannot use other customers' voice menus, mailboxes or door openers: key presses are lost.",
    }),
    toCaller: promised('EP-10', 'the caller gets the digits of the called device, in their order', {
      gravity: 'harm',
      cause: 'keypad-lost',
      harm: 'Keys that the called party presses do not reach the caller.',
    }),
    once: promised('EP-10', 'each digit arrives once', {
      gravity: 'harm',
      cause: 'keypad-doubled',
      follows: ['keypad-timing'],
      harm: 'Key presses between customers count several times.',
    }),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'audio',
  step: 'talk',
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  fitForLoad: true,
  harm: 'Key presses between customers do not arrive as they were made.',
  advice:
    'Look whether the relay forwards packets of the telephone-event payload type, and which number it has on either side. Asterisk: dtmf_mode=rfc4733 at the endpoint; FreeSWITCH: dtmf-type=rfc2833 of the profile.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    precondition(caller.media?.negotiated && callee.media?.negotiated, 'the call has no audio session', 'no-audio')
    const lacking = [
      ...(callee.media.negotiated.dtmf ? [] : ['the offer to the called device']),
      ...(caller.media.negotiated.dtmf ? [] : ['the answer to the caller']),
    ]
    if (!expect('agreed', lacking, { certain: true }).toBeEmpty()) return
    const listen = [
      caller.media.hears(callee.media.patternId, 3_000),
      callee.media.hears(caller.media.patternId, 3_000),
    ]
    precondition(!(await Promise.all(listen)).includes(false), 'the devices do not hear each other', 'no-audio')
    const [fromCaller, fromCallee] = ['19955#', '*2880']
    await caller.sendDigits(fromCaller)
    await callee.sendDigits(fromCallee)
    await Promise.all([callee.media.hearsDigits(6, 3_000), caller.media.hearsDigits(5, 3_000)])
    await waits(500)
    const [atCallee, atCaller] = [callee.media.report().digits, caller.media.report().digits]
    expect('toCallee', atCallee || 'nothing').toSatisfy(fromCaller, () => !compareDigits(fromCaller, atCallee).lost)
    expect('toCaller', atCaller || 'nothing').toSatisfy(fromCallee, () => !compareDigits(fromCallee, atCaller).lost)
    const doubled = compareDigits(fromCaller, atCallee).doubled || compareDigits(fromCallee, atCaller).doubled
    expect('once', `${atCallee} and ${atCaller}`).toSatisfy(`${fromCaller} and ${fromCallee}`, () => !doubled)
  },
})
