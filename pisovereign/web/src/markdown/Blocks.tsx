/** Blocks of Markdown, one after the other. */

import { Block } from "./Block";
import type { Token } from "./lex";

export function Blocks({ tokens, depth = 0 }: { tokens: readonly Token[]; depth?: number }) {
  return <>{tokens.map((token, at) => <Block key={at} token={token} depth={depth} />)}</>;
}
