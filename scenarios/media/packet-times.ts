import { owed, scenario, talkBothWays, whereReached } from 'ringproof'

const PAIRS = [
  { id: 'media/packet-times', caller: 10, called: 60 },
  { id: 'media/packet-times-30', caller: 30, called: 30 },
] as const

export default PAIRS.map(({ id, caller: callerMs, called: calledMs }) =>
  scenario({
    id,
    title: `Two telephones whose packets hold ${[...new Set([callerMs, calledMs])].join(' and ')} ms of audio hear each other`,
    area: 'media',
    purposes: ['PTIME'],
    provider: ['BH-4'],
    rules: {
      heard: owed('RFC 8866 §6.4', 'the two hear each other, however much audio their packets hold', {
        gravity: 'outage',
        cause: 'no-audio',
        harm: `Telephones that do not send packets of 20 ms are not heard: ${callerMs} and ${calledMs} ms were tried.`,
      }),
      intact: whereReached(
        owed('RFC 8866 §6.4', 'audio is not altered, however much of it is in a packet', {
          gravity: 'outage',
          cause: 'audio-altered',
          follows: ['packet-times-misread', 'audio-lost'],
        }),
      ),
      pace: whereReached(
        owed('RFC 3550 §5.1', 'timestamps advance by as much audio as is in the packets', {
          gravity: 'harm',
          cause: 'packet-times-misread',
          harm: 'Calls with some telephones sound too fast, too slow or choppy: audio comes in {pace|packets whose timestamps do not fit them}.',
        }),
      ),
    },
    devices: { alice: { packetMs: callerMs }, bob: { packetMs: calledMs } },
    reliesOn: 'audio',
    step: 'talk',
    seconds: 9,
    harm: `Calls between telephones that send packets of ${callerMs} and ${calledMs} ms sound wrong, or are silent.`,
    advice:
      'Compare the packets before and after the relay: how much audio each holds (8 octets are a millisecond of G.711), and by how much its timestamp is ahead of the one before. Look at what repacketises: a transcoder, a recorder, settings such as ptime in rtpengine, packetization in Asterisk (allow=alaw:20).',
    async run({ alice, bob, expect, figure, waits }) {
      await alice.registers()
      await bob.registers()
      const call = await alice.calls(bob)
      await talkBothWays({ expect, figure, waits }, { caller: alice, callee: bob }, call)
    },
  }),
)
