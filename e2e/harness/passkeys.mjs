// A device that holds passkeys, as Chromium's tools make one.

export class Passkeys {
  /** A device that is plugged into this page's browser, whose owner agrees to everything. */
  static async plugIn(page, options = {}) {
    const passkeys = new Passkeys();
    passkeys.devtools = await page.context().newCDPSession(page);
    await passkeys.devtools.send("WebAuthn.enable");
    const { authenticatorId } = await passkeys.devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        ...options,
      },
    });
    passkeys.authenticatorId = authenticatorId;
    return passkeys;
  }

  /** What it holds; each can be put into another one. */
  async all() {
    const { authenticatorId } = this;
    return (await this.devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  }

  async add(credential) {
    const { authenticatorId } = this;
    await this.devtools.send("WebAuthn.addCredential", { authenticatorId, credential });
  }

  async clear() {
    const { authenticatorId } = this;
    await this.devtools.send("WebAuthn.clearCredentials", { authenticatorId });
  }

  /** Whether its owner is recognised. */
  async recognise(isUserVerified) {
    const { authenticatorId } = this;
    await this.devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  }
}
