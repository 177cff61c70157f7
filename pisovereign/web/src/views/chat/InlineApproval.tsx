/** What an answer asks to be approved, decided right there. */

import { getApproval } from "../../api/approvals";
import { useEvents } from "../../app/events";
import { ApprovalCard } from "../../components/ApprovalCard";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import type { ChatMessage } from "./types";

export function InlineApproval({ id }: { id: string }) {
  const approval = useResource((signal) => getApproval(id, signal), [id]);
  // It may be decided elsewhere: on another device, or by a word in the chat.
  useEvents(["approval_decided"], () => void approval.reload());
  return (
    <ResourceView resource={approval}>
      {(known) => <ApprovalCard approval={known} onChange={(changed) => approval.set(() => changed)} />}
    </ResourceView>
  );
}

/** Return the ids of the approvals that an answer has asked for. */
export function approvalsOf({ tools, commands }: ChatMessage): string[] {
  const asked = [...tools.map(({ result }) => result?.approval_id), ...commands.map((command) => command.approval_id)];
  return [...new Set(asked.filter((id) => id !== undefined))];
}
