import { describe, expect, it } from 'vitest'
import { checkDefinition } from '../../../src/scenario/declaration.js'
import { must, scenario, whereReached } from '../../../src/scenario/index.js'

const rule = must('RFC 3261 §10.3', 'a registration is accepted', { gravity: 'outage' })
const right = {
  id: 'registrar/x',
  title: 'Registers',
  area: 'registrar',
  purposes: ['REG-REFRESH'],
  rules: { accepted: rule },
  devices: { alice: {}, bob: { sharesAccountOf: 'alice' } },
  needs: ['echo', 'codes:divertAll', 'shared-credentials:fork'],
  seconds: 3,
  harm: 'None.',
  advice: 'None.',
  run: () => Promise.resolve(),
}

describe("a scenario's data", () => {
  it('is taken where it is right', () => {
    expect(() => checkDefinition(right)).not.toThrow()
  })

  const wrong: [string, object, string][] = [
    ['an unknown need', { needs: ['ehco'] }, "needs: 'ehco' is no known word; did you mean 'echo'?"],
    ['a need in one word', { needs: 'echo' }, 'needs: must be a list of words'],
    ['an unknown code', { needs: ['codes:divertAl'] }, "did you mean 'codes:divertAll'?"],
    ['a need that is nothing', { needs: [undefined] }, 'needs: undefined is no known word; known: echo, '],
    ['an unknown area', { area: 'registar' }, "area: 'registar' is no known word; did you mean 'registrar'?"],
    ['no area', { area: undefined }, 'area: undefined is no known word; known: survey, registrar'],
    ['an unknown reliance', { reliesOn: 'calls' }, "reliesOn: 'calls' is no known word; did you mean 'call'?"],
    ['an unknown step', { step: 'hangup' }, "did you mean 'hang up'?"],
    ['an unknown transport', { transports: ['udp', 'tpc'] }, "transports: 'tpc' is no known word; did you mean 'tcp'?"],
    ['an unknown family', { families: ['ip6'] }, "families: 'ip6' is no known word; did you mean 'ipv6'?"],
    ['a wrong variant', { variants: [{ transport: 'udp' }] }, 'variants: family: undefined is no known word'],
    ['an unknown field', { relieson: 'call' }, "'relieson' is no known field; did you mean 'reliesOn'?"],
    ['no id', { id: 'Registers' }, "'id' must be words of a-z"],
    ['no test purpose', { purposes: [] }, "'purposes' must name a test purpose"],
    [
      'load that changes settings',
      { fitForLoad: true },
      "it cannot be 'fitForLoad': it changes settings at the target ('codes:divertAll')",
    ],
    ['load that takes long', { fitForLoad: true, needs: [], seconds: 90 }, "'fitForLoad': it takes 90 s"],
    ['load that is neither', { fitForLoad: 'yes' }, "'fitForLoad' must be true or false"],
    ['no time', { seconds: 0 }, "'seconds' must say how long it takes"],
    ['no harm', { harm: '' }, "'harm' must be a text"],
    ['no story', { run: undefined }, "'run' must be a function"],
    ['no rule', { rules: {} }, 'it has no rule, so it could not fail'],
    ['only optional rules', { rules: { a: whereReached(rule) } }, 'all its rules are optional'],
    [
      'an unknown gravity',
      { rules: { a: { ...rule, gravity: 'harmful' } } },
      "rules.a: gravity: 'harmful' is no known",
    ],
    ['an unknown cause', { rules: { a: { ...rule, cause: 'no-audo' } } }, "rules.a: cause: 'no-audo' is no known word"],
    [
      'an unknown cause before it',
      { rules: { a: { ...rule, follows: ['x', 'media/y'] } } },
      "rules.a: follows: 'x' is",
    ],
    [
      'an unknown option',
      { devices: { alice: { strp: true } } },
      "devices.alice: 'strp' is no known field; did you mean",
    ],
    [
      'an account of nobody',
      { devices: { alice: { sharesAccountOf: 'bob' } } },
      "devices.alice: sharesAccountOf: 'bob' is no known device; known: alice",
    ],
  ]
  it.each(wrong)('is refused with %s', (_, change, message) => {
    expect(() => checkDefinition({ ...right, ...change })).toThrow(message)
  })

  it('names the scenario, and the line of it', () => {
    const change: object = { needs: ['ehco'] }
    expect(() => scenario({ ...right, area: 'registrar', needs: ['echo'], ...change })).toThrow(
      expect.objectContaining({
        name: 'ScenarioMistake',
        message: expect.stringMatching(/^scenario 'registrar\/x': /),
        stack: expect.stringMatching(/declaration\.test\.ts:\d+/),
      }),
    )
  })

  it('is none of the kind', () => {
    expect(() => checkDefinition(undefined)).toThrow('must be a scenario or a list of scenarios, and holds undefined')
  })
})
