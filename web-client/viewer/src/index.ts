// @streamspace/viewer: importing it defines <streamspace-viewer>.

import type { ConnectionState, Path } from "./core/connection.js";
import type { Code, PersonHere, ViewerId } from "./core/protocol.js";
import { StreamspaceViewer } from "./dom/element.js";

export { StreamspaceViewer };
export type { ConnectionState, Path, PathPreference } from "./core/connection.js";
export type { Code, Join, PersonHere, Policy, Problem, Role } from "./core/protocol.js";

/** The `detail` of `streamspace-state`; `reason` is in the viewer's language. */
export interface StateDetail {
  state: ConnectionState["name"];
  path: Path | null;
  reason: string | undefined;
}

/** The `detail` of `streamspace-frame`. */
export interface FrameDetail {
  path: Path;
}

/** The `detail` of `streamspace-error`. */
export interface ErrorDetail {
  reason: string;
  code: Code | undefined;
}

/** The `detail` of `streamspace-people`; `you` is the number of the one who looks. */
export interface PeopleDetail {
  people: PersonHere[];
  you: ViewerId | null;
}

declare global {
  interface HTMLElementEventMap {
    "streamspace-state": CustomEvent<StateDetail>;
    "streamspace-frame": CustomEvent<FrameDetail>;
    "streamspace-error": CustomEvent<ErrorDetail>;
    "streamspace-people": CustomEvent<PeopleDetail>;
  }
  interface HTMLElementTagNameMap {
    "streamspace-viewer": StreamspaceViewer;
  }
}

if (!customElements.get("streamspace-viewer")) {
  customElements.define("streamspace-viewer", StreamspaceViewer);
}
