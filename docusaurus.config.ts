// SPDX-License-Identifier: GPL-2.0-only
// The site. It is built by `npm run build`, which first compiles src/ and runs every page's cells.
import { join } from 'node:path'
import type { Config } from '@docusaurus/types'
import { livePlugin } from './dist/site/node/plugin.js'
import { remarkLive } from './dist/site/node/remark_live.js'
import { remarkRecipe } from './dist/site/node/remark_recipe.js'

const docs = join(__dirname, 'docs')
const baseUrl = process.env.VMALAB_SITE_BASE ?? '/'
const pages = join(__dirname, '.live/pages')

/** Code colours are CSS variables, so that one theme serves light, dark and the editor. */
const token = (types: string[], name: string) => ({ types, style: { color: `var(--vl-${name})` } })
const prismTheme = {
  plain: { color: 'var(--vl-code)', backgroundColor: 'var(--vl-code-ground)' },
  styles: [
    token(['comment', 'prolog'], 'comment'),
    token(['keyword', 'boolean', 'directive', 'directive-hash'], 'keyword'),
    token(['string', 'char', 'regex', 'template-string'], 'string'),
    token(['number'], 'number'),
    token(['class-name', 'builtin', 'type'], 'type'),
  ],
}

export default {
  title: 'vmalab',
  tagline: "Linux's mmap path as a model you can run",
  favicon: 'img/logo.svg',
  url: process.env.VMALAB_SITE_URL ?? 'http://localhost',
  baseUrl,
  // It is a script and a style in every page, for what `npm run build -- --base-url` already asks for.
  baseUrlIssueBanner: false,
  trailingSlash: false,
  onBrokenLinks: 'throw',
  onBrokenAnchors: 'throw',
  staticDirectories: ['src/site/static', '.live/static'],
  future: {
    v4: { removeLegacyPostBuildHeadAttribute: true },
    faster: true,
    // No page says when it was changed.
    experimental_vcs: false,
  },
  markdown: {
    format: 'detect',
    hooks: { onBrokenMarkdownLinks: 'throw', onBrokenMarkdownImages: 'throw' },
  },
  plugins: [
    [
      '@docusaurus/plugin-content-docs',
      {
        path: 'docs',
        routeBasePath: '/',
        sidebarPath: './src/site/sidebars.ts',
        breadcrumbs: false,
        beforeDefaultRemarkPlugins: [[remarkLive, { docs, pages }], remarkRecipe],
      },
    ],
    ['@docusaurus/plugin-sitemap', { ignorePatterns: ['**/search'] }],
  ],
  themes: [
    [
      '@docusaurus/theme-classic',
      { customCss: ['./src/site/css/custom.css', './src/site/css/recipe.css'] },
    ],
    [
      '@easyops-cn/docusaurus-search-local',
      { docsRouteBasePath: '/', indexBlog: false, indexPages: false, hashed: 'filename' },
    ],
    livePlugin,
  ],
  headTags: [
    {
      tagName: 'link',
      attributes: { rel: 'apple-touch-icon', href: `${baseUrl}img/icon.png` },
    },
  ],
  themeConfig: {
    image: 'img/social.png',
    colorMode: { respectPrefersColorScheme: true },
    navbar: {
      title: 'vmalab',
      logo: { alt: '', src: 'img/logo.svg' },
      items: [],
    },
    footer: {
      copyright:
        'vmalab is free software under the GNU General Public License, version 2. It is a model: where it and Linux differ, Linux is right.',
    },
    prism: { theme: prismTheme, darkTheme: prismTheme, additionalLanguages: ['c', 'diff'] },
  },
} satisfies Config
