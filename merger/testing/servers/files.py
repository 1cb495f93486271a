"""SFTP and S3: places for files, as real servers."""

import http.client
import socket
import sys
from pathlib import Path
from urllib.request import Request, urlopen

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from merger.testing.servers.processes import hand_over, unprivileged
from merger.testing.servers.server import HOST, Server

_PATIENCE = 5.0


class Sftp(Server):
    """OpenSSH's server, for files alone. Its user is `user`, let in by the private key in the file `key`.

    `files` is the folder in which a client begins; what lies there is what the server shows.
    """

    kind = "sftp"
    host = HOST

    @property
    def user(self) -> str:
        """The account of the server: the one that runs it."""
        return unprivileged() or self.files.owner()

    @property
    def files(self) -> Path:
        """The folder in which a client begins, as it is seen on this machine."""
        return self._data

    @property
    def key(self) -> Path:
        """The client's private key, in OpenSSH's form, without passphrase."""
        return self.folder / "client_key"

    @property
    def known_hosts(self) -> Path:
        """The file by which a client knows the server."""
        return self.folder / "known_hosts"

    def stop(self) -> None:
        """Ends it with every connection; there is nothing to lose."""
        self.kill()

    def _initialise(self) -> None:
        self._data.mkdir()
        host, client = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self._write("host_key", _private(host))
        self._write("client_key", _private(client))
        self._write("authorized_keys", _public(client))
        self._write("host_key.pub", _public(host))
        hand_over(self._data, self.folder / "host_key", self.folder / "authorized_keys")

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(text, "utf-8")

    def _command(self) -> list[str | Path]:
        host = (self.folder / "host_key.pub").read_text("utf-8")
        self.known_hosts.write_text(f"[{HOST}]:{self.port} {host}", "utf-8")
        options = {
            "Port": self.port,
            "ListenAddress": HOST,
            "HostKey": self.folder / "host_key",
            "AuthorizedKeysFile": self.folder / "authorized_keys",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "AllowTcpForwarding": "no",
            "MaxStartups": 100,
            "Subsystem": "sftp internal-sftp",
            "ForceCommand": f"internal-sftp -d {self.files}",
        } | self.settings
        told = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        return [self._program, "-D", "-e", "-f", "/dev/null", *told]

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), _PATIENCE) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def _user(self) -> str:
        return unprivileged()


class S3(Server):
    """An S3 endpoint in memory (moto's server): it takes any key, and forgets all when it ends."""

    kind = "s3"
    access_key = "merger"
    region = "us-east-1"

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://{HOST}:{self.port}"

    @property
    def secret_key(self) -> str:
        return self.secret

    def create(self, bucket: str) -> str:
        """Makes an empty bucket and gives its name."""
        with urlopen(Request(f"{self.url}/{bucket}", method="PUT"), timeout=_PATIENCE):
            return bucket

    def _initialise(self) -> None:
        return

    def _command(self) -> list[str | Path]:
        return [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(self.port)]

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_PATIENCE)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _user(self) -> str:
        return ""


def _private(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + "\n"
