import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DialogInfo, formatDialogInfo, parseDialogInfo } from '../../../src/message/dialog-info.js'

const HEAD = '<?xml version="1.0"?>\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"'

describe('dialog information', () => {
  it('is read as the sample of RFC 4235 §4.2 has it, and what it does not know is passed over', () => {
    const body = `<?xml version="1.0" encoding="UTF-8"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" xmlns:x="urn:x" version="1" state="full" entity="sip:alice@example.com">
  <dialog id="123456" call-id="a&quot;b" direction="initiator">
    <x:state>early</x:state>
    <state event="replaced"> confirmed </state>
    <duration>274</duration>
    <local><identity display="Alice &amp; Co">sip:alice@example.com</identity>
      <target uri="sip:alice@pc33.example.com"><param pname="isfocus" pval="true"/></target></local>
    <remote><identity>sip:bob@example.org</identity><identity>tel:+1</identity></remote>
    <x:other><state>terminated</state></x:other>
  </dialog>
</dialog-info>`
    expect(parseDialogInfo(body)).toEqual({
      version: 1,
      extent: 'full',
      entity: 'sip:alice@example.com',
      dialogs: [
        {
          id: '123456',
          state: 'confirmed',
          callId: 'a"b',
          localTag: undefined,
          remoteTag: undefined,
          direction: 'initiator',
          local: {
            identities: [{ uri: 'sip:alice@example.com', display: 'Alice & Co' }],
            target: 'sip:alice@pc33.example.com',
          },
          remote: {
            identities: [
              { uri: 'sip:bob@example.org', display: undefined },
              { uri: 'tel:+1', display: undefined },
            ],
            target: undefined,
          },
        },
      ],
    })
  })

  it('is not confused by what stands below what it reads', () => {
    const body = `${HEAD} version="0" state="full" entity="sip:a@b"><dialog id="1"><local><target uri="sip:t@h"><a><state>early</state></a></target><identity>sip:a@b</identity></local><state>confirmed</state></dialog></dialog-info>`
    expect(parseDialogInfo(body)?.dialogs).toMatchObject([
      { id: '1', state: 'confirmed', local: { target: 'sip:t@h', identities: [{ uri: 'sip:a@b' }] } },
    ])
  })

  it('keeps a thousand dialogs, and lets none beyond them change the last', () => {
    const dialogs = Array.from(
      { length: 1002 },
      (_, at) => `<dialog id="${at}"><state>${at < 1000 ? 'early' : 'terminated'}</state></dialog>`,
    )
    const read = parseDialogInfo(`${HEAD} version="0" state="full" entity="sip:a@b">${dialogs.join('')}</dialog-info>`)
    expect([read?.dialogs.length, read?.dialogs.at(-1)]).toMatchObject([1000, { id: '999', state: 'early' }])
  })

  it('is read with a prefix for its namespace, too', () => {
    const body = `<d:dialog-info xmlns:d="urn:ietf:params:xml:ns:dialog-info" version="0" state="partial" entity="sip:a@b"><d:dialog id="1"><d:state>early</d:state></d:dialog></d:dialog-info>`
    expect(parseDialogInfo(body)?.dialogs[0]?.state).toBe('early')
  })

  it.each([
    ['nothing', ''],
    ['text', 'Messages-Waiting: no'],
    ['a tag that is not closed', `${HEAD} version="0" state="full" entity="sip:a@b"><dialog id="1">`],
    ['an attribute without quotes', `${HEAD} version=0/>`],
    ['something else', '<presence xmlns="urn:ietf:params:xml:ns:pidf"/>'],
    ['no namespace', '<dialog-info version="0" state="full" entity="sip:a@b"/>'],
    [
      'an entity of its own',
      `<!DOCTYPE a [<!ENTITY b "early">]>${HEAD} version="0"><dialog id="1"><state>&b;</state></dialog></dialog-info>`,
    ],
  ])('%s is not read', (_what, body) => expect(parseDialogInfo(body)).toBeUndefined())

  it.each(['', '-1', '1.5', '4294967296', 'x'])('the version %j is none', (version) =>
    expect(parseDialogInfo(`${HEAD} version="${version}" state="all"/>`)).toMatchObject({
      version: undefined,
      extent: undefined,
      entity: undefined,
    }),
  )

  it('what was written is read again, whatever stands in it', () => {
    // XML has no way to write other characters than these, and turns line ends and tabs of attributes into blanks.
    const text = fc
      .string({ unit: fc.constantFrom(...Array.from('aZ0 <>&"\'=/;:@é漢😀')), minLength: 1 })
      .map((one) => `x${one}x`)
    const maybe = fc.option(text, { nil: undefined })
    const side = fc.record({
      identities: fc.array(fc.record({ uri: text, display: maybe }), { maxLength: 2 }),
      target: maybe,
    })
    const info = fc.record({
      version: fc.option(fc.nat(2 ** 31), { nil: undefined }),
      extent: fc.constantFrom('full', 'partial', undefined),
      entity: maybe,
      dialogs: fc.array(
        fc.record({
          id: text,
          state: fc.constantFrom('trying', 'early', 'confirmed', 'terminated', undefined),
          callId: maybe,
          localTag: maybe,
          remoteTag: maybe,
          direction: fc.constantFrom('initiator', 'recipient', undefined),
          local: side,
          remote: side,
        }),
        { maxLength: 3 },
      ),
    })
    fc.assert(
      fc.property(info, (one) => {
        expect(parseDialogInfo(formatDialogInfo(one as DialogInfo))).toEqual(one)
      }),
    )
  })

  it('garbage never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (one) => void parseDialogInfo(`${HEAD}>${one}</dialog-info>`)))
  })
})
