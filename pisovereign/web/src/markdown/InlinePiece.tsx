/** A piece of a line of Markdown: words, emphasis, code, a link, math. */

import { MathText } from "../components/MathText";
import { visible, revealed } from "../text/visible";
import { decodeEntities } from "./entities";
import { Inline } from "./Inline";
import { DEEPEST, type MathToken, type Token, type Tokens } from "./lex";
import { Link } from "./Link";

export function InlinePiece({ token, depth }: { token: Token; depth: number }) {
  if (depth > DEEPEST * 2) return <>{visible(token.raw)}</>;
  const inside = () => <Inline tokens={(token as Tokens.Strong).tokens} depth={depth + 1} />;
  switch (token.type) {
    case "text":
    case "escape": {
      const { tokens, text } = token as Tokens.Text;
      return tokens ? <Inline tokens={tokens} depth={depth + 1} /> : <>{visible(decodeEntities(text))}</>;
    }
    case "strong":
      return <strong>{inside()}</strong>;
    case "em":
      return <em>{inside()}</em>;
    case "del":
      return <del>{inside()}</del>;
    case "br":
      return <br />;
    case "codespan":
      return <code>{revealed((token as Tokens.Codespan).text)}</code>;
    case "math":
      return <MathText text={(token as unknown as MathToken).text} display={(token as unknown as MathToken).display} />;
    case "link":
      return <Link href={(token as Tokens.Link).href} text={(token as Tokens.Link).text}>{inside()}</Link>;
    case "image":
      // Fetching one would tell its host that the message was read.
      return <Link href={(token as Tokens.Image).href} text={(token as Tokens.Image).text}>{visible((token as Tokens.Image).text)}</Link>;
    default:
      return <>{visible(token.raw)}</>;
  }
}
