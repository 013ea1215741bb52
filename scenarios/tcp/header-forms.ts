import { must, precondition, probe, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/header-forms',
  title: 'Header fields are understood in all their forms: compact, folded, joined, in any case',
  area: 'tcp',
  purposes: ['TR-FORMS'],
  rules: {
    compact: must('RFC 3261 §7.3.3', 'the short form of each header field name is accepted', {
      gravity: 'harm',
      harm: 'Compact header names are not understood: telephones that use them cannot register or call.',
    }),
    folded: must('RFC 3261 §7.3.1', 'a header field that goes on in the next line is one field', {
      gravity: 'letter',
      harm: 'Header fields over several lines are not understood. Hardly any telephone writes them.',
    }),
    joined: must('RFC 3261 §7.3.1', 'several values on one line mean the same as one line for each', {
      gravity: 'harm',
      harm: 'Several values on one header line are not understood: calls of some telephones fail.',
    }),
    anyCase: must('RFC 3261 §7.3.1', 'names are the same in capitals and small letters', {
      gravity: 'letter',
      harm: 'Header names in other capitals are not understood. Hardly any telephone writes them.',
    }),
    spaced: must('RFC 3261 §7.3.1', 'white space before and after the colon means nothing', {
      gravity: 'letter',
      harm: 'Header fields with a space before the colon are not understood. Hardly any telephone writes them.',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp'],
  seconds: 17,
  reliesOn: 'reach',
  harm: 'Permitted ways to write header fields are not understood.',
  advice: 'Look at the parser of the server, or of a firewall (SIP ALG) in front of it.',
  async run({ alice, target, expect }) {
    const ask = () =>
      probe(alice, target, {
        headers: [
          ['Subject', 'one two three'],
          ['Supported', 'path'],
          ['Supported', 'timer'],
        ],
      })
    const written = async (edit: (text: string) => string) => {
      const request = ask()
      const seen = await alice.asks(request, Buffer.from(edit(request.toBytes().toString('latin1')), 'latin1'))
      return seen && 'status' in seen.message ? seen.message.status : 'no answer'
    }
    const usual = await written((text) => text)
    precondition(usual !== 'no answer', 'a request without log-in got no answer', 'no-answer')
    const short = {
      Via: 'v',
      From: 'f',
      To: 't',
      'Call-ID': 'i',
      Contact: 'm',
      'Content-Length': 'l',
      Subject: 's',
      Supported: 'k',
    }
    const compact = await written((text) =>
      Object.entries(short).reduce(
        (all, [name, letter]) => all.replaceAll(new RegExp(`^${name}:`, 'gim'), `${letter}:`),
        text,
      ),
    )
    expect('compact', compact).toBe(usual)
    const folded = await written((text) =>
      text.replace('one two three', 'one\r\n two\r\n\tthree').replace(/^(From:) *(.*);tag/im, '$1\r\n  $2\r\n ;tag'),
    )
    expect('folded', folded).toBe(usual)
    const joined = await written((text) =>
      text.replace(/^Supported: path\r\nSupported: timer\r\n/im, 'Supported: path, timer\r\n'),
    )
    expect('joined', joined).toBe(usual)
    const odd = await written((text) =>
      text
        .replace(/^Via:/im, 'VIA:')
        .replace(/^From:/im, 'fROM:')
        .replace(/^CSeq:/im, 'cseq:'),
    )
    expect('anyCase', odd).toBe(usual)
    const spaced = await written((text) => text.replace(/^Via:/im, 'Via :').replace(/^CSeq:/im, 'CSeq \t:\t'))
    expect('spaced', spaced).toBe(usual)
  },
})
