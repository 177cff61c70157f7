/** A block of Markdown as an element: a paragraph, list, table or quote, code, or math. */

import { CodeBlock } from "../components/CodeBlock";
import { MathText } from "../components/MathText";
import { visible } from "../text/visible";
import { Blocks } from "./Blocks";
import { Inline } from "./Inline";
import { DEEPEST, type MathToken, type Token, type Tokens } from "./lex";
import { ListBlock } from "./ListBlock";
import { TableBlock } from "./TableBlock";

export function Block({ token, depth }: { token: Token; depth: number }) {
  if (depth > DEEPEST) return <p>{visible(token.raw)}</p>;
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading": {
      const { depth: level, tokens } = token as Tokens.Heading;
      // Those of the page come first: the view has 1, and 2 is for its parts.
      const Heading = `h${Math.min(6, level + 2)}` as "h3";
      return <Heading><Inline tokens={tokens} depth={depth + 1} /></Heading>;
    }
    case "paragraph":
      return <p><Inline tokens={(token as Tokens.Paragraph).tokens} depth={depth + 1} /></p>;
    case "blockquote":
      return <blockquote><Blocks tokens={(token as Tokens.Blockquote).tokens} depth={depth + 1} /></blockquote>;
    case "list":
      return <ListBlock list={token as Tokens.List} depth={depth + 1} />;
    case "table":
      return <TableBlock table={token as Tokens.Table} depth={depth + 1} />;
    case "code":
      return <CodeBlock text={(token as Tokens.Code).text} language={(token as Tokens.Code).lang ?? ""} />;
    case "math":
      return <MathText text={(token as unknown as MathToken).text} display />;
    case "hr":
      return <hr />;
    case "html":
      return <p>{visible(token.raw.trim())}</p>;
    case "text": {
      const { tokens, text } = token as Tokens.Text;
      return tokens ? <Inline tokens={tokens} depth={depth + 1} /> : <>{visible(text)}</>;
    }
    default:
      return <p>{visible(token.raw)}</p>;
  }
}
