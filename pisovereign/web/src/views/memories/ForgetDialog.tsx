/** Asks before something is forgotten for good, and shows what. */

import { forgetEverything, forgetMemories, type Memory } from "../../api/memories";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { shortLine } from "../../text/visible";

export type Forgetting = { memories: Memory[] } | { everything: number };

interface Props {
  forgetting: Forgetting;
  onDone: () => void;
  onClose: () => void;
}

const NAMED = 5;

export function ForgetDialog({ forgetting, onDone, onClose }: Props) {
  const count = "memories" in forgetting ? forgetting.memories.length : forgetting.everything;
  const forget = async () => {
    const deleted = "memories" in forgetting
      ? await forgetMemories(forgetting.memories.map((memory) => memory.id))
      : (await forgetEverything()).deleted;
    toast(t("memories.forgotten", { count: deleted }));
    onDone();
  };
  return (
    <ConfirmDialog title={t("memories.forget_title", { count })} action={t("memories.forget")} danger onConfirm={forget} onClose={onClose}>
      {"memories" in forgetting ? (
        <ul>
          {forgetting.memories.slice(0, NAMED).map((memory) => <li key={memory.id}>{shortLine(memory.content || memory.id)}</li>)}
          {count > NAMED && <li>{t("memories.and_more", { count: count - NAMED })}</li>}
        </ul>
      ) : (
        <p>{t("memories.forget_all_hint")}</p>
      )}
      <p>{t("memories.forget_hint")}</p>
    </ConfirmDialog>
  );
}
