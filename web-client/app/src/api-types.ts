// Generated from docs/openapi.json by `./dev generate`. Do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A key, without the key itself. */
        ApiKey: {
            /** Format: int64 */
            createdUnixMs: number;
            /** Format: int64 */
            expiresUnixMs?: number | null;
            id: string;
            label: string;
            scope: components["schemas"]["Scope"];
            /**
             * Format: int64
             * @description To the hour.
             */
            usedUnixMs?: number | null;
        };
        /** @description Answer of `GET auth/keys`, by label. */
        ApiKeyList: {
            items: components["schemas"]["ApiKey"][];
        };
        /** @description Answer of `POST auth/keys`, the only one that holds the key. */
        ApiKeyMade: {
            /** Format: int64 */
            createdUnixMs: number;
            /** Format: int64 */
            expiresUnixMs?: number | null;
            id: string;
            /** @description For the header `Authorization: Bearer KEY`. */
            key: components["schemas"]["Secret"];
            label: string;
            scope: components["schemas"]["Scope"];
            /**
             * Format: int64
             * @description To the hour.
             */
            usedUnixMs?: number | null;
        };
        /** @description What signs in: the browser's answer to a challenge. */
        AssertionInput: {
            authenticatorData: string;
            clientData: string;
            credential: string;
            signature: string;
        };
        /** @description One thing that somebody did or tried. */
        AuditEvent: {
            /** Format: date-time */
            at: string;
            /** @description Of an answer that refused. */
            code?: components["schemas"]["Code"] | null;
            /**
             * Format: ip
             * @description The address that the request came from.
             */
            from?: string | null;
            /** @description The method of the request. */
            method: string;
            /**
             * Format: int64
             * @description Counts from 1 without a gap.
             */
            number: number;
            /** @description The path of the request, under `/api/v1`. */
            path: string;
            /**
             * Format: uint16
             * @description The status of the answer.
             */
            status: number;
            /** @description The user, or the share link of a guest; nobody who could be told. */
            who?: string | null;
        };
        /** @description Answer of `GET audit`, oldest first. */
        AuditList: {
            items: components["schemas"]["AuditEvent"][];
        };
        /** @enum {string} */
        BatchActionInput: "end" | "hibernate" | "wake";
        /** @description Answer of `POST /api/v1/sessions/batch`: one for each session, in their order. */
        BatchAnswer: {
            items: components["schemas"]["BatchItem"][];
        };
        /** @description Body of `POST /api/v1/sessions/batch`: one thing done to many. */
        BatchInput: {
            action: components["schemas"]["BatchActionInput"];
            /** @description At most 100. */
            sessions: components["schemas"]["SessionIdInput"][];
        };
        BatchItem: {
            /** @description Why it was not done. */
            problem?: components["schemas"]["Problem"] | null;
            session: components["schemas"]["SessionId"];
        };
        /** @description Answer of `GET /api/v1/templates`. */
        Catalog: {
            items: components["schemas"]["Template"][];
            /** @description Files that hold no usable template. */
            problems: components["schemas"]["CatalogProblem"][];
        };
        CatalogProblem: {
            file: string;
            message: string;
        };
        /**
         * @description A form in which programs offer what was copied.
         * @enum {string}
         */
        ClipboardKind: "text" | "html" | "png";
        /**
         * @description A form in which programs offer what was copied.
         * @enum {string}
         */
        ClipboardKindInput: "text" | "html" | "png";
        ClipboardPolicy: {
            /**
             * @description Of what is copied, these; the rest is left out.
             * @default [
             *       "text",
             *       "html",
             *       "png"
             *     ]
             */
            kinds: components["schemas"]["ClipboardKind"][];
            /**
             * Format: uint32
             * @description The most that is carried at once, all kinds together.
             * @default 16777216
             */
            maxBytes: number;
            /**
             * @description What is copied in the session may be pasted outside.
             * @default true
             */
            toBrowser: boolean;
            /**
             * @description What is copied outside may be pasted in the session.
             * @default true
             */
            toSession: boolean;
        };
        ClipboardPolicyInput: {
            /**
             * @description Of what is copied, these; the rest is left out.
             * @default [
             *       "text",
             *       "html",
             *       "png"
             *     ]
             */
            kinds: components["schemas"]["ClipboardKindInput"][];
            /**
             * Format: uint32
             * @description The most that is carried at once, all kinds together.
             * @default 16777216
             */
            maxBytes: number;
            /**
             * @description What is copied in the session may be pasted outside.
             * @default true
             */
            toBrowser: boolean;
            /**
             * @description What is copied outside may be pasted in the session.
             * @default true
             */
            toSession: boolean;
        };
        /**
         * @description Why something was refused or failed. The spelling on the wire never changes.
         *
         *     * `message-malformed`: A message that does not parse, or holds a value out of its range.
         *     * `message-out-of-order`: A well-formed message at a moment when it has no meaning.
         *     * `version-unsupported`: The peer speaks another version of the protocol.
         *     * `token-invalid`: No token, a forged one, or one for another session.
         *     * `share-invalid`: A share link that does not exist, or is withdrawn.
         *     * `removed`: An owner of the session has made this person leave.
         *     * `role-changed`: The person's role in the session is another one now.
         *     * `unauthenticated`: Not signed in.
         *     * `credentials-wrong`: A name or a password is wrong; which of them is not said.
         *     * `second-factor-needed`: The password is right, and the account asks for a code as well.
         *     * `second-factor-wrong`: That code is wrong, or was used before.
         *     * `passkey-needed`: The password is right, and the account asks for a passkey as well.
         *     * `passkey-wrong`: A passkey is none of the account's, or does not show what it has to.
         *     * `provider-unreachable`: The identity provider does not answer.
         *     * `provider-answer-invalid`: What it answers cannot be believed or used.
         *     * `provider-refused`: It says no.
         *     * `sign-in-stale`: A sign-in by the identity provider that this browser has not begun, or that took too long.
         *     * `not-admitted`: The identity provider knows the person, and nobody gave them a role here.
         *     * `too-many-tries`: There were too many wrong tries; the header `Retry-After` says when the next one is.
         *     * `forbidden`: Signed in, but not allowed to do this.
         *     * `precondition-failed`: The object is not as the request expects it (`If-Match`).
         *     * `key-reused`: The idempotency key stands for another request.
         *     * `request-under-way`: The request of this idempotency key is still being carried out.
         *     * `streamer-unreachable`: The session's streamer does not answer; it may be starting again.
         *     * `vnc-unreachable`: The session's VNC server does not answer or refuses the gateway.
         *     * `vnc-disabled`: The session's template does not allow VNC.
         *     * `template-exists`: The name is another template's.
         *     * `group-exists`: The name is another group's.
         *     * `program-missing`: The program that the template or the command names is not on this machine.
         *     * `negotiation-failed`: WebRTC negotiation failed: the offer has nothing that can be answered.
         *     * `limit-reached`: A limit of the server is reached: viewers, sessions, connections.
         *     * `quota-reached`: What the user may have is used up.
         *     * `server-stopping`: The server is about to end; another one may answer.
         *     * `file-not-found`: There is no file or folder of this name in the session's home.
         *     * `file-unusable`: It is there, but no plain file or folder: a link, a device, a socket.
         *     * `upload-conflict`: The upload goes on elsewhere, or what has arrived of it ends at another place.
         *     * `range-invalid`: The file ends before the range that was asked for.
         *     * `user-exists`: The name is another user's.
         *     * `user-has-sessions`: Whose sessions have to end first.
         *     * `key-exists`: Another key of the user has this label.
         *     * `second-factor-exists`: The user has a second factor already.
         * @enum {string}
         */
        Code: "message-too-large" | "token-expired" | "token-used" | "share-expired" | "request-invalid" | "not-found" | "session-not-found" | "session-not-running" | "template-not-found" | "group-not-found" | "template-invalid" | "display-failed" | "sound-failed" | "streamer-failed" | "encoder-unavailable" | "address-in-use" | "user-not-found" | "storage-full" | "storage-failed" | "internal" | "message-malformed" | "message-out-of-order" | "version-unsupported" | "token-invalid" | "share-invalid" | "removed" | "role-changed" | "unauthenticated" | "credentials-wrong" | "second-factor-needed" | "second-factor-wrong" | "passkey-needed" | "passkey-wrong" | "provider-unreachable" | "provider-answer-invalid" | "provider-refused" | "sign-in-stale" | "not-admitted" | "too-many-tries" | "forbidden" | "precondition-failed" | "key-reused" | "request-under-way" | "streamer-unreachable" | "vnc-unreachable" | "vnc-disabled" | "template-exists" | "group-exists" | "program-missing" | "negotiation-failed" | "limit-reached" | "quota-reached" | "server-stopping" | "file-not-found" | "file-unusable" | "upload-conflict" | "range-invalid" | "user-exists" | "user-has-sessions" | "key-exists" | "second-factor-exists";
        /** @description Body of `POST auth/second-factor/confirm`. */
        CodeGivenInput: {
            /** @description What the app shows. */
            code: components["schemas"]["SecretInput"];
        };
        /** @description One thing that is so of an object, and why. */
        Condition: {
            /** @description The stable code of a failure. */
            code?: string | null;
            /** @description What happened, why, and what to do next. */
            message: string;
            /** @description One CamelCase word for programs. */
            reason: string;
            /** @description `True`, `False` or `Unknown`. */
            status: string;
            /** @description `Ready`, `StreamerReady`, `SoundReady`, `Expired`. */
            type: string;
        };
        /** @description Body of `POST /api/v1/sessions/{id}/connect`. */
        ConnectRequestInput: {
            /** @description The name by which the others see this person; the account's if absent. */
            name?: string | null;
            /** @description The role asked for; the highest that there is to have if absent. */
            role?: components["schemas"]["RoleInput"] | null;
        };
        /** @enum {string} */
        DesiredState: "running" | "hibernated" | "terminated";
        /** @enum {string} */
        DesiredStateInput: "running" | "hibernated" | "terminated";
        /** @description The desktop at start; a viewer's window may resize it. */
        Display: {
            /**
             * @description An encoder's name, `auto`, `hardware`, `lowest-latency` or `lowest-cost`.
             * @default auto
             */
            encoder: string;
            /**
             * Format: uint16
             * @description The most frames a second.
             * @default 60
             */
            fps: number;
            /**
             * Format: uint16
             * @default 720
             */
            height: number;
            /**
             * Format: uint16
             * @description Pixels, even.
             * @default 1280
             */
            width: number;
        };
        /** @description The desktop at start; a viewer's window may resize it. */
        DisplayInput: {
            /**
             * @description An encoder's name, `auto`, `hardware`, `lowest-latency` or `lowest-cost`.
             * @default auto
             */
            encoder: string;
            /**
             * Format: uint16
             * @description The most frames a second.
             * @default 60
             */
            fps: number;
            /**
             * Format: uint16
             * @default 720
             */
            height: number;
            /**
             * Format: uint16
             * @description Pixels, even.
             * @default 1280
             */
            width: number;
        };
        EnvVar: {
            name: string;
            value: string;
        };
        EnvVarInput: {
            name: string;
            value: string;
        };
        FilePolicy: {
            /**
             * Format: uint64
             * @description What all transfers of the session together may take. The default is more than a gigabit network
             *     carries, and leaves the processors to the picture.
             * @default 150000000
             */
            bytesPerSecond: number;
            /** @default true */
            download: boolean;
            /**
             * Format: uint64
             * @description The largest file, either way.
             * @default 17179869184
             */
            maxBytes: number;
            /** @default true */
            upload: boolean;
        };
        FilePolicyInput: {
            /**
             * Format: uint64
             * @description What all transfers of the session together may take. The default is more than a gigabit network
             *     carries, and leaves the processors to the picture.
             * @default 150000000
             */
            bytesPerSecond: number;
            /** @default true */
            download: boolean;
            /**
             * Format: uint64
             * @description The largest file, either way.
             * @default 17179869184
             */
            maxBytes: number;
            /** @default true */
            upload: boolean;
        };
        /** @enum {string} */
        FormInput: "zip";
        Group: {
            /** @description By name. */
            members: string[];
            name: string;
            /** @description Of each of its members. */
            quota: components["schemas"]["Quota"];
        };
        /** @description Body of `PATCH groups/{name}`. */
        GroupChangeInput: {
            quota: components["schemas"]["QuotaInput"];
        };
        /** @description Answer of `GET groups`. */
        GroupList: {
            items: components["schemas"]["Group"][];
        };
        /** @description The answer of `POST /api/v1/sessions/{id}/connect`.
         *
         *     The token opens one WebSocket, at either address, once, within `expires_in_s`. A client that
         *     reconnects asks for another. */
        Join: {
            /** Format: uint32 */
            expiresInS: number;
            /** @description Path of the session's files on the same origin. */
            filesPath: string;
            /** @description What to offer; enforced elsewhere. */
            policy: components["schemas"]["Policy"];
            role: components["schemas"]["Role2"];
            session: components["schemas"]["SessionId"];
            /** @description Path of the signaling WebSocket on the same origin. */
            signalPath: string;
            token: components["schemas"]["Secret"];
            vnc: components["schemas"]["VncLimits"];
            /** @description Path of the VNC WebSocket on the same origin. */
            vncPath: string;
        };
        /** @description Body of `POST /api/v1/sessions/{id}/join`, which a guest sends in place of `connect`. */
        JoinRequestInput: {
            /** @description What the guest is called: 1 to 40 characters, some of which can be seen. */
            name: string;
            /** @description Less than the link grants, for who only wants to watch. */
            role?: components["schemas"]["RoleInput"] | null;
            /** @description 16 to 64 letters, digits, `-` and `_`, made up by the browser and kept: by it a guest who
             *     comes again is the same one. */
            seat: components["schemas"]["SecretInput"];
            /** @description Of the share link. */
            secret: components["schemas"]["SecretInput"];
        };
        /** @description A viewer's account of its last frames. */
        Latency: {
            /**
             * Format: uint32
             * @description How many frames the percentiles are of.
             */
            frames: number;
            /** @description Each stage once. */
            stages: components["schemas"]["StageLatency"][];
        };
        /** @description What is logged, as directives of `tracing`: `info,streamspace_api=debug`. */
        LogDirectives: {
            filter: string;
        };
        /** @description What is logged, as directives of `tracing`: `info,streamspace_api=debug`. */
        LogDirectivesInput: {
            filter: string;
        };
        /** @description Answer of `GET auth/me`. */
        Me: {
            /** @description A line that an admin has for everybody; often empty. */
            announcement: string;
            hasPassword: boolean;
            hasSecondFactor: boolean;
            /** Format: uint32 */
            recoveryCodesLeft: number;
            role: components["schemas"]["Role"];
            user: string;
        };
        Metadata: {
            /**
             * Format: date-time
             * @description RFC 3339.
             */
            creationTimestamp?: string | null;
            labels?: {
                [key: string]: string;
            };
            name: string;
            /** @description Another one after each change of the object; compared, never read. */
            resourceVersion?: string | null;
        };
        /** @description What a new key is to be. */
        NewApiKeyInput: {
            /**
             * Format: uint32
             * @description After how many seconds it ends; never if absent.
             */
            expiresInS?: number | null;
            /** @description What its user calls it; each key has a label of its own. */
            label: string;
            scope: components["schemas"]["ScopeInput"];
        };
        /** @description Body of `POST groups`. */
        NewGroupInput: {
            name: string;
            /** @default {} */
            quota: components["schemas"]["QuotaInput"];
        };
        /** @description Body of `POST auth/passkeys`: what the browser has made. */
        NewPasskeyInput: {
            authenticatorData: string;
            clientData: string;
            credential: string;
            /** @description What the caller calls it. */
            label: string;
            /** @description A SubjectPublicKeyInfo, as `getPublicKey()` gives it. */
            publicKey: string;
        };
        /** @description Body of `POST /api/v1/sessions`: what to run; the server fills in the rest. */
        NewSessionInput: {
            /** @description Program and arguments, in place of a template. */
            command?: string[] | null;
            display?: components["schemas"]["DisplayInput"] | null;
            /** @description In place of the template's or the server's. */
            idleTimeout?: components["schemas"]["TimeSpanInput"] | null;
            /** @description In place of the template's or the server's. */
            maxSessionDuration?: components["schemas"]["TimeSpanInput"] | null;
            /** @description Words to find it by. */
            tags?: string[];
            /** @description A template's name. */
            template?: string | null;
            /** @description Where `command` starts; an absolute path. */
            workingDirectory?: string | null;
        };
        /** @description Body of `POST /api/v1/sessions/{id}/shares`. */
        NewShareInput: {
            /**
             * Format: uint32
             * @description After how many seconds it ends; with the session if absent.
             */
            expiresInS?: number | null;
            /**
             * @description What its maker calls it, in a few words.
             * @default
             */
            label: string;
            role: components["schemas"]["RoleInput"];
        };
        /** @description Body of `POST templates`. */
        NewTemplateInput: {
            name: string;
            spec: components["schemas"]["TemplateSpecInput"];
        };
        /** @description Body of `POST users`. */
        NewUserInput: {
            name: string;
            role: components["schemas"]["Role2Input"];
        };
        /** @description Body of `POST auth/passkeys/start` and of removing one. */
        OwnerProofInput: {
            /** @description For who has one. */
            password?: components["schemas"]["SecretInput"] | null;
        };
        /** @description A passkey, as its owner sees it. */
        Passkey: {
            /** Format: int64 */
            createdUnixMs: number;
            id: string;
            label: string;
            /** Format: int64 */
            usedUnixMs?: number | null;
        };
        /** @description Answer of `POST auth/passkeys/challenge`. */
        PasskeyChallenge: {
            /** @description In base64url, like all bytes here. Good once, for five minutes. */
            challenge: string;
            /** @description The host that the passkey is for. */
            site: string;
        };
        /** @description Answer of `GET auth/passkeys`, the oldest first. */
        PasskeyList: {
            items: components["schemas"]["Passkey"][];
        };
        /** @description What somebody signs in with who has a passkey: nothing else. */
        PasskeySignInInput: {
            passkey: components["schemas"]["AssertionInput"];
        };
        /** @description Answer of `POST auth/passkeys/start`. */
        PasskeyStarted: {
            challenge: string;
            /** @description The caller's passkeys, so that no device makes a second one. */
            known: string[];
            site: string;
            user: components["schemas"]["PasskeyUser"];
        };
        PasskeyUser: {
            id: string;
            name: string;
        };
        /** @description A password, with a passkey as the second factor. */
        PasswordAndPasskeyInput: {
            name: string;
            passkey: components["schemas"]["AssertionInput"];
            password: components["schemas"]["SecretInput"];
        };
        /** @description Body of `PUT auth/password`. */
        PasswordChangeInput: {
            /** @description At least 12 characters, at most 1024 bytes. */
            new: components["schemas"]["SecretInput"];
            /** @description The one that the user has, if any. */
            old?: components["schemas"]["SecretInput"] | null;
        };
        /** @description Body of `POST auth/second-factor`. */
        PasswordGivenInput: {
            password: components["schemas"]["SecretInput"];
        };
        /** @description What somebody signs in with who has a password. */
        PasswordSignInInput: {
            /** @description Of the authenticator app, or a recovery code, for who has a second factor. */
            code?: components["schemas"]["SecretInput"] | null;
            name: string;
            password: components["schemas"]["SecretInput"];
        };
        /** @enum {string} */
        Phase: "Pending" | "Running" | "Hibernated" | "Failed" | "Terminated";
        /** @enum {string} */
        PhaseInput: "Pending" | "Running" | "Hibernated" | "Failed" | "Terminated";
        /** @description The policy of one session. What is left out is allowed, up to bounds that suit most. */
        Policy: {
            /** @default {
             *       "kinds": [
             *         "text",
             *         "html",
             *         "png"
             *       ],
             *       "maxBytes": 16777216,
             *       "toBrowser": true,
             *       "toSession": true
             *     } */
            clipboard: components["schemas"]["ClipboardPolicy"];
            /** @default {
             *       "bytesPerSecond": 150000000,
             *       "download": true,
             *       "maxBytes": 17179869184,
             *       "upload": true
             *     } */
            files: components["schemas"]["FilePolicy"];
        };
        /** @description The policy of one session. What is left out is allowed, up to bounds that suit most. */
        PolicyInput: {
            /** @default {
             *       "kinds": [
             *         "text",
             *         "html",
             *         "png"
             *       ],
             *       "maxBytes": 16777216,
             *       "toBrowser": true,
             *       "toSession": true
             *     } */
            clipboard: components["schemas"]["ClipboardPolicyInput"];
            /** @default {
             *       "bytesPerSecond": 150000000,
             *       "download": true,
             *       "maxBytes": 17179869184,
             *       "upload": true
             *     } */
            files: components["schemas"]["FilePolicyInput"];
        };
        Port: {
            /** Format: uint16 */
            containerPort: number;
            name: string;
            /** @default TCP */
            protocol: string;
        };
        PortInput: {
            /** Format: uint16 */
            containerPort: number;
            name: string;
            /** @default TCP */
            protocol: string;
        };
        /** @description The body of every error answer of the HTTP API (RFC 9457, `application/problem+json`). */
        Problem: {
            code: components["schemas"]["Code"];
            /** @description What happened this time, why, and what to do next. */
            detail: string;
            /** Format: uint16 */
            status: number;
            /** @description What happened, in a few words; the same for every problem of this code. */
            title: string;
            /** @description A URI reference to the description of `code`. */
            type: string;
        };
        /** @description Process ids of a session's parts on one machine. */
        Processes: {
            /** Format: uint32 */
            display?: number | null;
            /** Format: uint32 */
            program?: number | null;
            /** Format: uint32 */
            sound?: number | null;
            /** Format: uint32 */
            streamer?: number | null;
            /**
             * Format: uint32
             * @description Leads the session's process group; ending it ends all.
             */
            supervisor: number;
        };
        ProviderMethod: {
            /** @description What people call it. */
            label: string;
            /** @description Where a browser goes to sign in by it. */
            path: string;
        };
        /** @description The place of a session that waits. */
        Queue: {
            /**
             * Format: uint32
             * @description 1 is next. Beyond ten it is rounded up to two digits, so that not every session is written each time one
             *     leaves the queue.
             */
            position: number;
            /** @description What is to have room first, such as `group staff: 20 of 20 running sessions`. */
            unmet: string;
        };
        /** @description Upper bounds; what is left out is bounded elsewhere, or not at all. */
        Quota: {
            /**
             * Format: uint32
             * @description Hours of running sessions in a calendar month (UTC), those of all sessions together.
             */
            hoursAMonth?: number | null;
            /**
             * Format: uint32
             * @description Sessions that start or run at a time.
             */
            running?: number | null;
            /**
             * Format: uint32
             * @description Sessions at a time, also those that hibernate.
             */
            sessions?: number | null;
        };
        /** @description Upper bounds; what is left out is bounded elsewhere, or not at all. */
        QuotaInput: {
            /**
             * Format: uint32
             * @description Hours of running sessions in a calendar month (UTC), those of all sessions together.
             */
            hoursAMonth?: number | null;
            /**
             * Format: uint32
             * @description Sessions that start or run at a time.
             */
            running?: number | null;
            /**
             * Format: uint32
             * @description Sessions at a time, also those that hibernate.
             */
            sessions?: number | null;
        };
        /** @description Answer of `POST auth/second-factor/confirm`, the only one that holds them. */
        RecoveryCodes: {
            /** @description Each is good once, in place of the app's code. */
            recoveryCodes: components["schemas"]["Secret"][];
        };
        /** @description What takes a second factor away. Codes of the app do not: who looks over a shoulder has one. */
        RemovalProofInput: {
            password: components["schemas"]["SecretInput"];
        } | {
            recoveryCode: components["schemas"]["SecretInput"];
        };
        /** @description Amounts as Kubernetes writes them (`"2Gi"`, `"500m"`). */
        Resources: {
            cpu?: string | null;
            memory?: string | null;
        };
        /** @description Amounts as Kubernetes writes them (`"2Gi"`, `"500m"`). */
        ResourcesInput: {
            cpu?: string | null;
            memory?: string | null;
        };
        /**
         * @description What a user may do; each may all that those before may.
         *
         *     * `viewer`: Look at the catalog, and come into the sessions that others share.
         *     * `user`: Start sessions, and do everything with them.
         *     * `operator`: See, watch and end the sessions of all.
         *     * `admin`: Everything, also in the sessions of all.
         * @enum {string}
         */
        Role: "viewer" | "user" | "operator" | "admin";
        /**
         * @description What a viewer may do in a session.
         *
         *     * `view`: See and hear.
         *     * `control`: Also type, point, paste and resize.
         *     * `own`: Also say who may do what, and who has to leave.
         * @enum {string}
         */
        Role2: "view" | "control" | "own";
        /**
         * @description What a user may do; each may all that those before may.
         *
         *     * `viewer`: Look at the catalog, and come into the sessions that others share.
         *     * `user`: Start sessions, and do everything with them.
         *     * `operator`: See, watch and end the sessions of all.
         *     * `admin`: Everything, also in the sessions of all.
         * @enum {string}
         */
        Role2Input: "viewer" | "user" | "operator" | "admin";
        /**
         * @description What a viewer may do in a session.
         *
         *     * `view`: See and hear.
         *     * `control`: Also type, point, paste and resize.
         *     * `own`: Also say who may do what, and who has to leave.
         * @enum {string}
         */
        RoleInput: "view" | "control" | "own";
        /**
         * @description What a key is for; each may all that those before may, and none more than its user's role.
         *
         *     * `read`: See the catalog and what runs.
         *     * `sessions`: Start sessions, come into them with their files, share and end them.
         *     * `admin`: Everything, also what concerns accounts: users, passwords, keys.
         * @enum {string}
         */
        Scope: "read" | "sessions" | "admin";
        /**
         * @description What a key is for; each may all that those before may, and none more than its user's role.
         *
         *     * `read`: See the catalog and what runs.
         *     * `sessions`: Start sessions, come into them with their files, share and end them.
         *     * `admin`: Everything, also what concerns accounts: users, passwords, keys.
         * @enum {string}
         */
        ScopeInput: "read" | "sessions" | "admin";
        /** @description Answer of `POST auth/second-factor`. */
        SecondFactorStarted: {
            /** @description The address as a QR code: an SVG picture. */
            picture: components["schemas"]["Secret"];
            /** @description In base 32, for who types it into the app. */
            secret: components["schemas"]["Secret"];
            /** @description The same as an `otpauth:` address. */
            uri: components["schemas"]["Secret"];
        };
        /** @description A value whose `Debug` form says nothing of it: keys, tokens, SDP, clipboard. */
        Secret: string;
        /** @description A value whose `Debug` form says nothing of it: keys, tokens, SDP, clipboard. */
        SecretInput: string;
        /** @description An object, framed as Kubernetes has it. */
        Session: {
            /** @constant */
            apiVersion: "stream.space/v1alpha1";
            /** @constant */
            kind: "Session";
            metadata: components["schemas"]["Metadata"];
            spec: components["schemas"]["SessionSpec"];
            status?: components["schemas"]["SessionStatus"];
        };
        /** @description Body of `PATCH /api/v1/sessions/{id}` (RFC 7396): what is left out stays. */
        SessionChangeInput: {
            /** @description Hibernated: its programs end, its home stays. Running: it is started again. */
            state?: components["schemas"]["DesiredStateInput"] | null;
            /** @description In place of all that it has. */
            tags?: string[] | null;
            /** @description Whose it is from now on. */
            user?: string | null;
        };
        /** @description A session's name: a DNS label (RFC 1123), so that it can also name a Kubernetes object. */
        SessionId: string;
        /** @description A session's name: a DNS label (RFC 1123), so that it can also name a Kubernetes object. */
        SessionIdInput: string;
        /** @description Answer of `GET /api/v1/sessions`. */
        SessionList: {
            items: components["schemas"]["Session"][];
            /** @description Where there are more: the `after` of the next request. */
            next?: string | null;
        };
        /** @description What someone wants. */
        SessionSpec: {
            /** @description Program and arguments in place of the template's. */
            command?: string[] | null;
            /** @default {
             *       "encoder": "auto",
             *       "fps": 60,
             *       "height": 720,
             *       "width": 1280
             *     } */
            display: components["schemas"]["Display"];
            /** @description After so long without anybody's input it hibernates. */
            idleTimeout?: string | null;
            /** @description So long after its start, or after it was woken, it ends. */
            maxSessionDuration?: string | null;
            /**
             * @description Keep the home folder when the session ends.
             * @default false
             */
            persistentHome: boolean;
            /** @description In a cluster it may be stopped, and wait in the queue again, for somebody of a higher priority. */
            preemptible?: boolean;
            resources?: components["schemas"]["Resources"] | null;
            /** @default running */
            state: components["schemas"]["DesiredState"];
            /** @default [] */
            tags: string[];
            /** @description Name of the template; absent where `command` says what runs. */
            template?: string | null;
            user: string;
            /** @description Where the command starts, on one machine; the session's home if absent. */
            workingDirectory?: string | null;
        };
        /** @description The answer to `GET /api/v1/sessions/{id}/stats`. */
        SessionStats: {
            /** @description The viewers who have told of their frames, and are still there. */
            viewers: components["schemas"]["ViewerStats"][];
        };
        /** @description What is so. */
        SessionStatus: {
            /** @description Where the Pod takes gateways, `10.1.2.3:7443`; for them alone. */
            address?: string | null;
            /** @default [] */
            conditions: components["schemas"]["Condition"][];
            /**
             * Format: date-time
             * @description When somebody last did something in it, to the minute.
             */
            lastActivity?: string | null;
            phase: components["schemas"]["Phase"];
            /** @description In a cluster. */
            podName?: string | null;
            /** @description The processes of a session on one machine. */
            processes?: components["schemas"]["Processes"] | null;
            /** @description While it waits for a limit to leave it room. */
            queue?: components["schemas"]["Queue"] | null;
            /**
             * Format: date-time
             * @description Since when it runs: its start, or when it was last woken.
             */
            startedAt?: string | null;
            /** @description Path of the page that shows the session. */
            url?: string | null;
        };
        /** @description What holds for everybody. */
        Settings: {
            /**
             * @description A line that everybody sees above the page; nothing is shown if it is empty.
             * @default
             */
            announcement: string;
            /**
             * @description For who has no quota of their own and of no group.
             * @default {}
             */
            defaultQuota: components["schemas"]["Quota"];
            /**
             * @description Whether people may sign in by name and password. Links and API keys work in any case.
             * @default true
             */
            passwordSignIn: boolean;
        };
        /** @description What holds for everybody. */
        SettingsInput: {
            /**
             * @description A line that everybody sees above the page; nothing is shown if it is empty.
             * @default
             */
            announcement: string;
            /**
             * @description For who has no quota of their own and of no group.
             * @default {}
             */
            defaultQuota: components["schemas"]["QuotaInput"];
            /**
             * @description Whether people may sign in by name and password. Links and API keys work in any case.
             * @default true
             */
            passwordSignIn: boolean;
        };
        /** @description A share link, without its secret. */
        Share: {
            /** Format: int64 */
            createdUnixMs: number;
            /** Format: int64 */
            expiresUnixMs?: number | null;
            id: components["schemas"]["ShareId"];
            label: string;
            role: components["schemas"]["Role2"];
        };
        /** @description Names a share link, not its secret: 16 hexadecimal digits. */
        ShareId: string;
        /** @description Answer of `GET /api/v1/sessions/{id}/shares`, oldest first. */
        ShareList: {
            items: components["schemas"]["Share"][];
        };
        /** @description Answer of `POST /api/v1/sessions/{id}/shares`, the only one that holds the secret. */
        ShareMade: {
            /** @description Path of the page that opens the session with it. The secret is in the fragment, which browsers
             *     keep to themselves: no server, proxy or log sees it. */
            path: components["schemas"]["Secret"];
            secret: components["schemas"]["Secret"];
            share: components["schemas"]["Share"];
        };
        /** @description A browser in which somebody is signed in. */
        SignedIn: {
            /** Format: int64 */
            begunUnixMs: number;
            /** @description What it calls itself: its `User-Agent`, cut off. */
            browser: string;
            /** Format: int64 */
            expiresUnixMs: number;
            id: string;
            /** @description Whether it is the one that asks. */
            isThis: boolean;
        };
        /** @description Answer of `POST auth/logout`, for who has signed in by the identity provider. */
        SignedOut: {
            /** @description Where a browser signs out of the identity provider as well. */
            address: components["schemas"]["Secret"];
        };
        /** @description Body of `POST auth/login`. */
        SignInInput: components["schemas"]["TokenSignInInput"] | components["schemas"]["PasskeySignInInput"] | components["schemas"]["PasswordSignInInput"] | components["schemas"]["PasswordAndPasskeyInput"];
        /** @description Answer of `POST auth/link`. */
        SignInLink: {
            /** @description Path of a page that signs in with the token. It is in the fragment, which browsers keep to
             *     themselves: no server, proxy or log sees it. */
            path: components["schemas"]["Secret"];
            /** @description Good once, for ten minutes. */
            token: components["schemas"]["Secret"];
        };
        /** @description Answer of `GET auth/sign-ins`, the newest first. */
        SignInList: {
            items: components["schemas"]["SignedIn"][];
        };
        /** @description Answer of `GET auth/methods`. */
        SignInMethods: {
            /** @description The identity provider, if there is one to sign in by. */
            provider?: components["schemas"]["ProviderMethod"] | null;
        };
        /**
         * @description A part of the way. Each begins where the one before it ends.
         *
         *     * `damage`: From the X server's report of a change until the grab begins.
         *     * `grab`: Reading the changed pixels.
         *     * `convert`: From the display's pixels to the encoder's colours.
         *     * `queue`: Until the frame's last packet has left the pacer.
         *     * `network`: Until its last packet has arrived, repairs included.
         *     * `jitterBuffer`: Until the decoder has begun.
         *     * `present`: From the decoded picture until it is handed to the screen.
         *     * `total`: All of the way.
         * @enum {string}
         */
        Stage: "encode" | "decode" | "damage" | "grab" | "convert" | "queue" | "network" | "jitterBuffer" | "present" | "total";
        /** @description Percentiles of one stage, in microseconds. */
        StageLatency: {
            /** Format: uint32 */
            p50Us: number;
            /** Format: uint32 */
            p95Us: number;
            /** Format: uint32 */
            p99Us: number;
            stage: components["schemas"]["Stage"];
        };
        /** @description An object, framed as Kubernetes has it. */
        Template: {
            /** @constant */
            apiVersion: "stream.space/v1alpha1";
            /** @constant */
            kind: "Template";
            metadata: components["schemas"]["Metadata"];
            spec: components["schemas"]["TemplateSpec"];
            status?: null;
        };
        /** @description Answer of `GET templates/{id}/versions`. */
        TemplateHistory: {
            items: components["schemas"]["TemplateVersion"][];
        };
        TemplateSpec: {
            /**
             * @description The container image of the program, in a cluster.
             * @default
             */
            baseImage: string;
            /** @default [] */
            capabilities: string[];
            /** @default  */
            category: string;
            /**
             * @description Program and arguments, on one machine; in a cluster, in place of the image's own.
             * @default []
             */
            command: string[];
            defaultResources?: components["schemas"]["Resources"] | null;
            /** @default  */
            description: string;
            displayName: string;
            /** @default [] */
            env: components["schemas"]["EnvVar"][];
            /**
             * @description An emoji, or a path or address of a picture.
             * @default
             */
            icon: string;
            /** @description Of its sessions, unless they say otherwise. */
            idleTimeout?: string | null;
            maxSessionDuration?: string | null;
            /**
             * @description Debian packages that bring the program, for the message when it is missing.
             * @default []
             */
            packages: string[];
            /**
             * @description What may be carried into its sessions and out of them.
             * @default {
             *       "clipboard": {
             *         "kinds": [
             *           "text",
             *           "html",
             *           "png"
             *         ],
             *         "maxBytes": 16777216,
             *         "toBrowser": true,
             *         "toSession": true
             *       },
             *       "files": {
             *         "bytesPerSecond": 150000000,
             *         "download": true,
             *         "maxBytes": 17179869184,
             *         "upload": true
             *       }
             *     }
             */
            policy: components["schemas"]["Policy"];
            /** @default [] */
            ports: components["schemas"]["Port"][];
            /** @default [] */
            tags: string[];
            /** @default {
             *       "enabled": true
             *     } */
            vnc: components["schemas"]["Vnc"];
            /** @default [] */
            volumeMounts: components["schemas"]["VolumeMount"][];
        };
        TemplateSpecInput: {
            /**
             * @description The container image of the program, in a cluster.
             * @default
             */
            baseImage: string;
            /** @default [] */
            capabilities: string[];
            /** @default  */
            category: string;
            /**
             * @description Program and arguments, on one machine; in a cluster, in place of the image's own.
             * @default []
             */
            command: string[];
            defaultResources?: components["schemas"]["ResourcesInput"] | null;
            /** @default  */
            description: string;
            displayName: string;
            /** @default [] */
            env: components["schemas"]["EnvVarInput"][];
            /**
             * @description An emoji, or a path or address of a picture.
             * @default
             */
            icon: string;
            /** @description Of its sessions, unless they say otherwise. */
            idleTimeout?: string | null;
            maxSessionDuration?: string | null;
            /**
             * @description Debian packages that bring the program, for the message when it is missing.
             * @default []
             */
            packages: string[];
            /**
             * @description What may be carried into its sessions and out of them.
             * @default {
             *       "clipboard": {
             *         "kinds": [
             *           "text",
             *           "html",
             *           "png"
             *         ],
             *         "maxBytes": 16777216,
             *         "toBrowser": true,
             *         "toSession": true
             *       },
             *       "files": {
             *         "bytesPerSecond": 150000000,
             *         "download": true,
             *         "maxBytes": 17179869184,
             *         "upload": true
             *       }
             *     }
             */
            policy: components["schemas"]["PolicyInput"];
            /** @default [] */
            ports: components["schemas"]["PortInput"][];
            /** @default [] */
            tags: string[];
            /** @default {
             *       "enabled": true
             *     } */
            vnc: components["schemas"]["VncInput"];
            /** @default [] */
            volumeMounts: components["schemas"]["VolumeMountInput"][];
        };
        /** @description One state that a template was saved in. */
        TemplateVersion: {
            /** @description From this version on it was no longer in the catalog. */
            isRemoval: boolean;
            /** @description Who saved it, and when. */
            savedBy?: string | null;
            /** Format: int64 */
            savedUnixMs?: number | null;
            /**
             * Format: uint32
             * @description 0 is the one that came with StreamSpace, or that a file holds.
             */
            version: number;
        };
        /** @description A span of whole seconds, written with units `d`, `h`, `m` and `s`, largest first. */
        TimeSpanInput: string;
        /** @description What somebody signs in with who has a link. */
        TokenSignInInput: {
            /** @description A one-time sign-in token. */
            token: components["schemas"]["SecretInput"];
        };
        /** @description What somebody has and uses. */
        Usage: {
            quota: components["schemas"]["Quota"];
            /** Format: uint32 */
            running: number;
            /**
             * Format: uint64
             * @description In this calendar month (UTC), of all sessions together; up to half a minute behind.
             */
            runningSecondsThisMonth: number;
            /**
             * Format: uint32
             * @description Also those that hibernate.
             */
            sessions: number;
        };
        User: {
            name: string;
            role: components["schemas"]["Role"];
        };
        /** @description Body of `PATCH users/{name}`. */
        UserChangeInput: {
            role: components["schemas"]["Role2Input"];
        };
        /** @description Answer of `GET users`. */
        UserList: {
            items: components["schemas"]["User"][];
        };
        /** @description Answer of `GET users/{name}/quota`. */
        UserQuota: {
            /** @description What holds: each bound is their own, or the most generous of their groups, or the one for everybody. */
            effective: components["schemas"]["Quota"];
            /** @description The user's own. */
            own: components["schemas"]["Quota"];
        };
        /** @description Answer of `GET version`. */
        Version: {
            /**
             * Format: uint32
             * @description Of the messages between browser, gateway and streamer.
             */
            protocol: number;
            /** @description Of the program. */
            version: string;
        };
        /**
         * Format: uint32
         * @description One browser tab watching one session; unique within the session, given by the gateway.
         */
        ViewerId: number;
        /** @description What one viewer tells of its last frames, from the change on the display to its own picture. */
        ViewerStats: {
            /**
             * Format: date-time
             * @description When it told so.
             */
            at: string;
            latency: components["schemas"]["Latency"];
            viewer: components["schemas"]["ViewerId"];
        };
        /** @description The VNC fallback. */
        Vnc: {
            /** @default true */
            enabled: boolean;
            /**
             * Format: uint32
             * @description The most bytes a second that a viewer gets, at least 16384.
             */
            maxBytesPerSecond?: number | null;
            /**
             * Format: uint8
             * @description The most of noVNC's quality levels that a viewer gets, 0 to 9.
             */
            quality?: number | null;
        };
        /** @description The VNC fallback. */
        VncInput: {
            /** @default true */
            enabled: boolean;
            /**
             * Format: uint32
             * @description The most bytes a second that a viewer gets, at least 16384.
             */
            maxBytesPerSecond?: number | null;
            /**
             * Format: uint8
             * @description The most of noVNC's quality levels that a viewer gets, 0 to 9.
             */
            quality?: number | null;
        };
        /** @description What a session's template allows of VNC. */
        VncLimits: {
            enabled: boolean;
            /**
             * Format: uint32
             * @description The most bytes a second to one viewer.
             */
            maxBytesPerSecond?: number | null;
            /**
             * Format: uint8
             * @description The most of noVNC's quality levels, 0 to 9.
             */
            maxQuality?: number | null;
        };
        VolumeMount: {
            mountPath: string;
            name: string;
        };
        VolumeMountInput: {
            mountPath: string;
            name: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type ApiKey = components['schemas']['ApiKey'];
export type ApiKeyList = components['schemas']['ApiKeyList'];
export type ApiKeyMade = components['schemas']['ApiKeyMade'];
export type AssertionInput = components['schemas']['AssertionInput'];
export type AuditEvent = components['schemas']['AuditEvent'];
export type AuditList = components['schemas']['AuditList'];
export type BatchActionInput = components['schemas']['BatchActionInput'];
export type BatchAnswer = components['schemas']['BatchAnswer'];
export type BatchInput = components['schemas']['BatchInput'];
export type BatchItem = components['schemas']['BatchItem'];
export type Catalog = components['schemas']['Catalog'];
export type CatalogProblem = components['schemas']['CatalogProblem'];
export type ClipboardKind = components['schemas']['ClipboardKind'];
export type ClipboardKindInput = components['schemas']['ClipboardKindInput'];
export type ClipboardPolicy = components['schemas']['ClipboardPolicy'];
export type ClipboardPolicyInput = components['schemas']['ClipboardPolicyInput'];
export type Code = components['schemas']['Code'];
export type CodeGivenInput = components['schemas']['CodeGivenInput'];
export type Condition = components['schemas']['Condition'];
export type ConnectRequestInput = components['schemas']['ConnectRequestInput'];
export type DesiredState = components['schemas']['DesiredState'];
export type DesiredStateInput = components['schemas']['DesiredStateInput'];
export type Display = components['schemas']['Display'];
export type DisplayInput = components['schemas']['DisplayInput'];
export type EnvVar = components['schemas']['EnvVar'];
export type EnvVarInput = components['schemas']['EnvVarInput'];
export type FilePolicy = components['schemas']['FilePolicy'];
export type FilePolicyInput = components['schemas']['FilePolicyInput'];
export type FormInput = components['schemas']['FormInput'];
export type Group = components['schemas']['Group'];
export type GroupChangeInput = components['schemas']['GroupChangeInput'];
export type GroupList = components['schemas']['GroupList'];
export type Join = components['schemas']['Join'];
export type JoinRequestInput = components['schemas']['JoinRequestInput'];
export type Latency = components['schemas']['Latency'];
export type LogDirectives = components['schemas']['LogDirectives'];
export type LogDirectivesInput = components['schemas']['LogDirectivesInput'];
export type Me = components['schemas']['Me'];
export type Metadata = components['schemas']['Metadata'];
export type NewApiKeyInput = components['schemas']['NewApiKeyInput'];
export type NewGroupInput = components['schemas']['NewGroupInput'];
export type NewPasskeyInput = components['schemas']['NewPasskeyInput'];
export type NewSessionInput = components['schemas']['NewSessionInput'];
export type NewShareInput = components['schemas']['NewShareInput'];
export type NewTemplateInput = components['schemas']['NewTemplateInput'];
export type NewUserInput = components['schemas']['NewUserInput'];
export type OwnerProofInput = components['schemas']['OwnerProofInput'];
export type Passkey = components['schemas']['Passkey'];
export type PasskeyChallenge = components['schemas']['PasskeyChallenge'];
export type PasskeyList = components['schemas']['PasskeyList'];
export type PasskeySignInInput = components['schemas']['PasskeySignInInput'];
export type PasskeyStarted = components['schemas']['PasskeyStarted'];
export type PasskeyUser = components['schemas']['PasskeyUser'];
export type PasswordAndPasskeyInput = components['schemas']['PasswordAndPasskeyInput'];
export type PasswordChangeInput = components['schemas']['PasswordChangeInput'];
export type PasswordGivenInput = components['schemas']['PasswordGivenInput'];
export type PasswordSignInInput = components['schemas']['PasswordSignInInput'];
export type Phase = components['schemas']['Phase'];
export type PhaseInput = components['schemas']['PhaseInput'];
export type Policy = components['schemas']['Policy'];
export type PolicyInput = components['schemas']['PolicyInput'];
export type Port = components['schemas']['Port'];
export type PortInput = components['schemas']['PortInput'];
export type Problem = components['schemas']['Problem'];
export type Processes = components['schemas']['Processes'];
export type ProviderMethod = components['schemas']['ProviderMethod'];
export type Queue = components['schemas']['Queue'];
export type Quota = components['schemas']['Quota'];
export type QuotaInput = components['schemas']['QuotaInput'];
export type RecoveryCodes = components['schemas']['RecoveryCodes'];
export type RemovalProofInput = components['schemas']['RemovalProofInput'];
export type Resources = components['schemas']['Resources'];
export type ResourcesInput = components['schemas']['ResourcesInput'];
export type Role = components['schemas']['Role'];
export type Role2 = components['schemas']['Role2'];
export type Role2Input = components['schemas']['Role2Input'];
export type RoleInput = components['schemas']['RoleInput'];
export type Scope = components['schemas']['Scope'];
export type ScopeInput = components['schemas']['ScopeInput'];
export type SecondFactorStarted = components['schemas']['SecondFactorStarted'];
export type Secret = components['schemas']['Secret'];
export type SecretInput = components['schemas']['SecretInput'];
export type Session = components['schemas']['Session'];
export type SessionChangeInput = components['schemas']['SessionChangeInput'];
export type SessionId = components['schemas']['SessionId'];
export type SessionIdInput = components['schemas']['SessionIdInput'];
export type SessionList = components['schemas']['SessionList'];
export type SessionSpec = components['schemas']['SessionSpec'];
export type SessionStats = components['schemas']['SessionStats'];
export type SessionStatus = components['schemas']['SessionStatus'];
export type Settings = components['schemas']['Settings'];
export type SettingsInput = components['schemas']['SettingsInput'];
export type Share = components['schemas']['Share'];
export type ShareId = components['schemas']['ShareId'];
export type ShareList = components['schemas']['ShareList'];
export type ShareMade = components['schemas']['ShareMade'];
export type SignedIn = components['schemas']['SignedIn'];
export type SignedOut = components['schemas']['SignedOut'];
export type SignInInput = components['schemas']['SignInInput'];
export type SignInLink = components['schemas']['SignInLink'];
export type SignInList = components['schemas']['SignInList'];
export type SignInMethods = components['schemas']['SignInMethods'];
export type Stage = components['schemas']['Stage'];
export type StageLatency = components['schemas']['StageLatency'];
export type Template = components['schemas']['Template'];
export type TemplateHistory = components['schemas']['TemplateHistory'];
export type TemplateSpec = components['schemas']['TemplateSpec'];
export type TemplateSpecInput = components['schemas']['TemplateSpecInput'];
export type TemplateVersion = components['schemas']['TemplateVersion'];
export type TimeSpanInput = components['schemas']['TimeSpanInput'];
export type TokenSignInInput = components['schemas']['TokenSignInInput'];
export type Usage = components['schemas']['Usage'];
export type User = components['schemas']['User'];
export type UserChangeInput = components['schemas']['UserChangeInput'];
export type UserList = components['schemas']['UserList'];
export type UserQuota = components['schemas']['UserQuota'];
export type Version = components['schemas']['Version'];
export type ViewerId = components['schemas']['ViewerId'];
export type ViewerStats = components['schemas']['ViewerStats'];
export type Vnc = components['schemas']['Vnc'];
export type VncInput = components['schemas']['VncInput'];
export type VncLimits = components['schemas']['VncLimits'];
export type VolumeMount = components['schemas']['VolumeMount'];
export type VolumeMountInput = components['schemas']['VolumeMountInput'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
