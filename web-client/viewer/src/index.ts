// @streamspace/viewer: importing it defines <streamspace-viewer>.

import { StreamspaceViewer } from "./dom/element.js";

export { StreamspaceViewer };
export type { ConnectionState, Path, PathPreference } from "./core/connection.js";
export type { Code, Join, Problem, Role } from "./core/protocol.js";

declare global {
  interface HTMLElementTagNameMap {
    "streamspace-viewer": StreamspaceViewer;
  }
}

if (!customElements.get("streamspace-viewer")) {
  customElements.define("streamspace-viewer", StreamspaceViewer);
}
