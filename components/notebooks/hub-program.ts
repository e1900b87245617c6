/** The hub's configuration as it reads it: a fixed program, and beside it all that follows from the settings. */

export const programFile = "jupyterhub_config.py";
export const settingsFile = "settings.json";

/** Where both are mounted. */
export const configurationFolder = "/etc/jupyterhub";

/**
 * Sets every trait that the JSON names. What stands here is what JSON cannot say: secrets, authorities beside the public
 * ones, and the account of the first administrator, which is there before the hub answers anybody.
 */
export const program = `import json
import os
import tempfile
from pathlib import Path

settings = json.loads(Path(__file__).with_name("${settingsFile}").read_text())
for section, traits in settings["traits"].items():
    for trait, value in traits.items():
        c[section][trait] = value

c.JupyterHub.cookie_secret = os.environ["COOKIE_SECRET"].encode()
c.CryptKeeper.keys = [os.environ["CRYPT_KEY"].encode()]

if settings["login"] == "realm":
    c.GenericOAuthenticator.client_secret = os.environ["CLIENT_SECRET"]

if "authorities" in settings:
    bundle = Path(tempfile.gettempdir()) / "authorities.pem"
    bundle.write_text("\\n".join(Path(path).read_text() for path in settings["authorities"]))
    c.OAuthenticator.http_request_kwargs = {"ca_certs": str(bundle)}

if settings["login"] == "signup":
    import nativeauthenticator

    class SeededAuthenticator(nativeauthenticator.NativeAuthenticator):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            name = os.environ["ADMINISTRATOR"]
            if not self.user_exists(name) and not self.create_user(name, os.environ["ADMINISTRATOR_PASSWORD"]):
                raise RuntimeError(f"the account of {name} could not be made")

    c.JupyterHub.authenticator_class = SeededAuthenticator
    c.JupyterHub.template_paths = [str(Path(nativeauthenticator.__file__).with_name("templates"))]
`;
