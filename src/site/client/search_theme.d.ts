// SPDX-License-Identifier: GPL-2.0-only
// The search's components, as far as they are wrapped here; the package does not type them.

declare module '@easyops-cn/docusaurus-search-local/dist/client/client/theme/SearchBar' {
  export default function SearchBar(props: {
    readonly handleSearchBarToggle?: (expanded: boolean) => void
  }): import('react').ReactNode
}

declare module '@easyops-cn/docusaurus-search-local/dist/client/client/theme/SearchPage' {
  export default function SearchPage(): import('react').ReactNode
}
