import { X509Certificate } from "node:crypto";
import type { RequestListener } from "node:http";
import type { ServerCertificate } from "../http/certificates.ts";
import { type Listening, listen } from "../http/listening.ts";
import type { AppRegistration, RecordedSignIn, SignInOptions } from "./app-registration.ts";
import { createIssuedTokens, type IssuedTokens } from "./issued-tokens.ts";
import { createResources } from "./resources.ts";
import { createSignInListener } from "./sign-in-server.ts";

/** A simulated Entra that accepts requests. */
export interface SignIn extends Listening {
    readonly tokens: IssuedTokens;
    /** Answers the requests that come in on another port. */
    readonly listener: RequestListener;
}

/** The parts of the simulator that the sign-in uses. */
export interface SignInSurroundings {
    host: string;
    certificate: ServerCertificate;
    /** Milliseconds since the epoch. */
    now: () => number;
    /** The clock of the clients; it differs from `now` when time stands still. */
    clientNow: () => number;
    /** Called just before the answer to an attempt to sign in goes out. */
    record: (signIn: RecordedSignIn) => void;
}

/** Starts the sign-in over TLS on a free port. Throws when an app's certificate is not a certificate. */
export async function startSignIn(options: SignInOptions, surroundings: SignInSurroundings): Promise<SignIn> {
    const { apps, audience, tokenLifetimeSeconds = 3_600, onSignIn } = options;
    const { host, certificate, now, clientNow, record } = surroundings;
    const named = audience === undefined ? {} : { audience };
    const tokens = await createIssuedTokens({ lifetimeSeconds: tokenLifetimeSeconds, ...named, now });
    let port: string | undefined;
    const listener = createSignInListener({
        directory: { apps: apps.map(registered), findResource: createResources(audience), now, clientNow },
        tokens,
        port: () => port,
        onAnswer(signIn) {
            record(signIn);
            onSignIn?.(signIn);
        },
    });
    const listening = await listen(listener, { host, port: 0, certificate });
    port = new URL(listening.url).port;
    return { tokens, listener, ...listening };
}

/** The app with only the certificate of its PEM, which may also contain the key. */
function registered(app: AppRegistration): AppRegistration {
    return app.certificate === undefined
        ? app
        : { ...app, certificate: new X509Certificate(app.certificate).toString() };
}
