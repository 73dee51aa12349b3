// Generated from the crate `resources` by `./dev generate`. Do not edit.

import type { Code, Policy, Role } from "@streamspace/viewer";

export type TimeSpan = string;
export type Metadata = { name: string, 
/**
 * RFC 3339.
 */
creationTimestamp?: string, 
/**
 * Another one after each change of the object; compared, never read.
 */
resourceVersion?: string, labels?: { [key in string]: string }, };
export type Object<Spec, Status> = { apiVersion: string, kind: string, metadata: Metadata, spec: Spec, status?: Status, };
export type SessionSpec = { user: string, 
/**
 * Name of the template; absent where `command` says what runs.
 */
template?: string, 
/**
 * Program and arguments in place of the template's.
 */
command?: Array<string>, 
/**
 * Where the command starts, on one machine; the session's home if absent.
 */
workingDirectory?: string, state: DesiredState, resources?: Resources, 
/**
 * Keep the home folder when the session ends.
 */
persistentHome: boolean, idleTimeout?: TimeSpan, maxSessionDuration?: TimeSpan, tags: Array<string>, display: Display, };
export type DesiredState = "running" | "hibernated" | "terminated";
export type Display = { 
/**
 * Pixels, even.
 */
width: number, height: number, 
/**
 * The most frames a second.
 */
fps: number, 
/**
 * An encoder's name, `auto`, `hardware`, `lowest-latency` or `lowest-cost`.
 */
encoder: string, };
export type Resources = { memory?: string, cpu?: string, };
export type SessionStatus = { phase: Phase, 
/**
 * Path of the page that shows the session.
 */
url?: string, 
/**
 * The processes of a session on one machine.
 */
processes?: Processes, conditions: Array<Condition>, };
export type Phase = "Pending" | "Running" | "Hibernated" | "Failed" | "Terminated";
export type Processes = { 
/**
 * Leads the session's process group; ending it ends all.
 */
supervisor: number, display?: number, sound?: number, streamer?: number, program?: number, };
export type Condition = { 
/**
 * `Ready`, `StreamerReady`, `SoundReady`.
 */
type: string, 
/**
 * `True`, `False` or `Unknown`.
 */
status: string, 
/**
 * One CamelCase word for programs.
 */
reason: string, 
/**
 * What happened, why, and what to do next.
 */
message: string, 
/**
 * The stable code of a failure.
 */
code?: Code, };
export type TemplateSpec = { displayName: string, description: string, category: string, 
/**
 * An emoji, or a path or address of a picture.
 */
icon: string, 
/**
 * The container image of the program, in a cluster.
 */
baseImage: string, 
/**
 * Program and arguments, on one machine; in a cluster, in place of the image's own.
 */
command: Array<string>, 
/**
 * Debian packages that bring the program, for the message when it is missing.
 */
packages: Array<string>, defaultResources?: Resources, ports: Array<Port>, env: Array<EnvVar>, volumeMounts: Array<VolumeMount>, capabilities: Array<string>, tags: Array<string>, vnc: Vnc, 
/**
 * What may be carried into its sessions and out of them.
 */
policy: Policy, };
export type Port = { name: string, containerPort: number, protocol: string, };
export type EnvVar = { name: string, value: string, };
export type VolumeMount = { name: string, mountPath: string, };
export type Vnc = { enabled: boolean, 
/**
 * The most of noVNC's quality levels that a viewer gets, 0 to 9.
 */
quality?: number, 
/**
 * The most bytes a second that a viewer gets, at least 16384.
 */
maxBytesPerSecond?: number, };
export type NewSession = { 
/**
 * A template's name.
 */
template?: string, 
/**
 * Program and arguments, in place of a template.
 */
command?: Array<string>, 
/**
 * Where `command` starts; an absolute path.
 */
workingDirectory?: string, display?: Display, 
/**
 * Words to find it by.
 */
tags?: Array<string>, };
export type ConnectRequest = { 
/**
 * The role asked for; the highest that there is to have if absent.
 */
role?: Role, 
/**
 * The name by which the others see this person; the account's if absent.
 */
name?: string, };
export type SessionChange = { 
/**
 * In place of all that it has.
 */
tags?: Array<string>, 
/**
 * Whose it is from now on.
 */
user?: string, 
/**
 * Hibernated: its programs end, its home stays. Running: it is started again.
 */
state?: DesiredState, };
export type SessionList = { items: Array<Object<SessionSpec, SessionStatus>>, 
/**
 * Where there are more: the `after` of the next request.
 */
next?: string, };
export type Catalog = { items: Array<Object<TemplateSpec, null>>, 
/**
 * Files that hold no usable template.
 */
problems: Array<CatalogProblem>, };
export type CatalogProblem = { file: string, message: string, };
export type Session = Object<SessionSpec, SessionStatus>;
export type Template = Object<TemplateSpec, null>;
