import { finding, loginTaken, parseMessageSummary, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'lamps/mailbox-light-of-others',
  title: 'Nobody is told about the mailbox of another account',
  area: 'lamps',
  purposes: ['MWI-PRIVATE'],
  rules: {
    refused: finding('security', 'a mailbox is watched by its owner, and by nobody else', {
      gravity: 'exposure',
      cause: 'mailbox-watched-by-others',
      harm: 'Customers can watch the mailboxes of others: who is called while away, and how often.',
    }),
  },
  devices: { alice: { audio: false }, bob: { audio: false } },
  seconds: 8,
  provokesBans: true,
  harm: 'Customers can watch the mailboxes of others.',
  advice: 'Compare the account that has logged in with the one that the SUBSCRIBE names, before it is answered.',
  async run({ alice, bob, expect }) {
    await alice.registers()
    await bob.registers()
    // Where nobody at all can watch a mailbox, a refusal says nothing.
    const own = await alice.subscribes('message-summary', alice, { expires: 600, keep: false })
    precondition(await own.notified(tellsCounts, 3_000), 'alice was told nothing about her own mailbox', 'not-reached')
    const { subscription, exchange } = await alice.asksToSubscribe('message-summary', bob, {
      expires: 600,
      keep: false,
    })
    loginTaken(exchange.final)
    const told = await subscription.notified(tellsCounts, 1_500)
    await subscription.unsubscribe()
    expect('refused', told ? `told: ${told.body.split('\r\n')[0] ?? ''}` : 'not told', {
      seen: alice.hears(undefined, { to: 'SUBSCRIBE' }).last,
    }).toBe('not told')
  },
})

/** Some notifiers accept everybody and then tell nothing, or say that there is nothing to tell. */
function tellsCounts({ body, subscription }: { body: string; subscription: { state: string } | undefined }): boolean {
  return subscription?.state === 'active' && parseMessageSummary(body).waiting !== undefined
}
