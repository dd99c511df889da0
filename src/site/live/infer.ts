// SPDX-License-Identifier: GPL-2.0-only
// What stands where in a cell's code: as far as its syntax and the types of the model tell. No compiler: what it does not
// know is ''.
import type { SyntaxNode, Tree } from '@lezer/common'
import type { Api, ApiEntry, ApiType, TypeRef } from './api.ts'

/** A cell's text and its syntax. */
export interface ParsedCode {
  readonly text: string
  readonly tree: Tree
}

/** Where a name is declared: the definition in its cell. */
interface Definition {
  readonly node: SyntaxNode
  readonly text: string
}

const functions = new Set([
  'ArrowFunction',
  'FunctionExpression',
  'FunctionDeclaration',
  'Property',
  'MethodDeclaration',
])
const scopes = new Set([...functions, 'Block', 'Script', 'ForStatement'])
/** Where an object of hooks is written outside of any call, its methods say what it is. */
const hookTypes = ['file_operations', 'vm_operations_struct']

/** What is known of the code of the last of some cells. */
export class Inference {
  readonly #api: Api
  readonly #cells: readonly ParsedCode[]
  #depth = 0

  constructor(api: Api, cells: readonly ParsedCode[]) {
    this.#api = api
    this.#cells = cells
  }

  /** The names of the front door. */
  get values(): Api['values'] {
    return this.#api.values
  }

  /** What a name of the front door, or a member, is; undefined when nothing is known. */
  entryAt(node: SyntaxNode): ApiEntry | undefined {
    const name = this.#textOf(node, this.#last.text)
    if (node.name === 'PropertyName') {
      const object = node.parent?.firstChild
      return object ? this.members(this.#typeOf(object, this.#last.text))[name] : undefined
    }
    if (node.name === 'PropertyDefinition') {
      const object = node.parent?.parent
      return object ? this.members(this.expected(object))[name] : undefined
    }
    if (
      node.name === 'VariableName' ||
      node.name === 'TypeName' ||
      node.name === 'VariableDefinition'
    ) {
      const definition = this.#definition(name, node)
      if (!definition)
        return Object.hasOwn(this.#api.values, name) ? this.#api.values[name] : undefined
      const type = this.#definedType(definition)
      return type
        ? { kind: 'variable', text: `${name}: ${plain(type, this.#api)}`, type }
        : undefined
    }
    return undefined
  }

  /** The members of what stands before a dot. */
  membersBefore(object: SyntaxNode): Readonly<Record<string, ApiEntry>> {
    return this.members(this.#typeOf(object, this.#last.text))
  }

  /** The members that an object literal may have where it stands. */
  expectedMembers(object: SyntaxNode): Readonly<Record<string, ApiEntry>> {
    return this.members(this.expected(object))
  }

  /** The names declared by the cells above, and by this one where `node` sees them, with what is known of each. */
  names(node: SyntaxNode): ReadonlyMap<string, ApiEntry> {
    const names = new Map<string, ApiEntry>()
    for (const cell of this.#cells)
      for (const definition of definitionsIn(cell)) {
        if (cell === this.#last && !sees(node, definition.node)) continue
        if (cell !== this.#last && scopeOf(definition.node)?.name !== 'Script') continue
        const type = this.#definedType(definition)
        const name = this.#textOf(definition.node, cell.text)
        names.set(name, {
          kind: 'variable',
          text: type ? `${name}: ${plain(type, this.#api)}` : name,
          type,
        })
      }
    return names
  }

  members(type: TypeRef): Readonly<Record<string, ApiEntry>> {
    const [, element] = split(type)
    const { members } = this.#type(type) ?? { members: {} }
    if (element === '') return members
    return Object.fromEntries(
      Object.entries(members).map(([name, entry]) => [
        name,
        { ...entry, type: filled(entry.type, element) },
      ]),
    )
  }

  get #last(): ParsedCode {
    const last = this.#cells.at(-1)
    if (last === undefined) throw new RangeError('there is no cell to look at')
    return last
  }

  #type(ref: TypeRef): ApiType | undefined {
    const [name] = split(ref)
    return Object.hasOwn(this.#api.types, name) ? this.#api.types[name] : undefined
  }

  #textOf(node: SyntaxNode, text: string): string {
    return text.slice(node.from, node.to)
  }

  /** The innermost definition of a name that `node` sees, in this cell or one above. */
  #definition(name: string, node: SyntaxNode): Definition | undefined {
    const code = this.#cells.find(({ tree }) => tree === rootOf(node).tree) ?? this.#last
    const own = definitionsIn(code).filter(
      (one) => this.#textOf(one.node, one.text) === name && sees(node, one.node),
    )
    const innermost = own.reduce<Definition | undefined>(
      (best, one) =>
        !best || (scopeOf(one.node)?.from ?? 0) >= (scopeOf(best.node)?.from ?? 0) ? one : best,
      undefined,
    )
    if (innermost) return innermost
    for (const cell of this.#cells.slice(0, this.#cells.indexOf(code)).reverse()) {
      const found = definitionsIn(cell).find(
        (one) => this.#textOf(one.node, one.text) === name && scopeOf(one.node)?.name === 'Script',
      )
      if (found) return found
    }
    return undefined
  }

  #definedType({ node, text }: Definition): TypeRef {
    const parent = node.parent
    switch (parent?.name) {
      case 'VariableDeclaration':
        return this.#annotation(node, text) || this.#assigned(node, text)
      case 'ParamList':
        return this.#annotation(node, text) || this.#parameter(node, text)
      case 'ArrayPattern':
        return elementOf(this.#definedType({ node: parent, text }))
      case 'PatternProperty': {
        const pattern = parent.parent
        const name = parent.firstChild
        if (!pattern || !name) return ''
        const whole = this.#definedType({ node: pattern, text })
        return this.members(whole)[this.#textOf(name, text)]?.type ?? ''
      }
      case 'ForOfSpec':
        return this.#looped(parent, text)
      default:
        return ''
    }
  }

  #annotation(node: SyntaxNode, text: string): TypeRef {
    const annotation = node.nextSibling
    if (annotation?.name !== 'TypeAnnotation') return ''
    const written = this.#textOf(annotation, text)
      .replace(/^:\s*(?:readonly\s+)?/, '')
      .trim()
    const [, name = written, array] = /^(\w+)(\[\])?$/.exec(written) ?? []
    if (!Object.hasOwn(this.#api.types, name)) return ''
    return array ? `Array<${name}>` : name
  }

  #assigned(node: SyntaxNode, text: string): TypeRef {
    for (let next = node.nextSibling; next && next.name !== ','; next = next.nextSibling)
      if (next.name === 'Equals')
        return next.nextSibling ? this.#typeOf(next.nextSibling, text) : ''
    return ''
  }

  #looped(spec: SyntaxNode, text: string): TypeRef {
    const of = spec.getChild('of')
    return of?.nextSibling ? elementOf(this.#typeOf(of.nextSibling, text)) : ''
  }

  #parameter(node: SyntaxNode, text: string): TypeRef {
    const list = node.parent
    const owner = list?.parent
    if (!list || !owner) return ''
    const type = owner.name === 'Property' ? this.#method(owner, text) : this.expected(owner, text)
    return this.#parameterOf(type, node)
  }

  /** The parameter of a function of type `type` that stands, or is given, where `node` is. */
  #parameterOf(type: TypeRef, node: SyntaxNode): TypeRef {
    let position = 0
    for (let before = node.prevSibling; before; before = before.prevSibling)
      if (before.name === ',') position++
    const [, element] = split(type)
    return filled(this.#type(type)?.params?.[position] ?? '', element)
  }

  /** What a method, or any property of an object literal, is expected to be. */
  #method(property: SyntaxNode, text: string): TypeRef {
    const name = property.getChild('PropertyDefinition')
    const object = property.parent
    if (!name || !object) return ''
    const word = this.#textOf(name, text)
    const wanted = this.members(this.expected(object, text))[word]?.type
    if (wanted) return wanted
    for (const type of hookTypes) {
      const hook = this.members(type)[word]
      if (hook) return hook.type
    }
    return ''
  }

  /** What is expected where a value stands: by the parameter, the property or the variable that it is for. */
  expected(node: SyntaxNode, text: string = this.#last.text): TypeRef {
    const parent = node.parent
    switch (parent?.name) {
      case 'ArgList': {
        const callee = parent.prevSibling
        return callee ? this.#parameterOf(this.#typeOf(callee, text), node) : ''
      }
      case 'Property':
        return this.#method(parent, text)
      case 'VariableDeclaration': {
        const definition = parent.getChild('VariableDefinition')
        return definition ? this.#annotation(definition, text) : ''
      }
      case 'AssignmentExpression': {
        // What is still being written, as in `f({ a`, reads as a pattern.
        const target = parent.firstChild
        if (!target || target.from === node.from) return this.expected(parent, text)
        return this.#typeOf(target, text)
      }
      case 'ParenthesizedExpression':
        return this.expected(parent, text)
      default:
        return ''
    }
  }

  #typeOf(node: SyntaxNode, text: string): TypeRef {
    // A name may be declared by itself: `const a = a`.
    if (this.#depth > 20) return ''
    this.#depth++
    try {
      return this.#read(node, text)
    } finally {
      this.#depth--
    }
  }

  #read(node: SyntaxNode, text: string): TypeRef {
    const { firstChild } = node
    switch (node.name) {
      case 'VariableName': {
        const name = this.#textOf(node, text)
        const definition = this.#definition(name, node)
        if (definition) return this.#definedType(definition)
        return Object.hasOwn(this.#api.values, name) ? (this.#api.values[name]?.type ?? '') : ''
      }
      case 'MemberExpression': {
        const type = firstChild ? this.#typeOf(firstChild, text) : ''
        const name = node.getChild('PropertyName')
        if (!name) return elementOf(type)
        return this.members(type)[this.#textOf(name, text)]?.type ?? ''
      }
      case 'CallExpression': {
        const type = firstChild ? this.#typeOf(firstChild, text) : ''
        const [, element] = split(type)
        return filled(this.#type(type)?.returns ?? '', element)
      }
      case 'NewExpression': {
        const made = node.getChild('VariableName')
        return made ? (this.#type(this.#typeOf(made, text))?.makes ?? '') : ''
      }
      case 'AwaitExpression': {
        const type = node.lastChild ? this.#typeOf(node.lastChild, text) : ''
        const [name, element] = split(type)
        return name === 'Promise' ? element : type
      }
      case 'ParenthesizedExpression':
        return firstChild?.nextSibling ? this.#typeOf(firstChild.nextSibling, text) : ''
      case 'ArrayExpression': {
        const first = firstChild?.nextSibling
        const element = first && first.name !== ']' ? this.#typeOf(first, text) : ''
        return element ? `Array<${element}>` : 'Array'
      }
      case 'String':
      case 'TemplateString':
        return 'String'
      case 'Number':
        return 'Number'
      default:
        return ''
    }
  }
}

/** `Array<Mm>` is `Array` of `Mm`. */
function split(type: TypeRef): readonly [name: string, element: TypeRef] {
  const at = type.indexOf('<')
  return at < 0 ? [type, ''] : [type.slice(0, at), type.slice(at + 1, -1)]
}

function elementOf(type: TypeRef): TypeRef {
  return split(type)[1]
}

/** A type that mentions T, with T known. */
function filled(type: TypeRef, element: TypeRef): TypeRef {
  if (type === 'T') return element
  return type.endsWith('<T>') ? type.replace('<T>', element ? `<${element}>` : '') : type
}

/** A type as one would write it. */
function plain(type: TypeRef, api: Api): string {
  const [name, element] = split(type)
  if (name === 'Array') return `${plain(element, api) || 'unknown'}[]`
  if (name === 'Number' || name === 'String') return name.toLowerCase()
  if (name.startsWith('#')) return api.types[name]?.params ? 'function' : 'object'
  return element ? `${name}<${plain(element, api)}>` : name
}

function rootOf(node: SyntaxNode): SyntaxNode {
  let root = node
  while (root.parent) root = root.parent
  return root
}

function definitionsIn({ tree, text }: ParsedCode): Definition[] {
  const found: Definition[] = []
  tree.iterate({
    enter: ({ name, node }) => {
      if (name === 'VariableDefinition') found.push({ node, text })
    },
  })
  return found
}

/** What a definition is seen in: the block, function, loop or cell around it. */
function scopeOf(definition: SyntaxNode): SyntaxNode | undefined {
  let at: SyntaxNode | null = definition.parent
  while (at && !scopes.has(at.name)) at = at.parent
  // The name of a function is seen outside of it.
  if (at && definition.parent === at && at.name === 'FunctionDeclaration') return scopeOf(at)
  return at ?? undefined
}

function sees(node: SyntaxNode, definition: SyntaxNode): boolean {
  const scope = scopeOf(definition)
  return !scope || (scope.from <= node.from && node.to <= scope.to)
}
