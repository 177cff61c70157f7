/** What stands in a line of Markdown. */

import { InlinePiece } from "./InlinePiece";
import type { Token } from "./lex";

export function Inline({ tokens, depth }: { tokens: readonly Token[]; depth: number }) {
  return <>{tokens.map((token, at) => <InlinePiece key={at} token={token} depth={depth} />)}</>;
}
