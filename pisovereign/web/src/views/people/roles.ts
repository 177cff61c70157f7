/** What people may be, the most trusted first. */

import type { Role } from "../../api/accounts";

export const ROLES: readonly Role[] = ["owner", "member", "restricted"];
