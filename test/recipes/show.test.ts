// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { recipe, recipes } from '../../src/recipes/index.ts'

const forms = Symbol.for('Jupyter.display')

it('lists every recipe', () => {
  const list = recipe()
  expect(list.names).toEqual(recipes.map(({ name }) => name))
  expect(list[forms as never]).toBeTypeOf('function')
})

it.each(recipes.map(({ name }) => name))(
  'shows %s as HTML that stands alone, and as text',
  (name) => {
    const shown: object = recipe(name)
    const bundle = Reflect.get(shown, forms).call(shown)
    expect(bundle['text/html']).not.toMatch(/<script|src=|href=|https?:/)
    expect(bundle['text/html']).toContain('The same driver in the model')
    expect(bundle['text/html']).toContain(`${name}_mmap`)
    expect(bundle['text/html']).not.toContain('#include <linux')
    expect(bundle['text/plain']).toContain('before.c -> after.c')
  },
)
